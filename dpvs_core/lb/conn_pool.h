/* conn_pool.h - memory of connections in units of two lines: one for a narrow connection, two
 * adjacent ones, the first of even number, for a wide one.
 *
 * A buddy pool of two levels: lists of free single units (whose neighbour is in use) and of free
 * pairs, linked both ways through the units' struct conn_rest. A unit that is given back and whose
 * neighbour is free too becomes a pair again; a single one is taken from the singles first, then
 * from a pair, and memory never used before is taken last, so that it is not touched until needed.
 * So n units are n narrow connections, n / 2 wide ones, or any mixture that leaves whole pairs.
 * All O(1); memory is taken at creation.
 */
#ifndef DPVS_LB_CONN_POOL_H
#define DPVS_LB_CONN_POOL_H

#include "base/env.h"
#include "lb/conn.h"

struct conn_unit {
    uint8_t line[2][RTE_CACHE_LINE_SIZE];
} __rte_cache_aligned;
static_assert(sizeof(struct conn_unit) == 128, "an IPv4 connection is two lines");

struct conn_pool {
    struct conn_unit *unit;     /* [n_units] */
    struct conn_rest *rest;     /* [n_units]: of the connection that begins there */
    uint32_t n_units;
    uint32_t n_fresh;           /* units from here on were never used */
    uint32_t single, pair;      /* lists; CONN_NONE: empty */
};

/* 0 or -ENOMEM. */
int conn_pool_create(struct env *env, struct conn_pool *pool, uint32_t n_units);
void conn_pool_destroy(struct env *env, struct conn_pool *pool);
/* The first unit of memory for a connection, its gen made odd by the caller; CONN_NONE: none. */
uint32_t conn_pool_take(struct conn_pool *pool, bool wide);
/* gen is even again. */
void conn_pool_give(struct conn_pool *pool, uint32_t unit, bool wide);

#endif
