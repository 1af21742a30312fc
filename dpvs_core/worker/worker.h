/* worker.h - one lcore's turn: receive, forward, transmit. Filled in by worker.c. */
#ifndef DPVS_WORKER_WORKER_H
#define DPVS_WORKER_WORKER_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bucket.h"
#include "pkt/ip6_count.h"
#include "worker/core.h"

struct conn;
struct conn_table;
struct dest_count;
struct frag_table;
struct service;

struct tx_buffer {
    bool has_queue;             /* else another worker sends for this one */
    uint16_t n;
    uint32_t n_bytes;
    struct rte_mbuf *pkt[BURST];
};

enum { NO_STEADY_EPOCH = 0x10000 }; /* no fib's short epoch */

/* What is handed to another worker: a whole TCP or UDP packet that parse_fast has read, of either
 * family; any other that was received; a frame to be sent. */
enum handed_as { HANDED_UNREAD, HANDED_OUTGOING, HANDED_READ4 = 4, HANDED_READ6 = 6 };

/* A slot of a ring between workers: all that is said with a packet, so that neither end touches
 * the packet's private line for it, and what the other end can fetch before it sees the packet. */
struct handed {
    struct rte_mbuf *m;
    uint32_t hash;              /* of its tuple, if it was read */
    uint16_t frame_at;          /* and bytes from m to its frame, as a hint */
    uint8_t dev;                /* that received it, or that shall send it */
    uint8_t as;                 /* enum handed_as */
};
static_assert((int)CORE_MAX_DEVICES <= UINT8_MAX + 1, "a slot has a byte for the device");
static_assert(sizeof(struct handed) == 16, "rings copy slots of this size two at a time");

/* What an address is here, as it was found when `stamp` was (owner.h). */
struct owner_hint {
    struct addr16 addr;
    uint64_t stamp;             /* 0: nothing */
    bool is_laddr, is_vip;
};
enum { OWNER_HINTS = 16 };

/* The next hop of a server's address (output.c). */
struct hop_memo {
    struct addr16 addr;
    uint32_t fib_serial;        /* under which it was found; 0: nothing */
    uint32_t nexthop;
    uint16_t mtu;
    uint8_t af;
};
enum { HOP_MEMOS = 64 };

/* The next hop of a route by a gateway (output.c). */
struct gateway_memo {
    const void *route;
    uint32_t fib_serial;        /* which has it; 0: nothing */
    uint32_t nexthop;
};
enum { GATEWAY_MEMOS = 16 };

/* What goes to another worker in this turn (handover.c). */
struct peer_buffer {
    uint32_t n;
    uint32_t n_free;            /* slots of its ring known to be free beside these */
    struct handed out[BURST];
};

struct worker {
    struct core *core;
    uint32_t id;
    uint64_t now_us;
    uint32_t now_ms;

    /* loaded at the beginning of each step */
    const struct core_settings *settings;
    const struct fib *fib;
    uint32_t fib_serial;        /* the fib's own number */
    uint16_t fib_epoch;         /* the same, as connections keep it */
    uint32_t steady_epoch;      /* the same while TTLs stay as they are, else NO_STEADY_EPOCH */
    struct nexthops nexthops;   /* a copy: where they are does not change */
    const struct lb *lb;
    const uint8_t *group_worker;

    struct conn_table *conns;
    struct conn *begun;         /* made last and not indexed yet (lb/life.h), or NULL */
    struct dest_count *dest_count; /* [max_dests], this worker's share */
    const struct service *likely_service; /* of the packet in the slow stages (ahead.c), or NULL */
    const struct service *full_service; /* had no room left in step full_loop */
    uint64_t full_loop;
    struct frag_table *frags;
    struct token_bucket kernel_bulk, arp, icmp, reset, fragment;
    uint16_t next_ip_id;
    uint32_t had_room_ms;       /* last time the rings had room for resets (worker.c) */

    uint64_t verdicts[N_VERDICTS];
    struct core_worker_stats stats;
    struct tx_buffer tx[CORE_MAX_DEVICES];
    struct owner_hint owner_hint[OWNER_HINTS]; /* by address */
    struct hop_memo hop_memo[HOP_MEMOS]; /* the same */
    struct gateway_memo gateway_memo[GATEWAY_MEMOS]; /* by route */
    uint64_t peers_waiting;     /* bit: the worker's buffer is not empty */
    struct peer_buffer peer[CORE_MAX_WORKERS];
    uint64_t ip6_counts[N_IP6_COUNTERS];
};
static_assert(CORE_MAX_WORKERS <= 64, "a bit a worker");

struct worker *worker_create(struct core *core, uint32_t id);
void worker_destroy(struct worker *w);
/* One turn; returns the number of packets handled (0: idle). */
unsigned worker_step(struct worker *w, uint64_t now_us);

static inline void worker_count(struct worker *w, enum verdict v)
{
    w->verdicts[v]++;
}

#endif
