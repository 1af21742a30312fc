/* traffic_end.h - one slot, and the means with which its ends write packets. */
#ifndef SOAK_TRAFFIC_END_H
#define SOAK_TRAFFIC_END_H

#include "frame.h"
#include "random.h"
#include "scene.h"

enum phase {
    PHASE_NEW,                  /* nothing sent yet, or all over: a fresh start is next */
    PHASE_ASKED,                /* first packet sent; from here on the corner is known */
    PHASE_ANSWERED,             /* TCP: SYN-ACK sent */
    PHASE_OPEN,
    PHASE_CLOSING,
    PHASE_OVER,
};
enum { CLIENT_FIN = 1, SERVER_FIN = 2 };
enum { CLIENT_END, SERVER_END };

struct end {
    uint32_t batch;             /* in which it was visited last */
    uint32_t c_next, s_next;    /* next sequence numbers, each as its sender counts */
    uint32_t c_ack;             /* what the client acknowledges */
    uint32_t shift;             /* the server sees the client's numbers plus this */
    uint16_t lport;
    uint8_t laddr, server, life, phase, fins, pad;
};
_Static_assert(sizeof(struct end) == 28, "a million are 28 MB");

/* One visit: where its packets go. */
struct visit {
    const struct scene *scene;
    struct random *random;
    struct batch *batch;
    struct end *end;
    uint32_t slot, service;
    uint8_t worker;
    uint8_t caddr[16];
    uint16_t cport;
    const uint8_t *noise;       /* NOISE_BYTES and more of payload */
};
enum { NOISE_BYTES = 65536 };

/* The next packet of the batch from one end, addresses and the small print filled in. */
struct segment segment_from(struct visit *v, unsigned from);
void segment_send(struct visit *v, const struct segment *s, unsigned from);
/* So much payload that a packet of it stays within the MTU; mostly little. */
uint16_t payload_bytes(struct visit *v, unsigned l3_max, unsigned n_headers);

void tcp_visit(struct visit *v);
void udp_visit(struct visit *v);
/* Wrong packets, and such as belong to nobody. */
void stranger_visit(struct visit *v);

#endif
