/* sched_wlc.c - weighted least connection ("wlc").
 *
 * The dest with the smallest load / weight, load = 256 * active + inactive connections as in LVS;
 * fractions are compared by cross products. The load is this worker's own plus what the others had
 * at most 10 ms ago. O(n) in the dests.
 */
#include "lb/sched.h"
#include "worker/worker.h"

enum { OTHERS_MAX_AGE_MS = 10 };

static uint32_t own_load(const struct dest_count *c)
{
    return 256 * c->active + c->inactive;
}

static uint64_t load(struct worker *w, const struct dest *d)
{
    struct dest_count *mine = &w->dest_count[d->id];
    const struct core *core = w->core;

    if (core->conf.n_workers > 1 && w->now_ms - mine->others_ms >= OTHERS_MAX_AGE_MS) {
        mine->others_ms = w->now_ms;
        mine->others_load = 0;
        for (uint32_t i = 0; i < core->conf.n_workers; i++)
            if (i != w->id)
                mine->others_load += own_load(&core->worker[i]->dest_count[d->id]);
    }
    return (uint64_t)own_load(mine) + mine->others_load;
}

static const struct dest *wlc_pick(struct worker *w, const struct service *s)
{
    const struct dest *least = NULL;
    uint64_t least_load = 0;

    for (uint32_t i = 0; i < s->n_dests; i++) {
        const struct dest *d = &s->dest[i];

        if (!dest_usable(w, d))
            continue;
        const uint64_t mine = load(w, d);
        if (!least || mine * least->weight < least_load * d->weight) {
            least = d;
            least_load = mine;
        }
    }
    return least;
}

const struct sched_ops sched_wlc = { .name = "wlc", .pick = wlc_pick };
