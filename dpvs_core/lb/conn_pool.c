/* conn_pool.c - single units and pairs. */
#include "lb/conn_pool.h"

#include <errno.h>

#include <rte_prefetch.h>

int conn_pool_create(struct env *env, struct conn_pool *pool, uint32_t n_units)
{
    *pool = (struct conn_pool){ .n_units = n_units, .single = CONN_NONE, .pair = CONN_NONE };
    pool->unit = env->ops->zalloc((size_t)n_units * sizeof(*pool->unit));
    pool->rest = env->ops->zalloc((size_t)n_units * sizeof(*pool->rest));
    return pool->unit && pool->rest ? 0 : -ENOMEM;
}

void conn_pool_destroy(struct env *env, struct conn_pool *pool)
{
    env->ops->free(pool->unit);
    env->ops->free(pool->rest);
}

/* What stands in wheel_prev of a list's first one is nobody's business: so taking it touches no
 * other. */
static void list_push(struct conn_pool *pool, uint32_t *head, uint32_t unit)
{
    pool->rest[unit].wheel_next = *head;
    if (*head != CONN_NONE)
        pool->rest[*head].wheel_prev = unit;
    *head = unit;
}

static void list_remove(struct conn_pool *pool, uint32_t *head, uint32_t unit)
{
    const uint32_t next = pool->rest[unit].wheel_next, prev = pool->rest[unit].wheel_prev;

    if (unit == *head) {
        *head = next;
        return;
    }
    pool->rest[prev].wheel_next = next;
    if (next != CONN_NONE)
        pool->rest[next].wheel_prev = prev;
}

static uint32_t list_pop(struct conn_pool *pool, uint32_t *head)
{
    const uint32_t unit = *head;

    if (unit != CONN_NONE)
        *head = pool->rest[unit].wheel_next;
    return unit;
}

static uint32_t take_pair(struct conn_pool *pool)
{
    const uint32_t unit = list_pop(pool, &pool->pair);

    if (unit != CONN_NONE || pool->n_fresh + 2 > pool->n_units)
        return unit;
    pool->n_fresh += 2;
    return pool->n_fresh - 2;
}

static uint32_t take_single(struct conn_pool *pool)
{
    uint32_t unit = list_pop(pool, &pool->single);

    if (unit != CONN_NONE)
        return unit;
    unit = take_pair(pool);
    if (unit != CONN_NONE)
        list_push(pool, &pool->single, unit + 1);
    else if (pool->n_fresh < pool->n_units)
        unit = pool->n_fresh++; /* the last one of an odd number */
    return unit;
}

/* What the next connection will get is on its way while this one is made. */
static void fetch(const struct conn_pool *pool, uint32_t unit)
{
    if (unit == CONN_NONE)
        return;
    rte_prefetch0(&pool->rest[unit]);
    rte_prefetch0(&pool->unit[unit].line[0]);
    rte_prefetch0(&pool->unit[unit].line[1]);
}

uint32_t conn_pool_take(struct conn_pool *pool, bool wide)
{
    const uint32_t unit = wide ? take_pair(pool) : take_single(pool);

    fetch(pool, pool->single);
    fetch(pool, pool->pair);
    return unit;
}

void conn_pool_give(struct conn_pool *pool, uint32_t unit, bool wide)
{
    const uint32_t buddy = unit ^ 1;

    if (!wide && (buddy >= pool->n_units || pool->rest[buddy].gen & 1)) {
        list_push(pool, &pool->single, unit);
        return;
    }
    if (!wide)
        list_remove(pool, &pool->single, buddy);
    list_push(pool, &pool->pair, unit & ~1u);
}
