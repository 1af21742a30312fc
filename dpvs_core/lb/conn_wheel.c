/* conn_wheel.c - when connections end: a wheel of lists through struct conn_rest. */
#include "lb/conn_table.h"

void conn_wheel_create(struct conn_table *t)
{
    t->due = CONN_NONE;
    for (unsigned i = 0; i < WHEEL_SLOTS; i++)
        t->wheel[i] = CONN_NONE;
}

static void wheel_unlink(struct conn_table *t, const struct conn_rest *r)
{
    const uint32_t next = r->wheel_next, prev = r->wheel_prev;

    if (next != CONN_NONE)
        t->pool.rest[next].wheel_prev = prev;
    if (prev & 0x80000000)      /* head of a list: slot number, or WHEEL_SLOTS for `due` */
        *((prev & 0xffff) == WHEEL_SLOTS ? &t->due : &t->wheel[prev & 0xffff]) = next;
    else
        t->pool.rest[prev].wheel_next = next;
}

static void wheel_push(struct conn_table *t, uint32_t *head, uint32_t head_mark, uint32_t i)
{
    struct conn_rest *r = &t->pool.rest[i];

    r->wheel_next = *head;
    r->wheel_prev = 0x80000000 | head_mark;
    if (*head != CONN_NONE)
        t->pool.rest[*head].wheel_prev = i;
    *head = i;
}

void conn_wheel_file(struct conn_table *t, const struct conn *c)
{
    const uint32_t i = conn_index(t, c);
    const uint32_t due_ms = conn_last_seen_ms(c) + t->pool.rest[i].timeout_ms;
    const uint32_t expires = (due_ms >> WHEEL_SHIFT_MS) + 1;
    uint32_t ahead = (expires - t->wheel_tick) & (0xffffffff >> WHEEL_SHIFT_MS);

    if (ahead >= WHEEL_SLOTS)
        ahead = ahead > 0x80000000u >> WHEEL_SHIFT_MS ? 0 : WHEEL_SLOTS - 1;
    const uint32_t slot = (t->wheel_tick + ahead) % WHEEL_SLOTS;
    wheel_push(t, &t->wheel[slot], slot, i);
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

/* What the next two turns of the loop will wait for: the record of the second, and where the index
 * has that of the first, which was fetched a turn ago. */
static void fetch_after(const struct conn_table *t, const struct conn *c)
{
    const uint32_t next = conn_rest(t, c)->wheel_next;

    if (next == CONN_NONE)
        return;
    fetch(t, t->pool.rest[next].wheel_next);
    conn_table_fetch(t, conn_at(t, next));
}

struct conn *conn_table_due_after(const struct conn_table *t, const struct conn *c)
{
    const uint32_t next = conn_rest(t, c)->wheel_next;

    return next == CONN_NONE ? NULL : conn_at(t, next);
}

struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint16_t fib_epoch,
                                uint32_t *budget)
{
    const uint32_t now_tick = now_ms >> WHEEL_SHIFT_MS;

    while (*budget) {
        if (t->due == CONN_NONE) {
            const uint32_t slot = t->wheel_tick % WHEEL_SLOTS;

            if (t->wheel_tick == now_tick)
                return NULL;
            t->due = t->wheel[slot];
            t->wheel[slot] = CONN_NONE;
            if (t->due != CONN_NONE)
                t->pool.rest[t->due].wheel_prev = 0x80000000 | WHEEL_SLOTS;
            t->wheel_tick = (t->wheel_tick + 1) & (0xffffffff >> WHEEL_SHIFT_MS);
            (*budget)--;
            continue;
        }
        struct conn *c = conn_at(t, t->due);

        fetch_after(t, c);
        (*budget)--;
        if (now_ms - conn_last_seen_ms(c) >= conn_rest(t, c)->timeout_ms)
            return c;
        forget_old_hops(c, fib_epoch);
        conn_table_refile(t, c);
    }
    return NULL;
}
