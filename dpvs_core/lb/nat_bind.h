/* nat_bind.h - beginnings of NAT's and SNAT's connections, whatever the protocol (rows of
 * fwd_nat.c, fwd_snat.c, fwd_sctp.c). SNAT's end as FULLNAT's (fnat_bind.h). */
#ifndef DPVS_LB_NAT_BIND_H
#define DPVS_LB_NAT_BIND_H

#include "lb/fwd.h"

enum verdict nat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                      const struct dest *d, struct conn *c);
void nat_unbind(struct worker *w, struct conn *c);
enum verdict snat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                       const struct dest *d, struct conn *c);

#endif
