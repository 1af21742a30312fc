/* output.h - towards a next hop: from a connection, by route, or out of a device. */
#ifndef DPVS_WORKER_OUTPUT_H
#define DPVS_WORKER_OUTPUT_H

#include "lb/conn.h"
#include "worker/worker.h"

/* Where a packet leaves: a usable next hop, or one to be resolved by the host thread. */
struct hop {
    uint32_t nexthop;           /* handle; NH_NONE: unknown */
    uint16_t dev, mtu;
    uint8_t addr[16];           /* of the next hop */
};

/* The next hop of a connection's side for packet p, which is not rewritten yet. V_CONTINUE, or
 * a final verdict: no route, too big (and told so), TTL over. */
enum verdict output_hop(struct worker *w, struct conn *c, unsigned side, struct pkt *p,
                        struct hop *hop);
/* By route to an address. V_CONTINUE or V_DROP_NO_ROUTE. */
enum verdict output_route(struct worker *w, uint32_t dst_be, struct hop *hop);
/* L2 header and out; `sent` if it went, V_RESOLVING if it waits for the next hop's address. */
enum verdict output_send(struct worker *w, struct pkt *p, const struct hop *hop,
                         enum verdict sent);
/* A complete frame, out of a device; the packet is the device's from here on. */
void output_frame(struct worker *w, uint16_t dev, struct rte_mbuf *m);
void output_flush(struct worker *w);

#endif
