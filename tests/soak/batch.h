/* batch.h - what goes into the core between two looks at it, and what came out.
 *
 * Packets of one visit (one slot's, from one end) stand in a row and arrive in one queue, so the
 * core sees them in the order in which they stand here. Visits go in together, in any order; those
 * whose outcome an order or an expiry decides go in alone afterwards (oracle_order.c). What is
 * forwarded keeps its IP id, which is its place in the batch; what the core makes itself (resets)
 * is known by its type of service of 0, which no reset of an end has.
 */
#ifndef SOAK_BATCH_H
#define SOAK_BATCH_H

#include "wire.h"

enum { BATCH_MAX = 256, FRAME_BYTES = 1600, NO_SLOT = 0xffffffff };
enum { MADE_BYTES = ETH_HDR_BYTES + IP4_HDR_BYTES + TCP_HDR_BYTES };

struct frame {
    uint32_t n_bytes;
    uint8_t dev;
    uint8_t *bytes;             /* in the batch's arena */
};

/* What the oracle found to have become of a packet; the ends learn from it. */
enum fate { FATE_NONE, FATE_FORWARDED, FATE_RESET };

/* Where a packet goes to and comes from, in the scene; -1: not in it. */
struct place {
    int8_t service, laddr, server;
};

struct packet {
    uint64_t number;            /* since the start */
    uint32_t slot;              /* of the traffic; NO_SLOT: a stranger's */
    uint8_t worker;             /* in whose queue it arrives */
    enum fate fate;
    struct place at;
    bool alone;                 /* goes in after the others, with its visit only */
    uint32_t n_begun;           /* on the first packet of a visit alone: connections it began */
    struct frame in, out, kernel; /* out, kernel: 0 bytes: nothing came */
    struct view in_view, out_view;
};

struct made {                   /* a reset that the core made */
    uint8_t bytes[MADE_BYTES];
    uint8_t dev;
};

struct batch {
    uint64_t now_us;
    uint16_t first_id;          /* of packet[0] */
    uint32_t n, n_made, made_room, arena_used;
    uint32_t n_begun;           /* connections that the packets that went together began */
    struct made *made;          /* grows: many connections may end at once */
    struct packet packet[BATCH_MAX];
    uint8_t arena[2 * BATCH_MAX * FRAME_BYTES]; /* frames in and out, close together */
};

/* The first packet after i's visit. */
static inline uint32_t batch_visit_end(const struct batch *b, uint32_t i)
{
    const uint32_t slot = b->packet[i].slot;

    while (i < b->n && b->packet[i].slot == slot)
        i++;
    return i;
}

/* Room for the next frame; taken by batch_keep. */
static inline uint8_t *batch_room(struct batch *b)
{
    return b->arena + b->arena_used;
}

static inline bool batch_is_full(const struct batch *b)
{
    return b->arena_used + FRAME_BYTES > sizeof b->arena;
}

static inline struct frame batch_keep(struct batch *b, uint8_t dev, uint32_t n_bytes)
{
    const struct frame kept = { n_bytes, dev, batch_room(b) };

    b->arena_used += (n_bytes + 7) & ~7u;
    return kept;
}

#endif
