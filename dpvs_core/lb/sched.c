/* sched.c - the table of schedulers. */
#include "lb/sched.h"

#include "worker/worker.h"

const struct sched_ops *const sched_table[CORE_N_SCHEDS] = {
    [CORE_SCHED_RR] = &sched_rr,
    [CORE_SCHED_WRR] = &sched_wrr,
    [CORE_SCHED_WLC] = &sched_wlc,
};

/* Of all workers; others' counters may be a packet behind, so a limit can be passed by as many. */
static uint32_t dest_conns(const struct worker *w, const struct dest *d)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->core->conf.n_workers; i++) {
        const struct dest_count *c = &w->core->worker[i]->dest_count[d->id];

        n += c->active + c->inactive;
    }
    return n;
}

bool dest_usable(const struct worker *w, const struct dest *d)
{
    if (!d->weight)
        return false;
    return !d->upper_threshold || dest_conns(w, d) < d->upper_threshold;
}
