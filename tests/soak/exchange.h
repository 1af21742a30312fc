/* exchange.h - a batch through the core: in, turns of all threads in any order, out. What goes in
 * alone follows, visit by visit. The core's own count says how many connections each part began. */
#ifndef SOAK_EXCHANGE_H
#define SOAK_EXCHANGE_H

#include "batch.h"
#include "dpvs_core.h"
#include "random.h"
#include "scene.h"

/* Everything the core sends is taken and sorted into the batch; afterwards it holds no packet.
 * At least `n_rounds` rounds of turns, and until nobody has anything to do; so after each part. */
void exchange(struct core *core, const struct scene *s, struct random *random, struct batch *b,
              unsigned n_rounds);

#endif
