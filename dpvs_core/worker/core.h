/* core.h - the one handle: what the threads share, and who writes it.
 *
 * Published pointers (settings, fib, lb, groups) have one writer, the master; threads load them
 * once a step and report a quiescent state between steps, after which the master frees the old.
 */
#ifndef DPVS_WORKER_CORE_H
#define DPVS_WORKER_CORE_H

#include <pthread.h>

#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "base/env.h"
#include "dpvs_core.h"
#include "lb/laddr_index.h"
#include "lb/laddr_list.h"
#include "lb/nat_servers.h"
#include "net/nexthop.h"
#include "pkt/classify.h"
#include "pkt/verdict.h"
#include "worker/retire.h"

struct capture;
struct dest_count;
struct fib;
struct host;
struct lb;
struct lport_wish_table;
struct plain_nic;
struct steer_rules;
struct toeplitz;
struct worker;

enum { BURST = 32 };

/* How packets enter and leave a thread: ethdev queues (port/io_eal.c), or lists (api/io_plain.c).
 * rx returns at most n packets; tx takes ownership of the first `returned` packets only. */
struct io_ops {
    uint16_t (*rx)(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts, uint16_t n);
    uint16_t (*tx)(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts, uint16_t n);
    uint16_t (*kernel_rx)(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n);
    uint16_t (*kernel_tx)(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n);
    bool (*link_is_up)(const struct core *core, uint32_t dev); /* master; at once */
    /* A packet was put on a ring to the host thread, which may sleep. */
    void (*wake_host)(struct core *core);
};

extern const struct io_ops io_plain;
extern const struct io_ops io_eal;

enum link_seen { LINK_UNKNOWN, LINK_DOWN, LINK_UP };

struct device {
    char name[CORE_NAME_BYTES];
    uint8_t mac[6];
    uint16_t mtu;
    int32_t port_id;            /* ethdev, -1: plain */
    int32_t kernel_port_id;     /* ethdev of the kernel port, -1: plain or none */
    uint8_t has_kernel;
    uint8_t promisc, allmulticast, up;
    uint8_t link_seen;          /* enum link_seen, when the master looked last */
    uint16_t n_rxq, n_txq;
    uint64_t tx_offloads;       /* switched on */
    int16_t rxq[CORE_MAX_WORKERS], txq[CORE_MAX_WORKERS]; /* by worker; -1: none */
    uint16_t n_txd;             /* plain: frames it holds before it refuses; 0: no limit */
    void *plain;                /* api/io_plain.c: its lists */
    struct core_steering steering;
    struct steer_rules **rules; /* port/steer_rules.c: [max_laddrs]; NULL: it has none */
    struct plain_nic *plain_nic; /* port/nic_plain.c */
};

struct core {
    struct core_conf conf;
    struct env env;
    const struct io_ops *io;
    pthread_t master;
    uint32_t n_devices;
    struct device device[CORE_MAX_DEVICES];

    /* published by the master */
    struct core_settings *settings;
    struct fib *fib;
    struct lb *lb;
    uint8_t (*group_worker)[CORE_GROUPS];
    struct capture *capture;    /* NULL: none */
    struct laddr **laddr;       /* [max_laddrs]; an entry lives while services or conns name it */
    uint32_t *laddr_uses;       /* [max_laddrs]: versions of services that name it; master's own */

    struct nexthops nexthops;   /* written by the host thread */
    struct laddr_index laddr_by_addr; /* the same; written by the master in place */
    uint8_t *dest_flags;        /* [max_dests], enum dest_flag: read by established packets */
    uint64_t *dest_limit;       /* [max_dests], lb/sched_limit.h: first packets, one atomic each */

    /* decided before the workers run (core_steer) */
    struct toeplitz *toeplitz;  /* the cards' hash gives the flow group; NULL: the table's does */
    struct lport_wish_table *lport_return; /* lb/lport_return.h; NULL with toeplitz */

    struct worker *worker[CORE_MAX_WORKERS];
    struct dest_count *dest_count[CORE_MAX_WORKERS]; /* each worker's, for the others to read */
    struct host *host;
    /* between threads, each single producer, single consumer */
    struct rte_ring *to_host[CORE_MAX_WORKERS][HOST_CLASSES];
    struct rte_ring *from_host[CORE_MAX_WORKERS][HOST_CLASSES];
    struct rte_ring *peer[CORE_MAX_WORKERS][CORE_MAX_WORKERS]; /* [from][to] */

    struct rte_rcu_qsbr *rcu;   /* readers: workers 0..n-1, the host thread n */
    int running;                /* 0 asks the threads to leave; atomic */

    /* what other threads write while all goes well, apart from what workers read every turn */
    int host_sleeps __rte_cache_aligned; /* the host thread is about to wait; atomic */
    int host_eventfd;
    struct retired *retired, *retired_last; /* what waits for its grace period, oldest first */
    uint32_t n_retired;         /* objects in them; the master's own, as they are */
    struct nat_gone nat_gone;   /* the master's */
    struct laddr_lists laddr_lists; /* the same */
};

static inline uint32_t core_host_reader(const struct core *core)
{
    return core->conf.n_workers;
}

#endif
