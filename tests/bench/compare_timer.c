/* compare_timer.c - the connection table's lazy wheel beside rte_timer.
 *
 * refresh: a packet came for the connection, its time begins again. arm: put into the order of
 * expiry (the wheel's figure takes it out first, too). expiry: its time is over, and it is armed
 * anew. The connection or timer that a burst needs is fetched ahead in both.
 */
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_timer.h>

#include "compare.h"
#include "measure.h"
#include "result.h"
#include "rng.h"

enum {
    BURST_OPS = WIRE_BURST, DUE_AT_ONCE = 1000, FAR_MS = 3600000, SOON_MS = 100, ROUND_MS = 512,
    FAR_S = 3600, SOON_US = 500, EXPIRE_BUDGET = 0x7fffffff,
};
enum act { ACT_REFRESH, ACT_ARM, ACT_EXPIRY, N_ACTS };

static const char *const act_names[N_ACTS] = { "refresh", "arm", "expiry" };

struct contest {
    uint32_t n;
    struct rng rng;
    uint64_t hz;
    struct conn_table *table;
    uint32_t now_ms;
    struct rte_timer *timer;
};

static struct contest contest;
static uint32_t n_fired;

/* --- the wheel ---------------------------------------------------------------------------- */

/* All are IPv4: one unit each. */
static struct conn *wheel_conn(const struct contest *c, uint32_t i)
{
    return conn_at(c->table, i);
}

static void wheel_fetch(struct contest *c, uint32_t i)
{
    rte_prefetch0(wheel_conn(c, i));
}

static void wheel_refresh(struct contest *c, uint32_t i)
{
    wheel_conn(c, i)->client.last_seen_ms = c->now_ms;
}

static void wheel_arm(struct contest *c, uint32_t i)
{
    conn_table_refile(c->table, wheel_conn(c, i));
}

static void wheel_due_soon(struct contest *c, uint32_t i)
{
    conn_rest(c->table, wheel_conn(c, i))->timeout_ms = 1 + i % SOON_MS;
    wheel_refresh(c, i);
    wheel_arm(c, i);
}

static void wheel_wait(struct contest *c)
{
    c->now_ms += ROUND_MS;
}

static uint32_t wheel_expire(struct contest *c)
{
    uint32_t budget = EXPIRE_BUDGET, n = 0;

    for (struct conn *conn; (conn = conn_table_expired(c->table, c->now_ms, 0, &budget)); n++) {
        conn_rest(c->table, conn)->timeout_ms = FAR_MS;
        conn->client.last_seen_ms = c->now_ms;
        conn_table_refile(c->table, conn);
    }
    return n;
}

/* --- rte_timer ------------------------------------------------------------------------------ */

static void fired(struct rte_timer *timer, void *arg);

static void timer_arm_after(struct rte_timer *timer, uint64_t cycles)
{
    rte_timer_reset(timer, cycles, SINGLE, rte_lcore_id(), fired, NULL);
}

/* A different time for each, so that the order is worth something. */
static uint64_t far_cycles(const struct contest *c, uint32_t i)
{
    return FAR_S * c->hz + i % c->n * 97;
}

static void fired(struct rte_timer *timer, void *arg)
{
    (void)arg;
    n_fired++;
    timer_arm_after(timer, far_cycles(&contest, (uint32_t)(timer - contest.timer)));
}

static void timer_fetch(struct contest *c, uint32_t i)
{
    rte_prefetch0(&c->timer[i]);
}

static void timer_arm(struct contest *c, uint32_t i)
{
    timer_arm_after(&c->timer[i], far_cycles(c, i));
}

static void timer_due_soon(struct contest *c, uint32_t i)
{
    timer_arm_after(&c->timer[i], 1 + i % SOON_US * (c->hz / 1000000));
}

static void timer_wait(struct contest *c)
{
    const uint64_t end = rte_rdtsc() + 2 * SOON_US * (c->hz / 1000000);

    while (rte_rdtsc() < end)
        rte_pause();
}

static uint32_t timer_expire(struct contest *c)
{
    (void)c;
    n_fired = 0;
    rte_timer_manage();
    return n_fired;
}

/* --- both ----------------------------------------------------------------------------------- */

static const struct way {
    const char *name;
    void (*fetch)(struct contest *c, uint32_t i);
    void (*refresh)(struct contest *c, uint32_t i);
    void (*arm)(struct contest *c, uint32_t i);
    void (*due_soon)(struct contest *c, uint32_t i);
    void (*wait)(struct contest *c);    /* until those are due */
    uint32_t (*expire)(struct contest *c);
    /* Before an arm that is timed: out of the order. NULL: arm does that itself. */
    int (*stop)(struct rte_timer *timer);
} ways[] = {
    { "lazy wheel", wheel_fetch, wheel_refresh, wheel_arm, wheel_due_soon, wheel_wait,
      wheel_expire, NULL },
    { "rte_timer", timer_fetch, timer_arm, timer_arm, timer_due_soon, timer_wait, timer_expire,
      rte_timer_stop },
};

static struct measure measures[RTE_DIM(ways)][N_ACTS];

static void time_burst(struct contest *c, const struct way *way, enum act act, struct measure *m)
{
    void (*const op)(struct contest *, uint32_t) = act == ACT_ARM ? way->arm : way->refresh;
    uint32_t which[BURST_OPS];
    uint64_t began;

    for (unsigned k = 0; k < BURST_OPS; k++) {
        which[k] = rng_below(&c->rng, c->n);
        if (act == ACT_ARM && way->stop)
            way->stop(&c->timer[which[k]]);
    }
    c->now_ms += act == ACT_REFRESH;
    began = rte_rdtsc();
    for (unsigned k = 0; k < BURST_OPS; k++)
        way->fetch(c, which[k]);
    for (unsigned k = 0; k < BURST_OPS; k++)
        op(c, which[k]);
    measure_add(m, rte_rdtsc() - began, BURST_OPS);
}

/* 0, or -1: not all that were due came. */
static int time_expiry(struct contest *c, const struct way *way, struct measure *m)
{
    const uint32_t n_due = RTE_MIN(c->n, (uint32_t)DUE_AT_ONCE);
    const uint32_t first = rng_below(&c->rng, c->n);
    uint64_t began;
    uint32_t n;

    for (uint32_t k = 0; k < n_due; k++)
        way->due_soon(c, (first + k) % c->n);
    way->wait(c);
    began = rte_rdtsc();
    n = way->expire(c);
    measure_add(m, rte_rdtsc() - began, n ? n : 1);
    if (n == n_due)
        return 0;
    fprintf(stderr, "%s: %u of %u expired\n", way->name, n, n_due);
    return -1;
}

static int time_way(struct contest *c, const struct way *way, struct measure *m, uint64_t cycles)
{
    for (unsigned act = 0; act < N_ACTS; act++) {
        const uint64_t end = rte_rdtsc() + cycles / N_ACTS;

        do {
            if (act != ACT_EXPIRY)
                time_burst(c, way, act, &m[act]);
            else if (time_expiry(c, way, &m[act]))
                return -1;
        } while (rte_rdtsc() < end);
    }
    return 0;
}

static int set_up(struct contest *c, const struct bench *b)
{
    c->n = b->n_flows;
    c->hz = b->hz;
    c->rng = rng_of(0);
    c->table = compare_table(c->n);
    c->timer = rte_zmalloc("timers", c->n * sizeof(*c->timer), RTE_CACHE_LINE_SIZE);
    if (!c->table || !c->timer || rte_timer_subsystem_init()) {
        fprintf(stderr, "no memory for %u timers\n", c->n);
        return -1;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        rte_timer_init(&c->timer[i]);
        timer_arm(c, i);
    }
    return 0;
}

int compare_timer_run(struct bench *b, struct report *r)
{
    const uint64_t cycles = (uint64_t)(b->options.seconds * (double)b->hz) / RTE_DIM(ways);

    if (set_up(&contest, b))
        return -1;
    for (unsigned i = 0; i < RTE_DIM(ways); i++)
        if (time_way(&contest, &ways[i], measures[i], cycles))
            return -1;
    if (result_cycles(r, b, &measures[0][ACT_REFRESH]))
        return -1;
    report_list(r, "rows");
    for (unsigned act = 0; act < N_ACTS; act++) {
        report_open(r);
        report_word(r, "operation", act_names[act]);
        report_number(r, "cycles", measure_percentile(&measures[0][act], 50));
        report_number(r, "library_cycles", measure_percentile(&measures[1][act], 50));
        report_close(r);
    }
    report_list_end(r);
    return 0;
}
