/* sched_position.h - whose turn it is at a service, for all workers together.
 *
 * One worker alone moves it without a locked operation, which would wait until all that is written
 * on its way is in the cache: new connections write to far lines just before.
 */
#ifndef DPVS_LB_SCHED_POSITION_H
#define DPVS_LB_SCHED_POSITION_H

#include "lb/service.h"
#include "worker/worker.h"

/* The position as it was, before `n` more (less: modulo 2^32). */
static inline uint32_t sched_move(const struct worker *w, const struct service *s, uint32_t n)
{
    uint32_t *position = &s->live->position, was;

    if (w->core->conf.n_workers > 1)
        return __atomic_fetch_add(position, n, __ATOMIC_RELAXED);
    was = __atomic_load_n(position, __ATOMIC_RELAXED);
    __atomic_store_n(position, was + n, __ATOMIC_RELAXED);
    return was;
}

#endif
