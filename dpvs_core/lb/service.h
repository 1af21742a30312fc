/* service.h - services with their dests, one immutable set swapped by pointer.
 *
 * The set is a hash of pointers to immutable services. A change copies the pointers (80 kB at
 * 10,000 services), replaces the services that differ and publishes all at once; what was replaced
 * is freed after a grace period. What packets change lives apart: service_live (positions of the
 * schedulers) and dest_count (each worker's own counters).
 */
#ifndef DPVS_LB_SERVICE_H
#define DPVS_LB_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "dpvs_core.h"

struct core;
struct laddr;
struct wlc_leaf;

struct dest {
    uint32_t id, weight, upper_threshold, lower_threshold;
    uint16_t port_be;
    uint8_t af, fwd;
    uint8_t addr[16];
};

/* Written by first packets only, one relaxed atomic each. */
struct service_live {
    uint32_t position;          /* rr, wrr: how many were scheduled */
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

enum dest_flag { DEST_CUT = 1 }; /* connections end at their next packet */

struct service {
    struct core_service_key key;
    uint32_t id;
    uint8_t sched, flags;
    uint32_t conn_timeout_ms;
    uint32_t n_dests, n_laddrs;
    struct service_live *live;  /* goes on from version to version */
    struct dest *dest;
    struct laddr **laddr;
    void *plan;                 /* the scheduler's, of this version (lb/sched.h); NULL: none */
};

/* An address that services use, whatever the port. */
struct lb_vip {
    uint8_t addr[16];
    uint8_t af;
    uint32_t n_tcp, n_udp;
};

struct lb {
    uint32_t n_services, n_vips, mask; /* n_vips: entries taken, also those with no service left */
    uint32_t epoch;             /* counts publications: an address may come again, this does not */
    struct service **slot;      /* [mask + 1] */
    struct lb_vip *vip;         /* [mask + 1] */
};

struct lb *lb_create(struct core *core, uint32_t n_slots);
void lb_free(struct core *core, struct lb *lb);
void service_free(struct core *core, struct service *s);

/* Put a service into an unpublished set that has room and does not hold its key; take one out. */
void lb_put(struct lb *lb, struct service *s);
void lb_take(struct lb *lb, uint32_t slot);
/* The slot of a key: its service's, or the free one it would get. */
uint32_t lb_slot(const struct lb *lb, const struct core_service_key *key);
const struct service *lb_find(const struct lb *lb, const struct core_service_key *key);
/* It has local addresses, none of them in use here: another director of the pair serves it. */
bool service_is_standby(const struct service *s);
/* NULL: no service at that address. */
const struct lb_vip *lb_vip(const struct lb *lb, uint8_t af, const uint8_t addr[16]);

#endif
