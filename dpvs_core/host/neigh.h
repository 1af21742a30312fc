/* neigh.h - neighbours: who has which address, and what waits for the answer (F-205..F-209). */
#ifndef DPVS_HOST_NEIGH_H
#define DPVS_HOST_NEIGH_H

#include "host/state.h"

int neigh_create(struct host *host);
void neigh_destroy(struct host *host);

/* How an address was learnt, by trust. */
enum neigh_source {
    LEARN_HEARD,                /* gratuitous, or meant for others: existing entries only */
    LEARN_REQUEST,              /* somebody asks for us */
    LEARN_REPLY,                /* an answer to us: proves both directions */
};

/* False: nothing was learnt (unknown, static, or the table is full). */
bool neigh_learn(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16],
                 const uint8_t mac[MAC_BYTES], enum neigh_source source);
/* An IPv6 neighbour advertises itself; mac NULL: without its address. False: nothing was learnt. */
bool neigh_advertised(struct host *host, uint16_t dev, const uint8_t addr[16],
                      const uint8_t *mac, bool is_solicited, bool overrides);
/* JOB_RESOLVE: send it, keep it, or drop it. */
void neigh_resolve(struct host *host, struct rte_mbuf *m);
/* Ageing, repeated requests, probes. */
unsigned neigh_timers(struct host *host);

bool neigh_add_static(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16],
                      const uint8_t mac[MAC_BYTES]);
void neigh_del(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16]);
/* Its link came up: who was reachable is asked again when used. */
void neigh_link_up(struct host *host, uint16_t dev);
/* The device's own address or MTU changed. */
void neigh_device_changed(struct host *host, uint16_t dev);

#endif
