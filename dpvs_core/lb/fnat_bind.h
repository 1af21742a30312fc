/* fnat_bind.h - a FULLNAT connection's beginning and end (rows of fwd_fnat.c). */
#ifndef DPVS_LB_FNAT_BIND_H
#define DPVS_LB_FNAT_BIND_H

#include "lb/fwd.h"

enum verdict fnat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                       const struct dest *d, struct conn *c);
void fnat_unbind(struct worker *w, struct conn *c);

#endif
