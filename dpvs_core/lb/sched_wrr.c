/* sched_wrr.c - weighted round robin ("wrr"), in LVS's order (sched_turns.h).
 *
 * One turn counter for all workers, as in rr. O(log n); O(n) where the dest whose turn it is has
 * no room: then the next turn of one that has.
 */
#include "lb/sched.h"
#include "lb/sched_limit.h"
#include "lb/sched_position.h"
#include "lb/sched_turns.h"
#include "worker/worker.h"

enum { MAX_RACES = 4 };         /* others may take the last place of what was found */

static bool wrr_prepare(struct core *core, struct service *s)
{
    uint32_t i = 0;

    while (i < s->n_dests && !s->dest[i].weight)
        i++;
    if (i == s->n_dests)
        return true;            /* nobody gets anything */
    s->plan = turns_build(&core->env, s->dest, s->n_dests);
    return s->plan != NULL;
}

static void wrr_release(struct core *core, struct service *s)
{
    core->env.ops->free(s->plan);
}

/* The first with room that the pass serves, from dest `from` on; n_dests: none. The most passes
 * of any dest with room goes to *most. */
static uint32_t first_open(const struct worker *w, const struct service *s, uint32_t pass,
                           uint32_t from, uint32_t *most)
{
    uint32_t found = s->n_dests;

    *most = 0;
    for (uint32_t i = 0; i < s->n_dests && found == s->n_dests; i++) {
        const uint32_t passes = turns_passes(s->plan, &s->dest[i]);

        if (!dest_is_open(w, &s->dest[i]))
            continue;
        *most = RTE_MAX(*most, passes);
        if (i >= from && passes >= pass)
            found = i;
    }
    return found;
}

/* The next turn of a dest with room after turn `at`; n_turns: none has. Each dest is in all passes
 * up to its weight, so it is in this pass or in the highest that one with room is in below it. */
static uint32_t next_open(const struct worker *w, const struct service *s, uint32_t at)
{
    const struct turns *t = s->plan;
    const struct turn now = turns_at(t, at);
    uint32_t most, pass = now.pass;
    uint32_t i = first_open(w, s, pass, now.dest + 1, &most);

    if (i < s->n_dests)
        return turns_find(t, pass, i);
    if (!most)
        return t->n_turns;
    pass = pass > 1 ? RTE_MIN(pass - 1, most) : most;
    i = first_open(w, s, pass, 0, &most);
    return i < s->n_dests ? turns_find(t, pass, i) : t->n_turns;
}

static const struct dest *wrr_skip(struct worker *w, const struct service *s, uint32_t at)
{
    const struct turns *t = s->plan;
    uint32_t skipped = 0;

    if (sched_known_full(w, s))
        return NULL;
    for (unsigned races = 0; races < MAX_RACES; races++) {
        const uint32_t next = next_open(w, s, at);
        const struct dest *d;

        if (next == t->n_turns)
            break;
        skipped += next > at ? next - at : next + t->n_turns - at;
        at = next;
        d = &s->dest[turns_at(t, at).dest];
        if (dest_take(w, d)) {
            sched_move(w, s, skipped);
            return d;
        }
    }
    sched_note_full(w, s);
    return NULL;
}

static const struct dest *wrr_pick(struct worker *w, const struct service *s)
{
    const struct turns *t = s->plan;
    const struct dest *d;
    uint32_t at;

    if (unlikely(!t))
        return NULL;
    at = sched_move(w, s, 1) % t->n_turns;
    d = &s->dest[turns_at(t, at).dest];
    if (likely(dest_take(w, d)))
        return d;
    d = wrr_skip(w, s, at);
    if (!d)
        sched_move(w, s, -1u); /* nobody had the turn */
    return d;
}

const struct sched_ops sched_wrr = {
    .name = "wrr", .prepare = wrr_prepare, .release = wrr_release, .pick = wrr_pick,
};
