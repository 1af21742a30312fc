/* sched_wrr.c - weighted round robin ("wrr"), in LVS's order.
 *
 * LVS lowers a current weight by the greatest common divisor at each round and gives the round to
 * the dests that reach it. That order is written down once when the service is built; a pick is
 * then one relaxed atomic addition and a load. Where the order would be longer than MAX_SEQUENCE
 * the weights are scaled down, none below 1.
 */
#include "lb/sched.h"
#include "worker/worker.h"

enum { MAX_SEQUENCE = 65536 };

struct wrr_plan {
    uint32_t n;
    uint32_t dest[];            /* indexes in their order */
};

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Weight in steps of the common divisor, scaled to keep the order within bounds. */
static uint32_t steps(const struct dest *d, uint64_t divisor, uint64_t total)
{
    uint64_t n = d->weight / divisor;

    if (n && total > MAX_SEQUENCE)
        n = n * (MAX_SEQUENCE / 2) / total;
    return d->weight ? (uint32_t)(n ? n : 1) : 0;
}

static bool wrr_prepare(struct core *core, struct service *s)
{
    uint64_t divisor = 0, total = 0;
    uint32_t highest = 0, n = 0;
    struct wrr_plan *plan;

    for (uint32_t i = 0; i < s->n_dests; i++)
        divisor = gcd(s->dest[i].weight, divisor);
    if (!divisor)
        return true;            /* every weight is 0 */
    for (uint32_t i = 0; i < s->n_dests; i++)
        total += s->dest[i].weight / divisor;
    for (uint32_t i = 0; i < s->n_dests; i++) {
        const uint32_t mine = steps(&s->dest[i], divisor, total);

        n += mine;
        highest = mine > highest ? mine : highest;
    }
    plan = core->env.ops->zalloc(sizeof(*plan) + n * sizeof(plan->dest[0]));
    if (!plan)
        return false;
    s->plan = plan;
    for (uint32_t current = highest; current; current--)
        for (uint32_t i = 0; i < s->n_dests; i++)
            if (steps(&s->dest[i], divisor, total) >= current)
                plan->dest[plan->n++] = i;
    return true;
}

static const struct dest *wrr_pick(struct worker *w, const struct service *s)
{
    const struct wrr_plan *plan = s->plan;

    for (uint32_t tries = 0; plan && tries < plan->n; tries++) {
        uint32_t at = __atomic_fetch_add(&s->live->position, 1, __ATOMIC_RELAXED);
        const struct dest *d = &s->dest[plan->dest[at % plan->n]];

        if (dest_usable(w, d))
            return d;
    }
    return NULL;
}

static void wrr_release(struct core *core, struct service *s)
{
    core->env.ops->free(s->plan);
}

const struct sched_ops sched_wrr = {
    .name = "wrr", .prepare = wrr_prepare, .release = wrr_release, .pick = wrr_pick,
};
