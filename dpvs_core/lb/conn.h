/* conn.h - one connection: two sides and what both directions share.
 *
 * Side 0 faces the client, side 1 the real server. A side holds the tuple of packets that *arrive*
 * from it, what to add to them, and the next hop of packets that leave towards it; so a packet
 * from side s leaves with the tuple of side 1-s turned round, and NAT64 would be two sides of
 * different family. Written by the worker that owns the flow group only; `gen` is odd while in
 * use, so that listings can read without asking. Sizes: 128 B when both sides are IPv4, 256 B
 * otherwise.
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

enum conn_flag {
    CONN_ACTIVE = 1,            /* counted active at its dest, else inactive */
    CONN_TOA = 2,               /* client segments may still need the client's address */
    CONN_SYNACK_SEEN = 4,       /* toa_seq is known */
    CONN_LPORT = 8,             /* holds a local port, to be given back */
};

struct conn_side4 {
    uint32_t src_be, dst_be;
    uint16_t sport_be, dport_be;
    uint32_t hash;
    uint32_t nexthop;           /* handle, towards this side */
    uint32_t seq_add, ack_add;  /* host order, for segments arriving from this side */
    uint16_t l3_delta, l4_delta; /* checksum deltas for packets arriving from this side */
};
static_assert(sizeof(struct conn_side4) == 32, "two IPv4 sides are one line");

struct conn_side6 {
    uint8_t src[16], dst[16];
    uint16_t sport_be, dport_be;
    uint32_t hash, nexthop, seq_add, ack_add;
    uint16_t l3_delta, l4_delta;
};
static_assert(sizeof(struct conn_side6) <= 64, "an IPv6 side is one line");

struct conn {
    uint32_t gen;               /* odd: in use */
    uint32_t last_seen_ms;
    uint32_t timeout_ms;
    uint32_t dest_id;
    uint32_t fib_epoch;         /* under which the next hops were found */
    uint32_t service_id;
    uint8_t proto, state, fwd, flags; /* state: of the protocol; flags: enum conn_flag */
    uint8_t group, pool, family[2]; /* pool: of the local port */
    uint32_t laddr_id;
    uint32_t wheel_next, wheel_prev;
    uint32_t toa_seq;           /* first data byte of the server, as the client sees it */
    uint32_t server_end_seq;    /* end of the last segment from the server, client's view */
    uint32_t server_ack;        /* last acknowledgement from the server, server's view */
    uint32_t service_timeout_ms; /* conn-timeout of its service, 0: none */
    uint16_t mtu[2];            /* of the route towards each side */
    struct conn_side4 side[2];
} __rte_cache_aligned;
static_assert(sizeof(struct conn) == 128, "an IPv4 connection is two lines");
static_assert(offsetof(struct conn, side) == 64, "what both directions share is one line");

struct conn6 {
    uint8_t shared[64];         /* as struct conn up to `side` */
    struct conn_side6 side[2] __rte_cache_aligned;
    uint8_t room[64];
};
static_assert(sizeof(struct conn6) == 256, "any other connection is four lines");

static inline struct key4 conn_key4(const struct conn *c, unsigned side)
{
    const struct conn_side4 *s = &c->side[side];

    return (struct key4){ s->src_be, s->dst_be, s->sport_be, s->dport_be, c->proto };
}

/* What rewriting from side s to the other changes, as checksum deltas. */
static inline void conn_prepare_deltas(struct conn *c)
{
    for (unsigned s = 0; s < 2; s++) {
        struct conn_side4 *in = &c->side[s];
        const struct conn_side4 *out = &c->side[1 - s];
        uint64_t l3 = csum_delta32(in->src_be, out->dst_be) + csum_delta32(in->dst_be, out->src_be);
        uint64_t l4 = l3 + csum_delta16(in->sport_be, out->dport_be) +
                      csum_delta16(in->dport_be, out->sport_be);

        in->l3_delta = csum_fold(l3);
        in->l4_delta = csum_fold(l4);
    }
}

#endif
