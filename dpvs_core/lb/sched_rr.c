/* sched_rr.c - round robin ("rr"): the dests in turn, weight only tells who takes part.
 *
 * One position for all workers, so few connections spread evenly too: a relaxed atomic addition a
 * new connection, on a line of its own. O(1), O(n) where dests are quiesced or full.
 */
#include "lb/sched.h"
#include "worker/worker.h"

static const struct dest *rr_pick(struct worker *w, const struct service *s)
{
    for (uint32_t tries = 0; tries < s->n_dests; tries++) {
        uint32_t at = __atomic_fetch_add(&s->live->position, 1, __ATOMIC_RELAXED);
        const struct dest *d = &s->dest[at % s->n_dests];

        if (dest_usable(w, d))
            return d;
    }
    return NULL;
}

const struct sched_ops sched_rr = { .name = "rr", .pick = rr_pick };
