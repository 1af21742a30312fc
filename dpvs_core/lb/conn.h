/* conn.h - one connection: two sides, and what packets do not need.
 *
 * Side 0 faces the client, side 1 the real server. A side is one cache line with everything that a
 * packet arriving from it needs: its tuple, the one it gets, what to add to it, its next hop. So
 * a packet of a known connection reads one line of it and writes the same one; NAT64 would be two
 * sides of different family. What both directions share is written twice (proto, dest_id, state)
 * or is not asked for by packets (struct conn_rest, in an array of its own).
 * Written by the worker that owns the flow group only; `gen` is odd while in use, so that listings
 * can read without asking. Sizes: 128 + 32 B when both sides are IPv4, 256 + 32 B otherwise.
 */
#ifndef DPVS_LB_CONN_H
#define DPVS_LB_CONN_H

#include <assert.h>
#include <stdint.h>

#include <rte_common.h>

#include "base/csum.h"
#include "pkt/pkt.h"

enum { SIDE_CLIENT, SIDE_SERVER };
enum { CONN_NONE = 0xffffffff };

/* In the client's side. */
enum conn_flag {
    CONN_ACTIVE = 1,            /* counted active at its dest, else inactive */
    CONN_TOA = 2,               /* client segments may still need the client's address */
    CONN_SYNACK_SEEN = 4,       /* toa_seq is known */
    CONN_LPORT = 8,             /* holds a local port, to be given back */
};

struct conn_side4 {
    uint32_t src_be, dst_be;    /* as it arrives */
    uint16_t sport_be, dport_be;
    uint32_t new_src_be, new_dst_be; /* as it leaves */
    uint16_t new_sport_be, new_dport_be;
    uint16_t l3_delta, l4_delta; /* what that changes, as checksum deltas */
    uint32_t seq_add, ack_add;  /* host order */
    uint32_t nexthop;           /* handle, towards the other side */
    uint16_t mtu;               /* of the route there */
    uint16_t fib_epoch;         /* under which it was found; 0: not yet */
    uint32_t last_seen_ms;
    uint32_t dest_id;
    uint32_t end_seq, ack;      /* the farthest sent and acknowledged, as it arrives */
    uint8_t proto, fwd, state, flags; /* state: of the protocol; flags: enum conn_flag */
};
static_assert(sizeof(struct conn_side4) == 64, "an IPv4 side is one line");

struct conn {
    struct conn_side4 side[2];
} __rte_cache_aligned;
static_assert(sizeof(struct conn) == 128, "an IPv4 connection is two lines");

/* What first packets, state changes and expiry need. */
struct conn_rest {
    uint32_t gen;               /* odd: in use */
    uint32_t timeout_ms;
    uint32_t wheel_next, wheel_prev;
    uint32_t service_id;
    uint32_t service_timeout_ms; /* conn-timeout of its service, 0: none */
    uint32_t toa_seq;           /* first data byte of the server, as the client sees it */
    uint16_t laddr_id;
    uint8_t pool, group;        /* pool: of the local port */
};
static_assert(sizeof(struct conn_rest) == 32, "two to a line");
enum { CONN_NO_LADDR = 0xffff };

static inline struct key4 conn_key4(const struct conn *c, unsigned side)
{
    const struct conn_side4 *s = &c->side[side];

    return (struct key4){ s->src_be, s->dst_be, s->sport_be, s->dport_be, s->proto };
}

static inline void conn_set_state(struct conn *c, uint8_t state)
{
    c->side[SIDE_CLIENT].state = c->side[SIDE_SERVER].state = state;
}

/* When a packet of either side came last. */
static inline uint32_t conn_last_seen_ms(const struct conn *c)
{
    const uint32_t a = c->side[SIDE_CLIENT].last_seen_ms, b = c->side[SIDE_SERVER].last_seen_ms;

    return (int32_t)(a - b) > 0 ? a : b;
}

/* Both tuples are known: what arrives from a side leaves with the other's turned round. */
static inline void conn_join4(struct conn *c)
{
    for (unsigned s = 0; s < 2; s++) {
        struct conn_side4 *in = &c->side[s];
        const struct conn_side4 *out = &c->side[1 - s];
        uint64_t l3, l4;

        in->new_src_be = out->dst_be;
        in->new_dst_be = out->src_be;
        in->new_sport_be = out->dport_be;
        in->new_dport_be = out->sport_be;
        l3 = csum_delta32(in->src_be, in->new_src_be) + csum_delta32(in->dst_be, in->new_dst_be);
        l4 = l3 + csum_delta16(in->sport_be, in->new_sport_be) +
             csum_delta16(in->dport_be, in->new_dport_be);
        in->l3_delta = csum_fold(l3);
        in->l4_delta = csum_fold(l4);
    }
}

#endif
