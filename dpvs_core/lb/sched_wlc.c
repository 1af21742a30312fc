/* sched_wlc.c - weighted least connection ("wlc").
 *
 * The dest with the smallest load / weight, load = 256 * active + inactive connections as in LVS;
 * fractions are compared by cross products, the first in the list wins a tie. The load is this
 * worker's own plus what the others had at most 10 ms ago.
 *
 * Each worker has a tournament over the dests: who wins between two is written above them, so the
 * pick is at the top, and a changed load is played again on its way up. O(1) a pick, O(log n) a
 * changed load. All is played anew, O(n * workers), at a worker's first pick after a publication
 * and when the others' loads have become old. Dests without weight or room never win.
 *
 * A worker finds a dest's place by its own counters (dest_count.seat), good only under the set of
 * services in which it took the place: a seat from before may point to what is freed, and is not
 * looked at. Memory: 20 bytes a dest and worker, made with the service; a worker writes its own
 * tree only, the others read its loads.
 */
#include "lb/sched_wlc.h"

#include "lb/sched.h"
#include "lb/sched_limit.h"
#include "worker/worker.h"

enum { OTHERS_MAX_AGE_MS = 10, OTHERS_MAX_AGE_FULL_MS = 1 };

struct wlc_leaf {
    uint32_t own, others;       /* loads */
    uint32_t weight;            /* 0: cannot be picked */
    uint32_t place;             /* in the service's list */
};

struct wlc_tree {
    const struct service *s;
    uint32_t n;
    uint32_t epoch;             /* of the set under which it was built; read by other workers */
    uint32_t others_ms;         /* when the others' loads were read */
    uint32_t *winner;           /* [n]: of node 1 (top) to n - 1; the leaves are n to 2n - 1 */
    struct wlc_leaf leaf[];
};

struct wlc_plan {
    size_t tree_bytes;
    uint8_t trees[] __rte_cache_aligned;
};

static struct wlc_tree *tree_of(const struct service *s, uint32_t worker_id)
{
    struct wlc_plan *plan = s->plan;

    return (struct wlc_tree *)(plan->trees + worker_id * plan->tree_bytes);
}

static bool wlc_prepare(struct core *core, struct service *s)
{
    const size_t tree_bytes = RTE_ALIGN_CEIL(
        sizeof(struct wlc_tree) + s->n_dests * (sizeof(struct wlc_leaf) + sizeof(uint32_t)),
        (size_t)RTE_CACHE_LINE_SIZE);
    struct wlc_plan *plan;

    if (!s->n_dests)
        return true;
    plan = core->env.ops->zalloc(sizeof(*plan) + core->conf.n_workers * tree_bytes);
    if (!plan)
        return false;
    plan->tree_bytes = tree_bytes;
    s->plan = plan;
    for (uint32_t i = 0; i < core->conf.n_workers; i++) {
        struct wlc_tree *t = tree_of(s, i);

        t->s = s;
        t->n = s->n_dests;
        t->winner = (uint32_t *)&t->leaf[t->n];
    }
    return true;
}

static void wlc_release(struct core *core, struct service *s)
{
    core->env.ops->free(s->plan);
}

/* --- the tournament ---------------------------------------------------------------------- */

static uint64_t leaf_load(const struct wlc_leaf *l)
{
    return l->weight ? (uint64_t)l->own + l->others : UINT32_MAX;
}

static uint32_t better(const struct wlc_tree *t, uint32_t a, uint32_t b)
{
    const struct wlc_leaf *x = &t->leaf[a], *y = &t->leaf[b];
    const uint64_t of_x = leaf_load(x) * y->weight, of_y = leaf_load(y) * x->weight;

    return of_x < of_y || (of_x == of_y && a < b) ? a : b;
}

static uint32_t winner(const struct wlc_tree *t, uint32_t node)
{
    return node < t->n ? t->winner[node] : node - t->n;
}

static void play_all(struct wlc_tree *t)
{
    for (uint32_t node = t->n - 1; node; node--)
        t->winner[node] = better(t, winner(t, 2 * node), winner(t, 2 * node + 1));
}

/* Up to where another wins as before. */
static void play_again(struct wlc_tree *t, uint32_t place)
{
    for (uint32_t node = (t->n + place) / 2; node; node /= 2) {
        const uint32_t before = t->winner[node];
        const uint32_t now = better(t, winner(t, 2 * node), winner(t, 2 * node + 1));

        if (now == before && now != place)
            return;
        t->winner[node] = now;
    }
}

/* --- loads ------------------------------------------------------------------------------- */

static uint32_t bounded(uint64_t load)
{
    return load < UINT32_MAX ? (uint32_t)load : UINT32_MAX;
}

static uint32_t load_of(const struct dest_count *c)
{
    return bounded(256ull * __atomic_load_n(&c->active, __ATOMIC_RELAXED) +
                   __atomic_load_n(&c->inactive, __ATOMIC_RELAXED));
}

static void add_loads_of(struct wlc_tree *t, const struct core *core, uint32_t other)
{
    const struct wlc_tree *theirs = tree_of(t->s, other);
    const bool is_kept = __atomic_load_n(&theirs->epoch, __ATOMIC_ACQUIRE) == t->epoch;

    for (uint32_t i = 0; i < t->n; i++) {
        const uint32_t load = is_kept ? __atomic_load_n(&theirs->leaf[i].own, __ATOMIC_RELAXED)
                                      : load_of(&core->dest_count[other][t->s->dest[i].id]);

        t->leaf[i].others = bounded((uint64_t)t->leaf[i].others + load);
    }
}

static void look_at_others(struct worker *w, struct wlc_tree *t)
{
    const struct core *core = w->core;

    for (uint32_t i = 0; i < t->n; i++) {
        t->leaf[i].others = 0;
        t->leaf[i].weight = dest_is_open(w, &t->s->dest[i]) ? t->s->dest[i].weight : 0;
    }
    for (uint32_t i = 0; i < core->conf.n_workers; i++)
        if (i != w->id)
            add_loads_of(t, core, i);
    t->others_ms = w->now_ms;
    play_all(t);
}

static void build(struct worker *w, struct wlc_tree *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        struct dest_count *count = &w->dest_count[t->s->dest[i].id];
        struct wlc_leaf *l = &t->leaf[i];

        l->place = i;
        __atomic_store_n(&l->own, load_of(count), __ATOMIC_RELAXED);
        count->seat = l;
        count->seat_epoch = w->lb->serial;
    }
    __atomic_store_n(&t->epoch, w->lb->serial, __ATOMIC_RELEASE);
    look_at_others(w, t);
}

void wlc_load_changed(struct worker *w, struct dest_count *count)
{
    struct wlc_leaf *l = count->seat;
    struct wlc_tree *t =
        (struct wlc_tree *)((uint8_t *)(l - l->place) - offsetof(struct wlc_tree, leaf));
    const struct dest *d = &t->s->dest[l->place];

    __atomic_store_n(&l->own, load_of(count), __ATOMIC_RELAXED);
    if (d->upper_threshold)
        l->weight = dest_is_open(w, d) ? d->weight : 0;
    play_again(t, l->place);
}

/* --- the pick ---------------------------------------------------------------------------- */

static bool is_old(const struct worker *w, const struct wlc_tree *t, uint32_t max_age_ms)
{
    return w->core->conf.n_workers > 1 && w->now_ms - t->others_ms >= max_age_ms;
}

static const struct dest *wlc_pick(struct worker *w, const struct service *s)
{
    struct wlc_tree *t;

    if (unlikely(!s->plan))
        return NULL;
    t = tree_of(s, w->id);
    if (unlikely(t->epoch != w->lb->serial))
        build(w, t);
    else if (unlikely(is_old(w, t, OTHERS_MAX_AGE_MS)))
        look_at_others(w, t);
    for (;;) {
        struct wlc_leaf *l = &t->leaf[winner(t, 1)];
        const struct dest *d = &s->dest[l->place];

        if (likely(l->weight)) {
            if (likely(dest_take(w, d)))
                return d;
            l->weight = 0;      /* others took the last place */
            play_again(t, l->place);
        } else if (is_old(w, t, OTHERS_MAX_AGE_FULL_MS)) {
            look_at_others(w, t);
        } else {
            return NULL;
        }
    }
}

const struct sched_ops sched_wlc = {
    .name = "wlc", .prepare = wlc_prepare, .release = wlc_release, .pick = wlc_pick,
};
