/* mld.c - the rows of groups, and when what is reported about them.
 *
 * A row a group and device, found by hash. A change is told at once and `robustness` - 1 times
 * more, up to a second apart; a query is answered after a random part of the time that it gives:
 * one about all groups by a timer of the device (version 1: of each group), one about a group by
 * the group's. A query about sources is answered for its group as a whole: we exclude none. Answers
 * of other listeners do not stop ours (switches that snoop keep them from us anyway). A timer sends
 * a burst at most and goes on with the next tick. Memory: CORE_MAX_GROUPS rows of 32 bytes, the
 * host thread's.
 */
#include "host/mld.h"

#include "base/hash.h"
#include "host/kernel.h"
#include "host/mld_packet.h"
#include "host/mld_tell.h"
#include "host/nd_packet.h"
#include "net/fib.h"

enum {
    N_ROBUSTNESS = 2, CHANGE_INTERVAL_US = 1000000, /* RFC 3810 9.1, 9.11 */
    QUERY_INTERVAL_MS = 125000,                     /* 9.2 */
};

/* Timers: of each group, and two of each device. */
static uint16_t change_timer(uint16_t dev)
{
    return (uint16_t)(CORE_MAX_GROUPS + 1 + dev);
}

static uint16_t answer_timer(uint16_t dev)
{
    return (uint16_t)(CORE_MAX_GROUPS + 1 + CORE_MAX_DEVICES + dev);
}

int mld_create(struct host *host)
{
    struct mld_table *t = &host->mld;

    t->group = host->core->env.ops->zalloc((CORE_MAX_GROUPS + 1) * sizeof(*t->group));
    return t->group ? wheel_create(&t->wheel, &host->core->env,
                                   CORE_MAX_GROUPS + 2 * CORE_MAX_DEVICES)
                    : -ENOMEM;
}

void mld_destroy(struct host *host)
{
    host->core->env.ops->free(host->mld.group);
    wheel_destroy(&host->mld.wheel, &host->core->env);
}

/* --- time ----------------------------------------------------------------------------------- */

/* Spread, not secret: the device's MAC, the time and a count. */
static uint64_t random_below_us(struct host *host, uint16_t dev, uint64_t limit_us)
{
    uint64_t words[2] = { host->now_us, host->mld.n_random++ };

    memcpy((uint8_t *)words + 10, host->core->device[dev].mac, MAC_BYTES);
    return limit_us ? hash_16(words, 0) % limit_us : 0;
}

/* Later than it would go off anyway it is not set. */
static void arm_sooner(struct host *host, uint16_t timer, uint64_t after_us)
{
    struct wheel *wheel = &host->mld.wheel;
    const uint64_t due_us = host->now_us + after_us;

    if (wheel->node[timer].slot == WHEEL_IDLE ||
        wheel->node[timer].due_tick * WHEEL_TICK_US > due_us)
        wheel_arm(wheel, timer, due_us);
}

/* --- rows ----------------------------------------------------------------------------------- */

static uint16_t *bucket_of(struct mld_table *t, uint16_t dev, const uint8_t group[16])
{
    return &t->bucket[nexthop_hash(dev, group) % MLD_BUCKETS];
}

static uint16_t find(struct mld_table *t, uint16_t dev, const uint8_t group[16])
{
    uint16_t id = *bucket_of(t, dev, group);

    while (id && (t->group[id].dev != dev || memcmp(t->group[id].addr, group, 16)))
        id = t->group[id].next;
    return id;
}

/* 0: no room. */
static uint16_t find_or_make(struct mld_table *t, uint16_t dev, const uint8_t addr[16])
{
    uint16_t id = find(t, dev, addr), *bucket = bucket_of(t, dev, addr);

    if (id)
        return id;
    id = t->free_first;
    if (id)
        t->free_first = t->group[id].next;
    else if (t->n_fresh < CORE_MAX_GROUPS)
        id = (uint16_t)++t->n_fresh;
    else
        return 0;
    t->group[id] = (struct mld_group){ .dev = dev, .is_used = 1, .next = *bucket };
    memcpy(t->group[id].addr, addr, 16);
    *bucket = id;
    return id;
}

static void forget(struct mld_table *t, uint16_t id)
{
    struct mld_group *g = &t->group[id];
    uint16_t *at = bucket_of(t, g->dev, g->addr);

    while (*at != id)
        at = &t->group[*at].next;
    *at = g->next;
    wheel_disarm(&t->wheel, id);
    *g = (struct mld_group){ .next = t->free_first };
    t->free_first = id;
}

static void change(struct host *host, struct mld_group *g, bool joined)
{
    const struct mld_link *link = &host->mld.link[g->dev];

    g->is_joined = joined;
    g->is_told = 0;
    g->n_changes = link->robustness ? link->robustness : N_ROBUSTNESS;
    arm_sooner(host, change_timer(g->dev), 0);
}

void mld_follow_fib(struct host *host)
{
    struct mld_table *t = &host->mld;

    if (t->fib_epoch == fib_epoch(host->fib))
        return;
    t->fib_epoch = fib_epoch(host->fib);
    for (uint16_t id = 1; id <= t->n_fresh; id++)
        t->group[id].is_wanted = 0;
    for (uint32_t i = 0; i < fib_n_addrs(host->fib); i++) {
        const struct fib_addr *a = fib_addr_at(host->fib, i);
        uint8_t group[16];
        uint16_t id;

        if (a->af != 6 || a->kind != CORE_ADDR_LOCAL)
            continue;
        nd_solicited_node(group, a->addr);
        id = find_or_make(t, a->dev, group);
        if (id)
            t->group[id].is_wanted = 1;
        else
            host_count(host, V_MLD_FULL);
    }
    for (uint16_t id = 1; id <= t->n_fresh; id++)
        if (t->group[id].is_used && t->group[id].is_wanted != t->group[id].is_joined)
            change(host, &t->group[id], t->group[id].is_wanted);
}

void mld_tell_again(struct host *host, uint16_t dev)
{
    struct mld_table *t = &host->mld;

    for (uint16_t id = 1; id <= t->n_fresh; id++)
        if (t->group[id].dev == dev && t->group[id].is_joined)
            change(host, &t->group[id], true);
}

/* --- timers --------------------------------------------------------------------------------- */

/* All changes of the device were told once; those that want it are told again. */
static void end_round(struct host *host, uint16_t dev)
{
    struct mld_table *t = &host->mld;
    bool again = false;

    for (uint16_t id = 1; id <= t->n_fresh; id++) {
        struct mld_group *g = &t->group[id];

        if (!g->is_used || g->dev != dev)
            continue;
        if (g->n_changes && g->is_told)
            g->n_changes--;
        g->is_told = 0;
        again |= g->n_changes > 0;
        if (!g->is_joined && !g->n_changes)
            forget(t, id);
    }
    if (again)
        arm_sooner(host, change_timer(dev), random_below_us(host, dev, CHANGE_INTERVAL_US));
}

static void on_change_timer(struct host *host, uint16_t dev)
{
    if (mld_tell(host, dev, mld_change_of))
        end_round(host, dev);
    else
        arm_sooner(host, change_timer(dev), 0);
}

static void on_answer_timer(struct host *host, uint16_t dev)
{
    if (!mld_tell(host, dev, mld_answer_of))
        arm_sooner(host, answer_timer(dev), 0);
}

static void on_timer(struct host *host, uint16_t id)
{
    if (id >= answer_timer(0)) {
        on_answer_timer(host, (uint16_t)(id - answer_timer(0)));
    } else if (id >= change_timer(0)) {
        on_change_timer(host, (uint16_t)(id - change_timer(0)));
    } else {                    /* a group's own: told with what else is asked for by now */
        host->mld.group[id].is_asked = host->mld.group[id].is_joined;
        on_answer_timer(host, host->mld.group[id].dev);
    }
}

unsigned mld_timers(struct host *host)
{
    unsigned n = 0;

    for (uint16_t id; n < BURST && (id = wheel_pop(&host->mld.wheel, host->now_us)); n++)
        on_timer(host, id);
    return n;
}

/* --- queries -------------------------------------------------------------------------------- */

static void asked_for_group(struct host *host, uint16_t dev, const struct mld_query *query)
{
    const uint16_t id = find(&host->mld, dev, query->group);

    if (id && host->mld.group[id].is_joined)
        arm_sooner(host, id, random_below_us(host, dev, query->max_delay_ms * 1000ull));
}

/* Version 1 wants each group's answer at a time of its own. */
static void asked_for_all(struct host *host, uint16_t dev, const struct mld_query *query)
{
    struct mld_table *t = &host->mld;
    const bool v1 = mld_version_on(host, dev) == MLD_V1;

    for (uint16_t id = 1; id <= t->n_fresh; id++) {
        if (t->group[id].dev != dev || !t->group[id].is_joined)
            continue;
        if (v1)
            arm_sooner(host, id, random_below_us(host, dev, query->max_delay_ms * 1000ull));
        else
            t->group[id].is_asked = 1;
    }
    if (!v1)
        arm_sooner(host, answer_timer(dev),
                   random_below_us(host, dev, query->max_delay_ms * 1000ull));
}

/* RFC 3810 8.2.1: version 1 is spoken as long as its querier may still be there. */
static void note_querier(struct host *host, uint16_t dev, const struct mld_query *query)
{
    struct mld_link *link = &host->mld.link[dev];
    const uint32_t robustness = link->robustness ? link->robustness : N_ROBUSTNESS;

    if (query->version == MLD_V1)
        link->v1_until_us = host->now_us +
                            (robustness * QUERY_INTERVAL_MS + query->max_delay_ms) * 1000ull;
    else if (query->robustness)
        link->robustness = query->robustness;
}

void mld_receive(struct host *host, struct rte_mbuf *m)
{
    const uint16_t dev = pkt_meta(m)->dev;
    struct mld_query query;

    if (mld_read(m, &query)) {
        note_querier(host, dev, &query);
        (query.is_general ? asked_for_all : asked_for_group)(host, dev, &query);
    }
    if (kernel_has_port(host, dev))
        kernel_deliver(host, m, dev);
    else
        host_drop(host, m, V_MLD_HANDLED);
}
