/* lport.c - queues of local ports. */
#include "lb/lport.h"

#include <string.h>

enum { FIRST_BLOCK = LPORT_FIRST / CORE_GROUPS }; /* ports group + 64 * block */

/* Ports of a group: those of block 16 are above 1024 but for group 0. */
static uint32_t ports_of(uint8_t group)
{
    return LPORT_SLOTS - FIRST_BLOCK - (group < LPORT_FIRST % CORE_GROUPS);
}

/* The i-th port of a group, before any was given back. */
static uint16_t fresh_port(const struct laddr *l, uint8_t group, uint32_t i)
{
    const uint32_t at = (l->first + i) % ports_of(group);
    const uint32_t block = FIRST_BLOCK + (group < LPORT_FIRST % CORE_GROUPS) + at;

    return (uint16_t)(group + CORE_GROUPS * block);
}

void laddr_destroy(struct env *env, struct laddr *l)
{
    if (!l)
        return;
    env->ops->free(l->pool);
    env->ops->free(l->queue);
    env->ops->free(l);
}

struct laddr *laddr_create(struct env *env, uint32_t id, uint8_t af, const uint8_t addr[16],
                           uint32_t n_pools, uint32_t first)
{
    struct laddr *l = env->ops->zalloc(sizeof(*l));

    if (!l)
        return NULL;
    *l = (struct laddr){ .id = id, .af = af, .active = 1, .n_pools = n_pools, .first = first };
    memcpy(l->addr, addr, 16);
    l->pool = env->ops->zalloc(CORE_GROUPS * n_pools * sizeof(*l->pool));
    l->queue = env->ops->zalloc((size_t)CORE_GROUPS * n_pools * LPORT_SLOTS * sizeof(*l->queue));
    if (!l->pool || !l->queue) {
        laddr_destroy(env, l);
        return NULL;
    }
    return l;
}

uint16_t lport_take(struct laddr *l, uint8_t group, uint32_t pool)
{
    const uint32_t i = group * l->n_pools + pool;
    struct lport_pool *p = &l->pool[i];
    uint16_t port;

    if (p->head - p->tail >= ports_of(group)) {
        p->miss++;
        return 0;
    }
    if (p->head < ports_of(group))
        port = fresh_port(l, group, p->head);
    else
        port = l->queue[(size_t)i * LPORT_SLOTS + (p->head - ports_of(group)) % LPORT_SLOTS];
    p->head++;
    if (p->head >= 0x80000000u) { /* both counters keep their places in the queue */
        p->head -= 0x40000000u;
        p->tail -= 0x40000000u;
    }
    return port;
}

void lport_give(struct laddr *l, uint32_t pool, uint16_t port)
{
    const uint32_t i = port % CORE_GROUPS * l->n_pools + pool;
    struct lport_pool *p = &l->pool[i];

    l->queue[(size_t)i * LPORT_SLOTS + p->tail % LPORT_SLOTS] = port;
    p->tail++;
}

void laddr_count(const struct laddr *l, struct core_laddr_stats *out)
{
    *out = (struct core_laddr_stats){ 0 };
    for (uint32_t i = 0; i < CORE_GROUPS * l->n_pools; i++) {
        const uint32_t used = l->pool[i].head - l->pool[i].tail;

        out->used += used;
        out->free += ports_of((uint8_t)(i / l->n_pools)) - used;
        out->miss += l->pool[i].miss;
    }
}
