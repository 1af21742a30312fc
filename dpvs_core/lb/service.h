/* service.h - services with their dests, one immutable set swapped by pointer.
 *
 * The set is three tables in pages (lb/page_table.h): services by key, the addresses they use, and
 * NAT's real servers. A change copies the pages it touches and replaces the services that differ;
 * all is published at once, and what was replaced is freed after a grace period. A version of a
 * service is one piece of memory with its dests. What packets change lives apart: service_live
 * (positions of the schedulers) and dest_count (each worker's own counters).
 */
#ifndef DPVS_LB_SERVICE_H
#define DPVS_LB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "base/addr.h"
#include "dpvs_core.h"
#include "lb/page_table.h"

struct core;
struct laddr_list;
struct match_list;
struct wlc_leaf;

struct dest {
    uint32_t id, weight, upper_threshold, lower_threshold;
    uint16_t port_be;
    uint8_t af, fwd;
    uint8_t addr[16];
    uint8_t lport_pool;         /* of each local address: by address and port */
};

/* Written by first packets only, one relaxed atomic each. */
struct service_live {
    uint32_t position;          /* rr, wrr: how many were scheduled */
    uint32_t n_versions;        /* of the service, published or not; the master's */
} __rte_cache_aligned;

/* A worker's own view of a dest. */
struct dest_count {
    uint64_t conns, inpkts, outpkts, inbytes, outbytes;
    uint32_t active, inactive;
    uint32_t limited;           /* its share of the dest's limit (lb/sched_limit.h); 0: no part */
    uint32_t seat_epoch;        /* of the set (struct lb) under which `seat` is good */
    struct wlc_leaf *seat;      /* the dest in the worker's tree (lb/sched_wlc.c) */
} __rte_cache_aligned;
_Static_assert(sizeof(struct dest_count) == RTE_CACHE_LINE_SIZE, "a dest's counters are one line");

enum dest_flag {
    DEST_CUT = 1,               /* connections end at their next packet */
    DEST_OUTWARD = 2,           /* a WAN address: its clients are inside */
};

/* Beside enum core_service_flag: of a match service (SNAT), whose i-th local address is dest[i]. */
enum { SERVICE_OUTWARD = 0x80 };

/* What each first packet asks is in the first line; behind it, it needs one dest. */
struct service {
    struct core_service_key key;
    uint32_t id;
    uint8_t sched, flags;
    bool by_client;             /* its flow groups (lb/group.h): it has, or had, NAT dests */
    bool was_by_tuple;          /* ... but not at first: there may be connections of other groups */
    uint32_t conn_timeout_ms;
    uint32_t n_dests, n_laddrs;
    struct service_live *live;  /* goes on from version to version, freed with the last one */
    struct laddr_list *laddrs;  /* n_laddrs; NULL: none */
    void *plan;                 /* the scheduler's, of this version (lb/sched.h); NULL: none */
    uint32_t edit;              /* the serial of the edit that made it */
    uint32_t made_at;           /* its place in that edit's list */
    struct dest dest[];
};
_Static_assert(offsetof(struct service, edit) == RTE_CACHE_LINE_SIZE, "packets need the first line");

/* An address that services use, whatever the port. */
struct lb_vip {
    uint8_t addr[16];
    uint32_t n_tcp, n_udp;
    uint8_t af;
};

/* A real server whose answers are for the clients' own addresses (lb/nat_servers.h). */
struct lb_nat_server {
    uint8_t addr[16];
    uint32_t af;
    uint32_t n_dests;           /* NAT dests that it is, or was while connections still are */
};

struct lb {
    struct page_table services; /* rows: struct service * */
    struct page_table vips;     /* rows: struct lb_vip */
    struct page_table nat_servers; /* rows: struct lb_nat_server */
    uint32_t n_nat_servers;
    const struct match_list *matches; /* lb/match.h; NULL: there never was one */
    uint32_t serial;            /* of the edit that made this version */
};

extern const struct page_kind lb_service_kind, lb_vip_kind, lb_nat_server_kind;

/* Of a service, whose address has this hash. */
static inline uint32_t lb_key_hash_at(const struct core_service_key *key, uint32_t addr_hash)
{
    return hash_mix(addr_hash ^ ((uint32_t)key->port << 8 | key->proto));
}

static inline uint32_t lb_key_hash(const struct core_service_key *key)
{
    return lb_key_hash_at(key, hash_addr(key->af, key->addr));
}

/* An empty set; NULL: no memory. */
struct lb *lb_create(struct core *core);
/* The set with its services; nobody else uses it. */
void lb_destroy(struct core *core, struct lb *lb);

/* Its scheduler and flags are such as the master may choose. */
bool service_is_sound(const struct core_service *spec);
/* An unpublished version (lb/service_build.c); NULL: *error is -ENOMEM, -EINVAL or -ENOENT. */
struct service *service_build(struct core *core, const struct core_service *spec,
                              const struct core_dest *dests, uint32_t n_dests,
                              const uint32_t *laddr_ids, uint32_t n_laddrs, int *error);
/* The pool of each local address that connections to it take ports of: by address and port. */
uint8_t dest_lport_pool(const struct core *core, const struct dest *d);
void service_free(struct core *core, struct service *s);

/* Where a service stands in the set's pages; NULL: there is none of that key. */
struct service *const *lb_row(const struct lb *lb, const struct core_service_key *key);
/* `addr_hash`: hash_addr of the key's address. */
const struct service *lb_find_at(const struct lb *lb, const struct core_service_key *key,
                                 uint32_t addr_hash);
/* Probably the service whose key has this hash; NULL: there is none. */
const struct service *lb_likely(const struct lb *lb, uint32_t hash);
/* It has local addresses, none of them in use here: another director of the pair serves it. */
bool service_is_standby(const struct service *s);
/* NULL: no service at that address, whose hash is `addr_hash`. */
const struct lb_vip *lb_vip_at(const struct lb *lb, uint8_t af, const uint8_t addr[16],
                               uint32_t addr_hash);

/* NULL: it is none. */
const struct lb_nat_server *lb_nat_server(const struct lb *lb, uint8_t af, const uint8_t addr[16]);

static inline bool lb_is_nat_server(const struct lb *lb, uint8_t af, const uint8_t addr[16])
{
    return lb_nat_server(lb, af, addr) != NULL;
}

static inline const struct lb_vip *lb_vip(const struct lb *lb, uint8_t af, const uint8_t addr[16])
{
    return lb_vip_at(lb, af, addr, hash_addr(af, addr));
}

#endif
