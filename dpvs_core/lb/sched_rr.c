/* sched_rr.c - round robin ("rr"): the dests in turn, weight only tells who takes part.
 *
 * One position for all workers, so few connections spread evenly too: one addition a new connection
 * (sched_position.h), on a line of its own. O(1), O(n) where dests are full. Services with quiesced
 * dests list the others when they are built, 2 bytes a dest.
 */
#include "lb/sched.h"
#include "lb/sched_index.h"
#include "lb/sched_limit.h"
#include "lb/sched_position.h"

struct rr_plan {
    uint32_t n;
    struct index_array dest;    /* that have weight */
};

static bool rr_prepare(struct core *core, struct service *s)
{
    struct rr_plan *plan;
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n_dests; i++)
        n += s->dest[i].weight != 0;
    if (n == s->n_dests)
        return true;
    plan = core->env.ops->zalloc(sizeof(*plan) + index_bytes(s->n_dests, n));
    if (!plan)
        return false;
    plan->dest = index_array(s->n_dests, plan + 1);
    for (uint32_t i = 0; i < s->n_dests; i++)
        if (s->dest[i].weight)
            index_set(&plan->dest, plan->n++, i);
    s->plan = plan;
    return true;
}

static void rr_release(struct core *core, struct service *s)
{
    core->env.ops->free(s->plan);
}

static const struct dest *dest_at(const struct service *s, uint32_t at)
{
    const struct rr_plan *plan = s->plan;

    return &s->dest[plan ? index_get(&plan->dest, at) : at];
}

/* The one whose turn it is has no room: the next that has, and the position behind it. */
static const struct dest *next_open(struct worker *w, const struct service *s, uint32_t at,
                                    uint32_t n)
{
    if (sched_known_full(w, s))
        return NULL;
    for (uint32_t ahead = 1; ahead < n; ahead++) {
        const struct dest *d = dest_at(s, (at + ahead) % n);

        if (dest_take(w, d)) {
            sched_move(w, s, ahead);
            return d;
        }
    }
    sched_note_full(w, s);
    return NULL;
}

static const struct dest *rr_pick(struct worker *w, const struct service *s)
{
    const struct rr_plan *plan = s->plan;
    const uint32_t n = plan ? plan->n : s->n_dests;
    const struct dest *d;
    uint32_t at;

    if (unlikely(!n))
        return NULL;
    at = sched_move(w, s, 1) % n;
    d = dest_at(s, at);
    if (likely(dest_take(w, d)))
        return d;
    d = next_open(w, s, at, n);
    if (!d)
        sched_move(w, s, -1u); /* nobody had the turn */
    return d;
}

static const struct dest *rr_turn(const struct service *s)
{
    const struct rr_plan *plan = s->plan;
    const uint32_t n = plan ? plan->n : s->n_dests;

    return n ? dest_at(s, __atomic_load_n(&s->live->position, __ATOMIC_RELAXED) % n) : NULL;
}

const struct sched_ops sched_rr = {
    .name = "rr", .prepare = rr_prepare, .release = rr_release, .pick = rr_pick, .turn = rr_turn,
};
