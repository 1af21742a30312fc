/* flow.h - one flow through the director, driven from both its ends. */
#ifndef DPVS_AUDIT_FLOW_H
#define DPVS_AUDIT_FLOW_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "base/addr.h"
#include "lb/conn.h"

struct flow {
    uint8_t af, proto;
    uint16_t cport_be;
    uint32_t owner;             /* worker */
    struct addr16 client;
    /* what the server sees, learnt from the first packet that came out */
    struct addr16 server, local;
    uint32_t client_isn;
    uint16_t lport_be;
    uint32_t n_from_server;     /* bytes of data it sent */
    struct rte_mbuf *m[2];      /* by the side that sends it */
};

/* A flow that has sent nothing yet; worker 0 is taken for its owner. */
void flow_init(struct flow *f, uint8_t af, uint8_t proto, uint32_t number);
/* The worker that sends its first packet on, in a director that is not needed any more. */
void flow_find_owner(struct flow *f);
/* A packet of an established flow from the side, received by a worker at its next turn. */
void flow_send(struct flow *f, unsigned side, uint32_t worker);
/* The first packet of the flow, UDP or the SYN, received by its owner. */
void flow_send_first(struct flow *f);
/* It came out at the other end, sent by its owner. */
void flow_check(const struct flow *f, unsigned side);
/* As far as steady packets of both sides: handshake, the client's address passed on. */
void flow_establish(struct flow *f);

#endif
