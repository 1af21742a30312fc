/* one_way.h - connections whose answers do not pass here (DR, tunnel): made and ended. */
#ifndef DPVS_LB_ONE_WAY_H
#define DPVS_LB_ONE_WAY_H

#include "lb/fwd.h"

enum verdict one_way_bind(struct worker *w, const struct pkt *p, const struct service *s,
                          const struct dest *d, struct conn *c);
void one_way_unbind(struct worker *w, struct conn *c);

#endif
