/* sched.c - the table of schedulers. */
#include "lb/sched.h"

#include "worker/worker.h"

const struct sched_ops *const sched_table[CORE_N_SCHEDS] = {
    [CORE_SCHED_RR] = &sched_rr,
    [CORE_SCHED_WRR] = &sched_wrr,
    [CORE_SCHED_WLC] = &sched_wlc,
};

bool dest_usable(const struct worker *w, const struct dest *d)
{
    if (!d->weight)
        return false;
    return !d->upper_threshold ||
           __atomic_load_n(&w->core->dest_live[d->id].conns, __ATOMIC_RELAXED) < d->upper_threshold;
}
