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

/* Full at the upper threshold; open again below the lower one (LVS's ipvsadm -x, -y). */
static bool below_threshold(struct worker *w, const struct dest *d)
{
    struct dest_count *count = &w->dest_count[d->id];
    const uint32_t n = dest_conns(w, d);

    count->overload = n >= (count->overload ? d->lower_threshold : d->upper_threshold);
    return !count->overload;
}

bool dest_usable(struct worker *w, const struct dest *d)
{
    return d->weight && (!d->upper_threshold || below_threshold(w, d));
}

void sched_load_changed(struct worker *w, uint32_t dest_id)
{
    (void)w;
    (void)dest_id;
}

bool dest_enter(struct worker *w, const struct dest *d)
{
    (void)w;
    (void)d;
    return false;
}

void dest_leave(struct worker *w, uint32_t dest_id)
{
    (void)w;
    (void)dest_id;
}
