/* follow_tcp.h - what a forwarding mode remembers of the TCP segments that pass, and tells the
 * server of the client: the same whatever the families of the two sides.
 *
 * For packets of known connections all is inlined; what SYNs and the first segments need is in
 * follow_tcp.c.
 */
#ifndef DPVS_LB_FOLLOW_TCP_H
#define DPVS_LB_FOLLOW_TCP_H

#include "lb/conn.h"
#include "lb/rewrite.h"
#include "pkt/tcp_option.h"

struct worker;

/* The client's address, on segments that need it; cheap once the server's data is acknowledged. */
void follow_add_toa(struct worker *w, struct conn_side *client, struct pkt *p, uint16_t mtu);
/* Room for option 254 in what the client will send, and where it will be due. */
void follow_synack(struct worker *w, struct conn_side *in, struct pkt *p);

/* The farthest that the server has sent and acknowledged: where a reset at expiry must stand.
 * Retransmissions and probes lie behind it. */
static inline void follow_server(struct conn_side *in, const struct pkt *p)
{
    const struct tcp_hdr *tcp = pkt_tcp(p);
    const bool begins = p->tcp_flags & TCP_SYN;
    const uint32_t end_seq = rte_be_to_cpu_32(tcp->seq_be) + pkt_l4_len(p) - tcp_hdr_bytes(tcp) +
                             !!(p->tcp_flags & (TCP_SYN | TCP_FIN));
    const uint32_t ack = rte_be_to_cpu_32(tcp->ack_be);

    if (begins || (int32_t)(end_seq - in->end_seq) > 0)
        in->end_seq = end_seq;
    if ((p->tcp_flags & TCP_ACK) && (begins || (int32_t)(ack - in->ack) > 0))
        in->ack = ack;
}

/* Modes that leave a segment's numbers alone: its ports, and what a reset must know. */
static inline void follow_plain(struct conn_side *in, unsigned side, struct pkt *p)
{
    if (side == SIDE_SERVER) {
        follow_server(in, p);
        if (unlikely(p->tcp_flags & TCP_SYN))
            side_conn(in)->client.flags |= CONN_SYNACK_SEEN; /* its numbers are known */
    }
    rewrite_tcp_tuple(pkt_tcp(p), in);
}

/* FULLNAT: ports, numbers and options of a client's segment whose addresses are done. */
static inline void follow_fnat_in(struct worker *w, struct conn_side *in, struct pkt *p,
                                  uint16_t mtu)
{
    if (unlikely(p->tcp_flags & TCP_SYN))
        tcp_strip_timestamp(p);
    if (unlikely(in->flags & CONN_TOA))
        follow_add_toa(w, in, p, mtu);
    rewrite_tcp(pkt_tcp(p), in, in->seq_add, in->ack_add);
}

/* The same for a server's. */
static inline void follow_fnat_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct tcp_hdr *tcp = pkt_tcp(p);

    if (unlikely(p->tcp_flags & TCP_SYN))
        follow_synack(w, in, p);
    follow_server(in, p);
    rewrite_tcp(tcp, in, in->seq_add, p->tcp_flags & TCP_ACK ? in->ack_add : 0);
    if (unlikely(tcp_hdr_bytes(tcp) > TCP_HDR_BYTES))
        tcp_shift_sack(p, in->ack_add);
}

#endif
