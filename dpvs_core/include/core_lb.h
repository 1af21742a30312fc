/* core_lb.h - balancing: services with their dests, published as one set; local addresses. */
#ifndef DPVS_CORE_LB_H
#define DPVS_CORE_LB_H

#include "core_base.h"

enum core_sched { CORE_SCHED_RR, CORE_SCHED_WRR, CORE_SCHED_WLC, CORE_N_SCHEDS };
enum core_fwd {
    CORE_FWD_FNAT,              /* both addresses are replaced */
    CORE_FWD_NAT,               /* the destination's alone */
    CORE_FWD_DR,                /* the Ethernet header alone */
    CORE_FWD_TUNNEL,            /* inside another IP packet */
    CORE_FWD_SNAT,              /* from inside to the world: the source alone; of match services */
    CORE_N_FWDS,
};
enum core_dest_flag { CORE_DEST_INHIBITED = 1 };
enum core_service_flag {
    CORE_SVC_EXPIRE_QUIESCENT = 1,
    CORE_SVC_ONE_PACKET = 2,    /* each datagram is scheduled by itself, no connection kept: UDP
                                   alone, and not of match services, else -EOPNOTSUPP */
};

struct core_service_key {
    uint8_t af, proto;
    uint16_t port;
    uint8_t addr[16];
};

struct core_range {             /* of a match: both ends belong to it */
    uint8_t first[16], last[16]; /* last all zero: any address */
    uint16_t first_port, last_port; /* last 0: any, and what has no ports */
};

/* Which packets a match service takes, of those that are for no address here and have a route. */
struct core_match {
    uint8_t af, proto;          /* proto 0: TCP, UDP, SCTP and the family's ICMP */
    uint16_t iif, oif;          /* devices: received on, of the route; CORE_ANY_DEV */
    struct core_range src, dst;
};

struct core_service {
    struct core_service_key key;
    uint32_t id;                /* chosen by the master, for connections and counters */
    uint8_t sched, flags;
    uint32_t conn_timeout_s;    /* 0: the state's own */
};

struct core_dest {
    uint32_t id;                /* below max_dests; not re-used while connections count on it */
    uint8_t af, fwd, flags;
    uint16_t port;              /* 0: the service's, as it must be for DR and tunnel (-EINVAL) */
    uint8_t addr[16];
    uint32_t weight;            /* 0: quiesced */
    uint32_t upper_threshold;   /* connections, 0: none: at it no new ones are given */
    uint32_t lower_threshold;   /* ... until there are fewer than this; 0: than upper_threshold */
};

/* 1: connections between clients and servers of these families can be forwarded so. */
int core_fwd_supported(enum core_fwd fwd, uint8_t client_af, uint8_t server_af);

struct lb_edit;

/* A version of the published set to change; commit makes all of it visible at once, abort nothing.
 * One edit at a time: a commit after another edit's fails with -ESTALE, and is then an abort. */
struct lb_edit *core_lb_begin(struct core *core);
int core_lb_set(struct lb_edit *edit, const struct core_service *service,
                const struct core_dest *dests, uint32_t n_dests,
                const uint32_t *laddr_ids, uint32_t n_laddrs);
/* The same for n of them in one call: `dests` and `laddr_ids` are those of the first, then those of
 * the second, ... After an error only core_lb_abort makes sense. */
int core_lb_set_many(struct lb_edit *edit, uint32_t n, const struct core_service *services,
                     const struct core_dest *dests, const uint32_t *n_dests,
                     const uint32_t *laddr_ids, const uint32_t *n_laddrs);
int core_lb_del(struct lb_edit *edit, const struct core_service_key *key);
/* A service by match (SNAT), whose dests are WAN addresses: all CORE_FWD_SNAT, each the address of
 * a local address, laddr_ids[i] of dests[i], else -EINVAL. service->key is not read. Of several
 * that take a packet the one made last does; a changed one (equal match) keeps its turn. */
int core_lb_match_set(struct lb_edit *edit, const struct core_match *match,
                      const struct core_service *service, const struct core_dest *dests,
                      const uint32_t *laddr_ids, uint32_t n_dests);
int core_lb_match_del(struct lb_edit *edit, const struct core_match *match);
int core_lb_commit(struct lb_edit *edit);
void core_lb_abort(struct lb_edit *edit);

/* A local address's port pools. del: -EBUSY while a connection uses one or a service's version that
 * names it is not freed yet (ask again later). */
int core_laddr_add(struct core *core, uint32_t laddr_id, uint8_t af, const uint8_t *addr);
int core_laddr_del(struct core *core, uint32_t laddr_id);
/* Whether new connections may take its ports (1 after core_laddr_add); those that have one stay. */
int core_laddr_active(struct core *core, uint32_t laddr_id, int active);

struct core_laddr_stats {
    uint64_t used, free, miss;  /* ports, over all pools; misses: a pool was empty */
};
int core_laddr_stats(struct core *core, uint32_t laddr_id, struct core_laddr_stats *out);

/* in: from clients, and with SNAT from the world; out: to them. */
struct core_dest_stats {
    uint64_t conns, inpkts, outpkts, inbytes, outbytes;
    uint64_t active, inactive, persistent;
};
/* w: a worker, or -1 for the sum. Never zeroed: the master subtracts (service.zero). */
int core_dest_stats(struct core *core, int w, uint32_t dest_id, struct core_dest_stats *out);
/* n of them, one after the other; -EINVAL if one is not below max_dests. */
int core_dest_stats_many(struct core *core, int w, uint32_t n, const uint32_t *dest_ids,
                         struct core_dest_stats *out);

#endif
