/* env.h - where memory and packets come from: EAL's hugepages, or malloc.
 *
 * A step function takes nothing from the heap by itself: tables ask `zalloc` when they are
 * created, packets come from and go back to the two packet functions. The plain variant needs
 * no EAL, so tests and fuzzers run the shipped code in one ordinary process.
 */
#ifndef DPVS_BASE_ENV_H
#define DPVS_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

struct env;

struct env_ops {
    void *(*zalloc)(size_t bytes);                /* zeroed, cache-line aligned; NULL: no memory */
    void (*free)(void *memory);
    struct rte_mbuf *(*pkt_alloc)(struct env *env); /* empty, with headroom; NULL: pool empty */
    void (*pkt_free)(struct env *env, struct rte_mbuf *pkt);
};

struct env {
    const struct env_ops *ops;
    struct rte_mempool *pool;   /* EAL only */
    uint32_t n_pkts_in_use, max_pkts; /* plain only; atomic; 0: no limit */
};

/* Of the plain variant, for tests: pieces of memory that exist, and how many more allocations until
 * one is refused, once (0: none is). */
struct env_plain_memory {
    uint32_t n_pieces, refuse_after;
};

extern struct env_plain_memory env_plain_memory;
extern const struct env_ops env_plain;
extern const struct env_ops env_eal; /* port/env_eal.c */

/* What is to be done with a packet that goes between the host thread and a worker. Between workers
 * the slots of their rings say it (worker/worker.h, struct handed). */
enum pkt_job {
    JOB_TRANSMIT,               /* host -> worker: complete frame, send it on `dev` */
    JOB_UNREACHED,              /* host -> worker: `next_hop` did not answer, tell the sender */
    JOB_ARP,                    /* worker -> host: an ARP packet received on `dev` */
    JOB_ND,                     /* worker -> host: a neighbour solicitation or advertisement */
    JOB_MLD,                    /* worker -> host: a query for multicast listeners */
    JOB_KERNEL,                 /* worker -> host: for the kernel port of `dev` */
    JOB_RESOLVE,                /* worker -> host: find `next_hop`, then send on `dev` */
};

/* What a fragment's keeper knows of its packet (worker/fragment.c), for its owner. */
struct pkt_fragment {
    uint32_t hash;              /* of addresses, protocol and identification */
    uint32_t new_id;
    uint16_t sport_be, dport_be; /* the first fragment's */
    uint16_t n_bytes;           /* SCTP: of all fragments together, without headers of IP */
};

/* What travels with a packet from thread to thread; lives in the mbuf's private area. */
struct pkt_meta {
    uint8_t job;
    uint8_t af;                 /* of next_hop */
    uint16_t dev;
    uint16_t l3_off;            /* JOB_RESOLVE, JOB_UNREACHED: where the IP header starts */
    uint8_t next_hop[16];
    struct rte_mbuf *next;      /* a list of waiting packets */
    struct pkt_fragment fragment; /* worker -> worker: from its keeper */
};

enum { PKT_META_BYTES = RTE_CACHE_LINE_SIZE };
_Static_assert(sizeof(struct pkt_meta) <= PKT_META_BYTES, "pkt_meta fits the private area");

static inline struct pkt_meta *pkt_meta(struct rte_mbuf *m)
{
    return rte_mbuf_to_priv(m);
}

static inline void pkt_free(struct env *env, struct rte_mbuf *m)
{
    env->ops->pkt_free(env, m);
}

#endif
