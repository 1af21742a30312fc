/* steer.c - the choice of a way, device by device.
 *
 * What decides a packet's owner is the flow group (worker/owner.c); here only the port's queue is
 * made to agree with it where it can. Nothing is lost where it cannot: a redirect costs.
 */
#include "port/steer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/toeplitz.h"
#include "port/nic.h"

/* What a way is tried with. */
struct attempt {
    const struct toeplitz *toeplitz;
    uint16_t queue_of[CORE_GROUPS]; /* the receive queue of each group's worker */
    char why[CORE_ERR_BYTES];
};

enum { WHY_BYTES = 110 };       /* of a way's reason, so that all fit into the device's */

static bool find_queues(const struct core *core, const struct device *d, struct attempt *a)
{
    for (unsigned g = 0; g < CORE_GROUPS; g++) {
        const uint8_t w = (*core->group_worker)[g];

        if (d->rxq[w] < 0) {
            snprintf(a->why, sizeof a->why, "worker %u has no receive queue of it", w);
            return false;
        }
        a->queue_of[g] = (uint16_t)d->rxq[w];
    }
    return true;
}

static int try_rss(struct core *core, struct device *d, struct attempt *a)
{
    const int n = nic_of(d)->rss(d, a->toeplitz->key, a->queue_of, a->why);

    (void)core;
    if (n > 0)
        d->steering.n_entries = (uint32_t)n;
    return n;
}

static int try_flow(struct core *core, struct device *d, struct attempt *a)
{
    return steer_rules_try(core, d, a->queue_of, a->why);
}

static const struct way {
    enum core_steer kind;
    const char *name;
    int (*try)(struct core *core, struct device *d, struct attempt *a);
} ways[] = {
    { CORE_STEER_RSS, "RSS", try_rss },
    { CORE_STEER_FLOW, "flow rules", try_flow },
};

static void try_ways(struct core *core, struct device *d, struct attempt *a)
{
    struct core_steering *s = &d->steering;
    size_t n = 0;

    for (unsigned i = 0; i < RTE_DIM(ways); i++) {
        if (ways[i].try(core, d, a) >= 0) {
            *s = (struct core_steering){ .kind = ways[i].kind, .n_entries = s->n_entries };
            return;
        }
        n += (size_t)snprintf(s->why + n, sizeof s->why - n, "%s%s: %.*s", i ? "; " : "",
                              ways[i].name, WHY_BYTES, a->why);
        n = RTE_MIN(n, sizeof s->why - 1);
    }
}

void steer_device(struct core *core, struct device *d, const struct toeplitz *toeplitz)
{
    struct attempt a = { .toeplitz = toeplitz };

    steer_rules_drop(core, d);
    d->steering = (struct core_steering){ .kind = CORE_STEER_ONE };
    if (core->conf.n_workers == 1)
        return;
    d->steering.kind = CORE_STEER_SOFTWARE;
    if (find_queues(core, d, &a))
        try_ways(core, d, &a);
    else
        snprintf(d->steering.why, sizeof d->steering.why, "%s", a.why);
}
