/* state.h - what the host thread owns; only files of this folder include it. */
#ifndef DPVS_HOST_STATE_H
#define DPVS_HOST_STATE_H

#include "host/conflict.h"
#include "host/wheel.h"
#include "pkt/ip6_count.h"
#include "worker/core.h"

enum { MAC_BYTES = 6 };

/* What the host thread knows of a next hop beside what workers read; same id as its entry. */
struct neigh {
    uint8_t state;              /* enum core_neigh_state */
    uint8_t is_static, has_mac;
    uint8_t n_probes;           /* requests sent in this state */
    uint8_t mac[MAC_BYTES];
    uint16_t n_waiting;
    struct rte_mbuf *first, *last; /* waiting, linked by pkt_meta.next */
    uint64_t probe_end_us;      /* NEIGH_PROBE: forgotten then if nobody used it */
    uint64_t free_token;        /* free: reusable when workers have passed it (RCU) */
    uint16_t next_free;
};

struct neigh_table {
    struct neigh *neigh;        /* [core->nexthops.n + 1] */
    struct wheel wheel;
    uint16_t free_first, free_last; /* first in, first out; 0: none */
    uint32_t n_fresh;           /* ids up to here were used at least once */
    uint32_t n_entries, n_unresolved, n_waiting;
    uint32_t max_unresolved, max_learnt, max_waiting;
};

/* A local IPv6 address that is or was verified (dad.c). */
struct dad_row {
    uint8_t addr[16];
    uint16_t dev;
    uint8_t is_used;
    uint8_t state;              /* enum core_dad_state */
    uint8_t n_sent;             /* probes */
    uint8_t announces;          /* when it has passed: its link came up */
    uint16_t next_free;
};

struct dad_table {
    struct dad_row *row;        /* [CORE_MAX_DAD + 1]; 0 is not used */
    struct wheel wheel;
    uint32_t n_fresh;           /* rows up to here were used at least once */
    uint16_t free_first;
    uint32_t fib_epoch;         /* of the fib that the rows follow */
};

/* An IPv6 multicast group of a device (mld.c). */
struct mld_group {
    uint8_t addr[16];
    uint16_t dev, next;         /* of the hash bucket, or of the free list */
    uint8_t is_used;
    uint8_t is_wanted;          /* an address of the fib has it */
    uint8_t is_joined;          /* as we have told, or are about to */
    uint8_t n_changes;          /* reports of the last join or leave to come */
    uint8_t is_told;            /* ... this round */
    uint8_t is_asked;           /* a query about it is to be answered */
};

/* Of a device. */
struct mld_link {
    uint64_t v1_until_us;       /* an old querier is there until then */
    uint8_t robustness;         /* the querier's; 0: not told */
};

enum { MLD_BUCKETS = 1024 };

struct mld_table {
    struct mld_group *group;    /* [CORE_MAX_GROUPS + 1]; 0 is not used */
    struct wheel wheel;
    uint16_t bucket[MLD_BUCKETS];
    uint16_t free_first;
    uint32_t n_fresh;           /* rows up to here were used at least once */
    uint32_t fib_epoch;         /* of the fib that the rows follow */
    uint64_t n_random;
    struct mld_link link[CORE_MAX_DEVICES];
};

/* Addresses of a device that are still to be announced (link_up.c). */
struct announce {
    uint32_t next, fib_epoch;
    uint8_t is_active;
};

struct kernel_batch {
    uint16_t n;
    struct rte_mbuf *pkt[BURST];
};

struct host {
    struct core *core;
    uint64_t now_us;
    /* loaded at the beginning of each step */
    const struct core_settings *settings;
    const struct fib *fib;

    struct neigh_table neighs;
    struct dad_table dad;
    struct mld_table mld;
    struct conflicts *conflicts;
    struct rte_ring *commands;  /* from the master, heap memory (command.c) */
    struct announce announce[CORE_MAX_DEVICES];
    struct kernel_batch to_kernel[CORE_MAX_DEVICES];
    uint64_t verdicts[N_VERDICTS];
    uint64_t ip6_counts[N_IP6_COUNTERS];
};

static inline void host_count(struct host *host, enum verdict v)
{
    host->verdicts[v]++;
}

static inline void host_drop(struct host *host, struct rte_mbuf *m, enum verdict v)
{
    host_count(host, v);
    pkt_free(&host->core->env, m);
}

/* A complete frame, out of `dev` by a worker that can send there; equal flow hashes keep their
 * order. The packet is gone afterwards, sent or counted (send.c). */
void host_send(struct host *host, struct rte_mbuf *m, uint16_t dev, enum host_class class,
               uint32_t flow_hash);
/* The same of an IPv6 packet made here, control class; counted as such. */
void host_send_ip6(struct host *host, struct rte_mbuf *m, uint16_t dev);
/* A packet that waited in vain: to a worker, which tells its sender; counted already. */
void host_hand_back(struct host *host, struct rte_mbuf *m, uint32_t flow_hash);

#endif
