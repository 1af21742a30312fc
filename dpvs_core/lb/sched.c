/* sched.c - the table of schedulers, and what every change of a dest's load brings about. */
#include "lb/sched.h"

#include "lb/sched_limit.h"
#include "lb/sched_wlc.h"
#include "worker/worker.h"

const struct sched_ops *const sched_table[CORE_N_SCHEDS] = {
    [CORE_SCHED_RR] = &sched_rr,
    [CORE_SCHED_WRR] = &sched_wrr,
    [CORE_SCHED_WLC] = &sched_wlc,
};

void sched_load_changed(struct worker *w, uint32_t dest_id)
{
    struct dest_count *count = &w->dest_count[dest_id];

    if (unlikely(count->limited))
        limit_sync(w, dest_id);
    if (count->seat_epoch == w->lb->serial && count->seat)
        wlc_load_changed(w, count);
}

void sched_undo(struct worker *w, const struct dest *d)
{
    if (d->upper_threshold)
        limit_undo(w, d->id);
}

bool sched_known_full(const struct worker *w, const struct service *s)
{
    return w->full_service == s && w->full_loop == w->stats.loops;
}

void sched_note_full(struct worker *w, const struct service *s)
{
    w->full_service = s;
    w->full_loop = w->stats.loops;
}
