/* oracle_flow.h - the oracle's own table of flows: chained hashes by the client's corner and by the
 * server's, keys as small numbers of the scene. O(1); memory taken at the start, never returned.
 */
#ifndef SOAK_ORACLE_FLOW_H
#define SOAK_ORACLE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "scene.h"

enum { FROM_CLIENT, FROM_SERVER };
enum { NO_FLOW = 0xffffffff };

enum flow_flag {
    FLOW_USED = 1,
    FLOW_SYNACK = 2,            /* the server's initial number is known */
    FLOW_DATA_ACKED = 4,        /* the client has acknowledged data: no more option 254 */
    FLOW_TOLD_CLIENT = 8,       /* the reset of its expiry was seen, towards the client */
    FLOW_ENDING = 16,           /* its client uses its port again in this batch */
};

struct flow {
    uint8_t caddr[16];
    uint16_t cport, lport;
    uint8_t service, laddr, dest, server;
    uint8_t state, flags;       /* state: of its protocol */
    uint32_t last_ms;           /* when a packet of it came last */
    uint32_t next[2];           /* in the chains: by the client's, by the server's corner */
    uint32_t shift;             /* the server sees the client's numbers plus this */
    uint32_t first_data;        /* the server's first data byte */
    uint32_t end_seq, acked;    /* the farthest that the server has sent, and acknowledged */
    uint32_t visitor;           /* while a batch is put in order: whose visit it has; NO_SLOT */
};
_Static_assert(sizeof(struct flow) == 60, "no holes");

struct flow_table {
    struct flow *flow;
    uint32_t *chain[2];
    uint32_t mask, n_used, n_touched, first_free, n_max; /* touched: never used beyond */
};

void flow_table_make(struct flow_table *t, uint32_t n_max);
void flow_table_free(struct flow_table *t);
struct flow *flow_by_client(const struct flow_table *t, unsigned service, const uint8_t caddr[16],
                            uint16_t cport);
struct flow *flow_by_server(const struct flow_table *t, unsigned server, uint8_t proto,
                            unsigned laddr, uint16_t lport, const struct scene *s);
/* The chain that it would be in, and a hint that its first flow is asked for soon. */
const uint32_t *flow_chain_of_client(const struct flow_table *t, unsigned service,
                                     const uint8_t caddr[16], uint16_t cport);
const uint32_t *flow_chain_of_server(const struct flow_table *t, unsigned server, uint8_t proto,
                                     unsigned laddr, uint16_t lport);
void flow_prefetch(const struct flow_table *t, const uint32_t *chain);
/* Copied into the table; exits when it is full. */
struct flow *flow_add(struct flow_table *t, const struct flow *flow, uint8_t proto);
void flow_remove(struct flow_table *t, struct flow *flow, uint8_t proto);

#endif
