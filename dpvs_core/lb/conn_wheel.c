/* conn_wheel.c - when connections end: a wheel of lists through struct conn_rest.
 *
 * A list shows its next element only when the one before has come from memory. So a slot has
 * several lists, chains, and those of the slot that is due are worked off in turn: what one will
 * give next is fetched while the others have their turns.
 */
#include "lb/conn_table.h"

enum { LIST_HEAD = 0x80000000 }; /* in wheel_prev, beside the head's place in conn_table.wheel */

void conn_wheel_create(struct conn_table *t)
{
    for (unsigned i = 0; i < RTE_DIM(t->wheel); i++)
        t->wheel[i] = CONN_NONE;
}

static void wheel_unlink(struct conn_table *t, const struct conn_rest *r)
{
    const uint32_t next = r->wheel_next, prev = r->wheel_prev;

    if (next != CONN_NONE)
        t->pool.rest[next].wheel_prev = prev;
    if (prev & LIST_HEAD)
        t->wheel[prev & ~LIST_HEAD] = next;
    else
        t->pool.rest[prev].wheel_next = next;
}

static void wheel_push(struct conn_table *t, uint32_t head, uint32_t i)
{
    struct conn_rest *r = &t->pool.rest[i];
    const uint32_t next = t->wheel[head];

    r->wheel_next = next;
    r->wheel_prev = LIST_HEAD | head;
    if (next != CONN_NONE)
        t->pool.rest[next].wheel_prev = i;
    t->wheel[head] = i;
}

void conn_wheel_file(struct conn_table *t, const struct conn *c)
{
    const uint32_t i = conn_index(t, c);
    const uint32_t due_ms = conn_last_seen_ms(c) + t->pool.rest[i].timeout_ms;
    const uint32_t expires = (due_ms >> WHEEL_SHIFT_MS) + 1;
    uint32_t ahead = (expires - t->wheel_tick) & (0xffffffff >> WHEEL_SHIFT_MS);

    if (ahead >= WHEEL_SLOTS)
        ahead = ahead > 0x80000000u >> WHEEL_SHIFT_MS ? 0 : WHEEL_SLOTS - 1;
    wheel_push(t, (t->wheel_tick + ahead) % WHEEL_SLOTS * WHEEL_CHAINS + i / 2 % WHEEL_CHAINS, i);
}

void conn_wheel_remove(struct conn_table *t, const struct conn *c)
{
    wheel_unlink(t, conn_rest(t, c));
}

void conn_table_refile(struct conn_table *t, const struct conn *c)
{
    conn_wheel_remove(t, c);
    conn_wheel_file(t, c);
}

/* Next hops of routes that were replaced long ago: their number may come round again. */
static void forget_old_hops(struct conn *c, uint16_t fib_epoch)
{
    for (unsigned i = 0; i < 2; i++) {
        struct conn_side *side = conn_side(c, i);

        if (side->fib_epoch != fib_epoch)
            side->fib_epoch = 0;
    }
}

static void fetch(const struct conn_table *t, uint32_t unit)
{
    if (unit == CONN_NONE)
        return;
    rte_prefetch0(&t->pool.rest[unit]);
    rte_prefetch0(&t->pool.unit[unit].line[0]);
    rte_prefetch0(&t->pool.unit[unit].line[1]);
}

/* The lists of the next slot are due. */
static void take_slot(struct conn_table *t)
{
    uint32_t *slot = &t->wheel[t->wheel_tick % WHEEL_SLOTS * WHEEL_CHAINS];

    for (uint32_t chain = 0; chain < WHEEL_CHAINS; chain++) {
        const uint32_t first = slot[chain];

        if (first == CONN_NONE)
            continue;
        fetch(t, first);
        slot[chain] = CONN_NONE;
        t->wheel[WHEEL_DUE + chain] = first;
        t->pool.rest[first].wheel_prev = LIST_HEAD | (WHEEL_DUE + chain);
    }
    t->wheel_tick = (t->wheel_tick + 1) & (0xffffffff >> WHEEL_SHIFT_MS);
}

static inline bool none_is_due(const struct conn_table *t)
{
    const uint32_t *due = &t->wheel[WHEEL_DUE];

    static_assert(CONN_NONE == UINT32_MAX && WHEEL_CHAINS == 4, "all bits of all heads");
    return (due[0] & due[1] & due[2] & due[3]) == CONN_NONE;
}

/* First of the next chain that has any; some is due. */
static inline uint32_t next_due(struct conn_table *t)
{
    uint32_t unit;

    do
        unit = t->wheel[WHEEL_DUE + t->due_turn++ % WHEEL_CHAINS];
    while (unit == CONN_NONE);
    return unit;
}

struct conn *conn_table_due_soon(const struct conn_table *t)
{
    const uint32_t unit = t->wheel[WHEEL_DUE + (t->due_turn + 1) % WHEEL_CHAINS];

    return unit == CONN_NONE ? NULL : conn_at(t, unit);
}

/* What later turns of the loop will wait for: the record behind this one in its chain, and where
 * the index has the one after next. */
static void fetch_after(const struct conn_table *t, const struct conn *c)
{
    const struct conn *soon = conn_table_due_soon(t);

    fetch(t, conn_rest(t, c)->wheel_next);
    if (soon)
        conn_table_fetch(t, soon);
}

struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint16_t fib_epoch,
                                uint32_t *budget)
{
    const uint32_t now_tick = now_ms >> WHEEL_SHIFT_MS;

    while (*budget) {
        struct conn *c;

        if (none_is_due(t)) {
            if (t->wheel_tick == now_tick)
                return NULL;
            take_slot(t);
            (*budget)--;
            continue;
        }
        c = conn_at(t, next_due(t));
        fetch_after(t, c);
        (*budget)--;
        if (now_ms - conn_last_seen_ms(c) >= conn_rest(t, c)->timeout_ms)
            return c;
        forget_old_hops(c, fib_epoch);
        conn_table_refile(t, c);
    }
    return NULL;
}
