/* lport.h - the ports of a local address that FNAT connections take and give back.
 *
 * A port's low 6 bits are the flow group, so a server's answer names the worker that owns the
 * connection; only that worker touches the group's pools. Every group has `n_pools` pools of the
 * same 1008 ports, chosen by the real server's address and port: towards different servers a port
 * is used several times, towards one never twice. A pool is a queue: the port longest unused is
 * taken next, because a server in TIME_WAIT refuses a quick return; for the same reason the first
 * port of all is a secret of this start, not the one that a former start began with. O(1) both
 * ways; 2 kB a pool, touched when first used; ports 1025..65535 (M-007).
 */
#ifndef DPVS_LB_LPORT_H
#define DPVS_LB_LPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "dpvs_core.h"

enum { LPORT_FIRST = 1025, LPORT_SLOTS = 1024 };

struct lport_pool {
    uint32_t head, tail;        /* taken, given back: ever */
    uint64_t miss;
};

struct laddr {
    uint8_t addr[16];
    uint8_t af;
    uint8_t active;             /* atomic: the master writes, workers read (laddr_is_active) */
    uint32_t id, n_pools;
    uint32_t first;             /* where the never used ports begin: not where they did last time */
    struct lport_pool *pool;    /* [CORE_GROUPS][n_pools] */
    uint16_t *queue;            /* [CORE_GROUPS][n_pools][LPORT_SLOTS] */
};

struct laddr *laddr_create(struct env *env, uint32_t id, uint8_t af, const uint8_t addr[16],
                           uint32_t n_pools, uint32_t first);
void laddr_destroy(struct env *env, struct laddr *l);

/* May new connections take its ports? A hint that stands alone: nothing else is read after it, so
 * relaxed order is enough, and a worker sees a change within its next packets. */
static inline bool laddr_is_active(const struct laddr *l)
{
    return __atomic_load_n(&l->active, __ATOMIC_RELAXED);
}

static inline void laddr_set_active(struct laddr *l, bool active)
{
    __atomic_store_n(&l->active, active, __ATOMIC_RELAXED);
}

/* A free port (host order) of the group's pool, or 0 and counted as a miss. */
uint16_t lport_take(struct laddr *l, uint8_t group, uint32_t pool);
void lport_give(struct laddr *l, uint32_t pool, uint16_t port);
void laddr_count(const struct laddr *l, struct core_laddr_stats *out);

#endif
