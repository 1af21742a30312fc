/* fwd_fnat.c - FULLNAT: both addresses and both ports are replaced (F-080, F-081).
 *
 * Towards the server the client becomes a local address and port, so the answer comes back here
 * from any server. Sequence numbers are shifted (fnat_bind.c), acknowledgements and SACK edges
 * shifted back. Timestamps are struck from the SYN. The client's address rides in option 254 on
 * every segment that acknowledges nothing beyond the server's first byte (F-091).
 */
#include "lb/conn_table.h"
#include "lb/fnat_bind.h"
#include "lb/rewrite.h"
#include "pkt/tcp_option.h"
#include "worker/output.h"
#include "worker/worker.h"

/* The client's address, on segments that need it; cheap once the server's data is acknowledged. */
static void add_toa(struct worker *w, struct conn_side *client, struct pkt *p, uint16_t mtu)
{
    uint32_t beyond;

    if ((p->tcp_flags & (TCP_SYN | TCP_RST)) || !(p->tcp_flags & TCP_ACK) ||
        !(client->flags & CONN_SYNACK_SEEN))
        return;
    beyond = rte_be_to_cpu_32(pkt_tcp(p)->ack_be) - conn_rest(w->conns, side_conn(client))->toa_seq;
    if (beyond == 0) {
        const uint8_t af = side_af(client);
        const union key key = side_key(client);

        if (!tcp_insert_toa(p, af, key_src(af, &key), client->sport_be, mtu))
            worker_count(w, V_TOA_NO_ROOM);
    } else if (beyond < 0x80000000u) {
        client->flags &= (uint8_t)~CONN_TOA;
    }
}

static inline void fnat_tcp_in(struct worker *w, struct conn_side *in, struct pkt *p, uint16_t mtu)
{
    if (unlikely(p->tcp_flags & TCP_SYN))
        tcp_strip_timestamp(p);
    if (unlikely(in->flags & CONN_TOA))
        add_toa(w, in, p, mtu);
    rewrite_tcp(pkt_tcp(p), in, in->seq_add, in->ack_add);
}

/* The farthest that the server has sent and acknowledged: where a reset at expiry must stand.
 * Retransmissions and probes lie behind it. */
static inline void note_server(struct conn_side *in, const struct pkt *p)
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

/* Room for option 254 in what the client will send, and where it will be due. */
static void note_synack(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct conn *c = side_conn(in);

    tcp_lower_mss(p, toa_bytes(side_af(&c->client)));
    conn_rest(w->conns, c)->toa_seq = rte_be_to_cpu_32(pkt_tcp(p)->seq_be) + in->seq_add + 1;
    c->client.flags |= CONN_SYNACK_SEEN;
}

static inline void fnat_tcp_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct tcp_hdr *tcp = pkt_tcp(p);

    if (unlikely(p->tcp_flags & TCP_SYN))
        note_synack(w, in, p);
    note_server(in, p);
    rewrite_tcp(tcp, in, in->seq_add, p->tcp_flags & TCP_ACK ? in->ack_add : 0);
    if (unlikely(tcp_hdr_bytes(tcp) > TCP_HDR_BYTES))
        tcp_shift_sack(p, in->ack_add);
}

/* `side` and `af` are constants: a copy of its own for each. */
static __rte_always_inline void fnat_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                             uint8_t af, struct pkt *p, uint16_t mtu)
{
    if (af == 4)
        rewrite4(p, side4(in));
    else
        rewrite6(p, side6(in));
    if (in->proto == PROTO_UDP)
        rewrite_udp(pkt_udp(p), in);
    else if (side == SIDE_CLIENT)
        fnat_tcp_in(w, in, p, mtu);
    else
        fnat_tcp_out(w, in, p);
}

static __rte_noinline enum verdict fnat_slowly(struct worker *w, struct conn_side *in,
                                               struct pkt *p, enum verdict sent)
{
    struct hop hop;
    enum verdict v = output_hop(w, in, p, 0, &hop);

    if (v != V_CONTINUE)
        return v;
    fnat_rewrite(w, in, side_number(in), side_af(in), p, hop.mtu);
    return output_send(w, p, &hop, sent);
}

static __rte_always_inline enum verdict fnat_xmit(struct worker *w, struct conn_side *in,
                                                  unsigned side, uint8_t af, struct pkt *p,
                                                  enum verdict sent)
{
    struct known_hop hop;

    if (unlikely(!output_known(w, in, p, 0, &hop)))
        return fnat_slowly(w, in, p, sent);
    fnat_rewrite(w, in, side, af, p, RTE_MIN(hop.nh->mtu, in->mtu));
    if (unlikely(!output_known_send(w, p, &hop, in->nexthop)))
        return output_resolve(w, p, hop.nh);
    return sent;
}

static enum verdict fnat4_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fnat_xmit(w, in, SIDE_CLIENT, 4, p, V_FORWARD_IN);
}

static enum verdict fnat4_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fnat_xmit(w, in, SIDE_SERVER, 4, p, V_FORWARD_OUT);
}

static enum verdict fnat6_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fnat_xmit(w, in, SIDE_CLIENT, 6, p, V_FORWARD_IN);
}

static enum verdict fnat6_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fnat_xmit(w, in, SIDE_SERVER, 6, p, V_FORWARD_OUT);
}

const struct fwd_ops fwd_fnat4 = {
    .name = "fullnat",
    .mode = CORE_FWD_FNAT, .client_af = 4, .server_af = 4,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat4_in, [SIDE_SERVER] = fnat4_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};

const struct fwd_ops fwd_fnat6 = {
    .name = "fullnat6",
    .mode = CORE_FWD_FNAT, .client_af = 6, .server_af = 6,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat6_in, [SIDE_SERVER] = fnat6_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};
