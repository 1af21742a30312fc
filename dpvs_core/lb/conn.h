/* conn.h - one connection: two sides, and what packets do not need.
 *
 * Side 0 faces the client, side 1 the real server. A side is what a packet arriving from it needs:
 * its tuple, the one it gets, what to add to it, its next hop. So a packet of a known connection
 * reads and writes its side alone. What both directions share is written twice (proto, dest_id,
 * state) or is not asked for by packets (struct conn_rest, in an array of its own).
 *
 * Two sizes: with IPv4 on both sides a side is one cache line, else ("wide") two. What follows
 * states, times and numbers works on the common first part, struct conn_side; only compare,
 * rewrite and copies of addresses differ by family.
 *
 *   addresses     as they arrive            as they leave
 *   IPv4          line 1, struct conn_side4 line 1, the same
 *   IPv6          line 2, struct conn_side6 line 2, the same
 *
 * A connection between families is wide with a side of each. A wide IPv4 side has its tuple where
 * struct conn_side4 has it, so that it is found in the same way. What it gets is the IPv6 side's
 * tuple turned round, and read there: packets of both directions share that line, and three lines
 * of four are ever touched. Only tunnels' outer addresses, which are in no tuple, are on the wide
 * IPv4 side's own second line. SIDE_WIDE4 has the fast path fetch either.
 * Written by the worker that owns the flow group only; `gen` is odd while in use, so that listings
 * can read without asking. Sizes: 128 + 32 B when both sides are IPv4, 256 + 64 B otherwise.
 */
#ifndef DPVS_LB_CONN_H
#define DPVS_LB_CONN_H

#include <assert.h>
#include <stdint.h>

#include <rte_common.h>

#include "pkt/pkt.h"

enum { SIDE_CLIENT, SIDE_SERVER };
enum { CONN_NONE = 0xffffffff };

enum conn_flag {
    /* in the client's side */
    CONN_ACTIVE = 1,            /* counted active at its dest, else inactive */
    CONN_TOA = 2,               /* client segments may still need the client's address */
    CONN_SYNACK_SEEN = 4,       /* toa_seq is known */
    CONN_LPORT = 8,             /* holds a local port, to be given back */
    /* of each side, for life */
    SIDE_SILENT = 16,           /* nothing arrives from it here: it is not in the index */
    SIDE_IP6 = 32,              /* IPv6 packets arrive from it */
    SIDE_WIDE4 = 1 << 6,        /* IPv4 packets do, though the record is wide */
    SIDE_IS_SERVER = 1 << 7,    /* side 1 */
};

struct conn_side {
    uint16_t sport_be, dport_be; /* as it arrives */
    uint16_t new_sport_be, new_dport_be; /* as it leaves */
    union {
        struct {
            union {
                uint16_t l3_delta;  /* what the new tuple changes, as checksum deltas */
                uint16_t addrs_sum; /* IPv6 that becomes IPv4: of the new addresses, host order */
            };
            uint16_t l4_delta;
        };
        struct {
            uint16_t outer_delta;   /* tunnel: of the outer IPv4 checksum to the inner one */
            uint16_t outer_epoch;   /* of the fib by which its source was chosen; 0: not yet */
        };
    };
    uint32_t seq_add, ack_add;  /* host order */
    uint32_t nexthop;           /* handle, towards the other side */
    uint16_t mtu;               /* of the route there */
    uint16_t fib_epoch;         /* under which it was found; 0: not yet */
    uint32_t last_seen_ms;
    uint32_t dest_id;
    union {
        struct {
            uint32_t end_seq, ack; /* server's side: the farthest sent and acknowledged there */
        };
        struct {
            uint32_t server_tag_be, client_tag_be; /* the same of SCTP: which tag each expects */
        };
        uint32_t hash[2];       /* client's side: of both sides' tuples, for the index */
    };
    uint8_t proto, fwd, state, flags; /* fwd: row of fwd_table; state: of the protocol */
};
static_assert(sizeof(struct conn_side) == 48, "leaves a line room for IPv4 addresses");

struct conn_side4 {
    struct conn_side side;
    uint32_t src_be, dst_be;    /* as it arrives */
    uint32_t new_src_be, new_dst_be; /* as it leaves */
};
static_assert(sizeof(struct conn_side4) == RTE_CACHE_LINE_SIZE, "an IPv4 side is one line");

struct conn_side6 {
    struct conn_side side;
    uint16_t dev;               /* client's side: it came by, if its address is link-local */
    uint16_t unused[3];
    uint32_t new_src4_be, new_dst4_be; /* as it leaves as IPv4 */
    uint32_t src_be[4], dst_be[4]; /* the second line begins here */
    uint32_t new_src_be[4], new_dst_be[4];
};
static_assert(sizeof(struct conn_side6) == 2 * RTE_CACHE_LINE_SIZE, "an IPv6 side is two lines");
static_assert(offsetof(struct conn_side6, src_be) == RTE_CACHE_LINE_SIZE, "no address straddles");
static_assert(offsetof(struct conn_side6, new_src4_be) == offsetof(struct conn_side4, new_src_be) &&
              offsetof(struct conn_side6, new_dst4_be) == offsetof(struct conn_side4, new_dst_be),
              "what leaves as IPv4 gets its addresses from one place");

/* A connection, of either size: its client's side comes first, the server's by conn_side(). */
struct conn {
    struct conn_side client;
};

/* What first packets, state changes and expiry need. */
struct conn_rest {
    uint32_t gen;               /* odd: in use */
    uint32_t timeout_ms;
    uint32_t wheel_next, wheel_prev; /* free: of the pool's list */
    uint32_t service_id;
    uint32_t service_timeout_ms; /* conn-timeout of its service, 0: none */
    uint32_t toa_seq;           /* first data byte of the server, as the client sees it */
    uint16_t laddr_id;
    uint8_t pool, group;        /* pool: of the local port */
};
static_assert(sizeof(struct conn_rest) == 32, "two to a line");
enum { CONN_NO_LADDR = 0xffff };

static inline bool side_is_wide(const struct conn_side *s)
{
    return s->flags & (SIDE_IP6 | SIDE_WIDE4);
}

static inline unsigned side_bytes(const struct conn_side *s)
{
    return (unsigned)RTE_CACHE_LINE_SIZE << side_is_wide(s);
}

static inline struct conn_side *conn_side(const struct conn *c, unsigned side)
{
    return (struct conn_side *)((uintptr_t)c + side * side_bytes(&c->client));
}

static inline bool conn_is_wide(const struct conn *c)
{
    return side_is_wide(&c->client);
}

/* SIDE_CLIENT or SIDE_SERVER. */
static inline unsigned side_number(const struct conn_side *s)
{
    return s->flags / SIDE_IS_SERVER;
}

static inline struct conn *side_conn(const struct conn_side *s)
{
    return (struct conn *)((uintptr_t)s - side_number(s) * side_bytes(s));
}

static inline uint8_t side_af(const struct conn_side *s)
{
    return s->flags & SIDE_IP6 ? 6 : 4;
}

static inline struct conn_side4 *side4(const struct conn_side *s)
{
    return (struct conn_side4 *)(uintptr_t)s;
}

static inline struct conn_side6 *side6(const struct conn_side *s)
{
    return (struct conn_side6 *)(uintptr_t)s;
}

/* The IPv6 side across from a wide IPv4 one. */
static inline struct conn_side6 *side_across6(const struct conn_side *s, unsigned side)
{
    const intptr_t bytes = sizeof(struct conn_side6);

    return (struct conn_side6 *)((intptr_t)s + (side == SIDE_CLIENT ? bytes : -bytes));
}

/* The line that has the IPv6 addresses of what a wide IPv4 side sends on: a tunnel has no port. */
static inline const void *side_wide4_line(const struct conn_side *s)
{
    if (side_number(s) == SIDE_CLIENT && !(s->flags & CONN_LPORT))
        return side6(s)->new_src_be;
    return side_across6(s, side_number(s))->src_be;
}

static inline void conn_set_state(struct conn *c, uint8_t state)
{
    conn_side(c, SIDE_CLIENT)->state = conn_side(c, SIDE_SERVER)->state = state;
}

/* The device that a link-local client came by; of others nothing that is used. */
static inline uint16_t conn_client_dev(const struct conn *c)
{
    return side_af(&c->client) == 6 ? side6(&c->client)->dev : 0;
}

/* When a packet of either side came last. */
static inline uint32_t conn_last_seen_ms(const struct conn *c)
{
    const uint32_t a = conn_side(c, SIDE_CLIENT)->last_seen_ms;
    const uint32_t b = conn_side(c, SIDE_SERVER)->last_seen_ms;

    return (int32_t)(a - b) > 0 ? a : b;
}

/* The address of what arrives from the side, of its family. */
static inline const void *side_src(const struct conn_side *s)
{
    return s->flags & SIDE_IP6 ? (const void *)side6(s)->src_be : (const void *)&side4(s)->src_be;
}

/* --- conn.c: a side's tuple, whatever its family ------------------------------------------- */

/* What arrives from the side. */
union key side_key(const struct conn_side *s);
/* What is sent to it: the tuple turned round. */
union key side_reverse_key(const struct conn_side *s);

#endif
