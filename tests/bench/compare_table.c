/* compare_table.c - the connections that the comparisons use. */
#include <stdio.h>

#include "base/hash.h"
#include "compare.h"
#include "lb/conn_tuple.h"
#include "port/env_eal.h"

enum { PORTS = 60000, FIRST_PORT = 1024, FAR_MS = 3600000 };

union key compare_key(uint32_t i, unsigned side)
{
    const uint16_t port_be = rte_cpu_to_be_16((uint16_t)(FIRST_PORT + i % PORTS));

    if (side == SIDE_CLIENT)
        return (union key){ .v4 = { rte_cpu_to_be_32(0x0a000000 + i / PORTS), RTE_BE32(0xac100000),
                                    port_be, RTE_BE16(80), PROTO_UDP } };
    return (union key){ .v4 = { rte_cpu_to_be_32(0x64400000 + i % 16),
                                rte_cpu_to_be_32(0x64600000 + i / PORTS), RTE_BE16(8080), port_be,
                                PROTO_UDP } };
}

static bool add(struct conn_table *t, uint32_t i)
{
    struct conn *c = conn_table_alloc(t, 4, 4);

    if (!c)
        return false;
    for (unsigned side = 0; side < 2; side++) {
        const union key key = compare_key(i, side);

        conn_side(c, side)->proto = PROTO_UDP;
        side_set_key(conn_side(c, side), 4, &key);
        c->client.hash[side] = tuple_hash(4, &key, t->seed);
    }
    conn_rest(t, c)->timeout_ms = FAR_MS;
    return conn_table_insert(t, c);
}

struct conn_table *compare_table(uint32_t n)
{
    static struct env env = { .ops = &env_eal };
    struct conn_table *t = conn_table_create(&env, n, COMPARE_SEED);
    uint32_t i = 0;

    while (t && i < n && add(t, i))
        i++;
    if (t && i == n)
        return t;
    fprintf(stderr, "no memory for %u connections\n", n);
    return NULL;
}
