/* director.h - the core that is measured: two devices, routes, services, local addresses.
 *
 * Device 0 faces the clients, device 1 the servers, each behind one gateway whose address is
 * known. All that real packets need is switched on, as the master would have it.
 */
#ifndef DPVS_BENCH_DIRECTOR_H
#define DPVS_BENCH_DIRECTOR_H

#include "base/env.h"
#include "dpvs_core.h"
#include "frame.h"
#include "scenario.h"

enum { DIRECTOR_SERVER_PORT = 8080, DIRECTOR_VIP_PORT = 80, DIRECTOR_SERVICES_A_VIP = 4 };

struct director_conf {
    uint8_t af, proto;          /* of the clients; */
    uint8_t server_af;          /* 0: the servers' is the same */
    uint8_t fwd;                /* enum core_fwd */
    uint32_t n_conns;           /* at a time, all workers */
    uint32_t timeout_s;         /* of what ends within a run: one-way UDP, TCP's TIME_WAIT */
};

struct director {
    struct core *core;
    struct director_conf conf;
    uint32_t n_workers, n_services, n_dests; /* dests of one service */
    uint32_t n_laddrs;          /* with SNAT the WAN addresses, which are the dests */
    uint32_t n_dest_ids;
};

/* Answers go another way: clients alone send, to a server's port that is the service's. */
static inline bool director_is_one_way(const struct director_conf *conf)
{
    return conf->fwd == CORE_FWD_DR || conf->fwd == CORE_FWD_TUNNEL;
}

/* What the director did, over all workers and dests. */
struct director_sums {
    uint64_t made;              /* connections ever */
    uint64_t live;              /* in the tables now */
    uint64_t counted_live;      /* the same by the dests' counters */
    uint64_t ports_used;        /* local ports held */
    uint64_t dropped;           /* packets, by any verdict that drops */
};

/* 0, or -1 and a message on stderr. The calling thread is the core's master from here on. */
int director_create(struct director *d, struct bench *b, const struct director_conf *conf);
/* The family of what arrives at a port: of the clients at 0, of the servers at 1. */
uint8_t director_af(const struct director *d, unsigned port);
/* The service that a flow goes to: its virtual address's index and its port (network order). */
struct place director_vip(const struct director *d, uint32_t service);
uint16_t director_vip_port_be(uint32_t service);
/* One worker's turn; the packets that came in by its ports. */
unsigned director_turn(struct director *d, unsigned w, uint64_t now_us);
void director_sums(struct director *d, struct director_sums *out);
/* Move the clock on from now_us until every connection is over or ought to be. */
void director_expire_all(struct director *d, uint64_t now_us);
/* Why packets were dropped, on stderr. */
void director_blame(struct director *d);
const uint8_t *director_mac(const struct director *d, unsigned port);

#endif
