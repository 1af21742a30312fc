/* sched_turns.c - building and asking the order of sched_turns.h. */
#include "lb/sched_turns.h"

#include <stdlib.h>

#include <rte_branch_prediction.h>

#include "base/env.h"

#define MAX_TURNS (1ull << 31)

/* While building: dests by falling weight, in list order where it is equal. */
struct builder {
    uint64_t *key;              /* inverted passes, then index */
    uint32_t *order, *spare;
};

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

uint32_t turns_passes(const struct turns *t, const struct dest *d)
{
    const uint32_t passes = d->weight / t->divisor >> t->shift;

    return d->weight && !passes ? 1 : passes;
}

static uint64_t total(const struct turns *t, const struct dest *dest, uint32_t n_dests)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n_dests; i++)
        sum += turns_passes(t, &dest[i]);
    return sum;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint32_t key_passes(uint64_t key)
{
    return ~(uint32_t)(key >> 32);
}

static uint32_t count_weights(const uint64_t *key, uint32_t n)
{
    uint32_t different = 0;

    for (uint32_t i = 0; i < n && key_passes(key[i]); i++)
        different += !i || key_passes(key[i]) != key_passes(key[i - 1]);
    return different;
}

static void fill_groups(struct turns *t, const uint64_t *key, uint32_t n)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n && key_passes(key[i]); i++) {
        const uint32_t passes = key_passes(key[i]), next = i + 1 < n ? key_passes(key[i + 1]) : 0;

        if (next == passes)
            continue;
        t->group[t->n_groups++] = (struct turn_group){ at, i + 1, passes };
        at += (i + 1) * (passes - next);
    }
}

static struct turns *build(struct env *env, struct turns t, struct builder *b,
                           const struct dest *dest, uint32_t n)
{
    uint32_t n_groups;
    struct turns *made;

    for (uint32_t i = 0; i < n; i++)
        b->key[i] = (uint64_t)~turns_passes(&t, &dest[i]) << 32 | i;
    qsort(b->key, n, sizeof(b->key[0]), by_number);
    for (uint32_t i = 0; i < n; i++)
        b->order[i] = (uint32_t)b->key[i];
    n_groups = count_weights(b->key, n);
    made = env->ops->zalloc(sizeof(t) + n_groups * sizeof(t.group[0]) + rank_bytes(n));
    if (!made)
        return NULL;
    t.group = (struct turn_group *)(made + 1);
    fill_groups(&t, b->key, n);
    t.by_weight = rank_build(n, b->order, b->spare, t.group + n_groups);
    *made = t;
    return made;
}

struct turns *turns_build(struct env *env, const struct dest *dest, uint32_t n_dests)
{
    struct turns t = { .divisor = 0 }, *made = NULL;
    uint64_t sum;
    struct builder b = {
        .key = env->ops->zalloc(n_dests * sizeof(*b.key)),
        .order = env->ops->zalloc(2 * n_dests * sizeof(*b.order)),
    };

    b.spare = b.order + n_dests;
    for (uint32_t i = 0; i < n_dests; i++)
        t.divisor = gcd(dest[i].weight, t.divisor);
    while ((sum = total(&t, dest, n_dests)) > MAX_TURNS)
        t.shift++;
    t.n_turns = (uint32_t)sum;
    if (b.key && b.order)
        made = build(env, t, &b, dest, n_dests);
    env->ops->free(b.key);
    env->ops->free(b.order);
    return made;
}

/* The last group that begins at `at` or before. */
static const struct turn_group *group_at(const struct turns *t, uint32_t at)
{
    const struct turn_group *g = t->group;

    for (uint32_t n = t->n_groups; n > 1;) {
        const uint32_t half = n / 2;

        g = g[half].first <= at ? g + half : g;
        n -= half;
    }
    return g;
}

struct turn turns_at(const struct turns *t, uint32_t at)
{
    const struct turn_group *g = group_at(t, at);
    const uint32_t pass = (at - g->first) / g->n_served, r = (at - g->first) % g->n_served;

    return (struct turn){ .pass = g->highest - pass,
                          .dest = g->n_served == t->by_weight.n /* the whole list */
                                      ? r : rank_find(&t->by_weight, g->n_served, r) };
}

uint32_t turns_find(const struct turns *t, uint32_t pass, uint32_t dest)
{
    const struct turn_group *g = t->group;

    for (uint32_t n = t->n_groups; n > 1;) {
        const uint32_t half = n / 2;

        g = g[half].highest >= pass ? g + half : g;
        n -= half;
    }
    return g->first + (g->highest - pass) * g->n_served +
           rank_below(&t->by_weight, g->n_served, dest);
}
