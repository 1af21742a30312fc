/* flows.h - the bench's conversations: who talks to whom, and where the director put them.
 *
 * A flow's client side follows from its number; its server side (server, local address, port,
 * the shift of the client's sequence numbers) is learned from what comes out of the director.
 */
#ifndef DPVS_BENCH_FLOWS_H
#define DPVS_BENCH_FLOWS_H

#include "director.h"
#include "frame.h"

enum { FROM_CLIENT, FROM_SERVER };  /* also the port a packet arrives at */

struct flow {
    uint32_t server;            /* dest id */
    uint32_t seq_shift;         /* TCP: what the server sees beyond what the client sent */
    uint16_t laddr, lport_be;
    uint16_t round;             /* connections this flow has had: each from another client port */
    uint8_t step;               /* of the script */
    uint8_t worker;             /* that owns it */
};
_Static_assert(sizeof(struct flow) == 16, "four to a line of the generator's table");

/* A packet of a conversation; TCP: offsets from both ends' initial sequence numbers. */
struct step {
    uint8_t from, tcp_flags;
    uint16_t payload_bytes;
    uint32_t seq, ack;
};

struct flows {
    struct director *director;
    uint32_t n, n_bytes;        /* of a frame */
    struct flow *flow;
};

/* Frames of n_bytes, or as many as the headers and the tag need. 0, or -1 and a message. */
int flows_create(struct flows *f, struct director *d, uint32_t n, uint32_t n_bytes);
/* Flow i's packet of this step. */
void flows_write(const struct flows *f, struct rte_mbuf *m, uint32_t i, const struct step *step);
/* The first packet of flow i came out of worker w. */
void flows_learn(struct flows *f, uint32_t i, const struct frame_view *view, unsigned w);

#endif
