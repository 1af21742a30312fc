/* fwd_fnat.c - FULLNAT: both addresses and both ports are replaced (F-080, F-081).
 *
 * Towards the server the client becomes a local address and port, so the answer comes back
 * here from any server. The client's initial sequence number becomes one that rises with time for
 * the same corners (RFC 6528 with DPVS's 64 ns clock), so that a server in TIME_WAIT takes a
 * re-used local port. It must do so too after a restart and when the other director of a pair used
 * the port before, neither of which has the same secret: so the clock is the wall's, and the
 * secret part at most about a second of it. Acknowledgements and SACK edges are shifted back. Timestamps are struck from
 * the SYN. The client's address rides in option 254 on every segment that acknowledges nothing
 * beyond the server's first byte (F-091).
 */
#include "base/siphash.h"
#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/group.h"
#include "lb/lport.h"
#include "lb/lport_choice.h"
#include "lb/service.h"
#include "lb/rewrite.h"
#include "pkt/tcp_option.h"
#include "worker/output.h"
#include "worker/worker.h"

enum {
    ISN_TICK_NS = 64,
    ISN_SECRET_MASK = 0xffffff, /* 1.07 s of ticks */
};

static uint32_t isn(const struct worker *w, const struct conn *c)
{
    const struct conn_side4 *server = &c->side[SIDE_SERVER];
    const uint32_t *k = w->core->conf.isn_key;
    const uint64_t key[2] = { (uint64_t)k[0] << 32 | k[1], (uint64_t)k[2] << 32 | k[3] };
    const uint64_t corners[2] = {
        (uint64_t)server->src_be << 32 | server->dst_be,
        (uint64_t)server->sport_be << 16 | server->dport_be,
    };

    const uint64_t clock_us = w->now_us + w->core->conf.isn_epoch_us;

    return (uint32_t)((siphash_16(key, corners) & ISN_SECRET_MASK) +
                      clock_us * (1000 / ISN_TICK_NS));
}

static void shift_sequence(struct worker *w, struct conn *c, const struct pkt *p)
{
    const uint32_t add = isn(w, c) - rte_be_to_cpu_32(pkt_tcp(p)->seq_be);

    c->side[SIDE_CLIENT].seq_add = add;
    c->side[SIDE_SERVER].ack_add = -add;
    c->side[SIDE_CLIENT].flags |= CONN_TOA;
}

static enum verdict fnat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                              const struct dest *d, struct conn *c)
{
    struct conn_side4 *client = &c->side[SIDE_CLIENT], *server = &c->side[SIDE_SERVER];
    const uint8_t group = flow_group4(w->core, &p->key, p->hash);
    struct conn_rest *rest = conn_rest(w->conns, c);
    struct lport_choice taken;

    if (!lport_choose(w, s, d, client->proto, group, p->hash, &taken))
        return V_DROP_NO_LPORT;
    rest->group = group;
    rest->laddr_id = (uint16_t)taken.laddr->id;
    rest->pool = taken.pool;
    client->flags |= CONN_LPORT;
    memcpy(&server->dst_be, taken.laddr->addr, 4);
    server->dport_be = rte_cpu_to_be_16(taken.port);
    client->src_be = p->key.src_be;
    client->dst_be = p->key.dst_be;
    client->sport_be = p->key.sport_be;
    client->dport_be = p->key.dport_be;
    memcpy(&server->src_be, d->addr, 4);
    server->sport_be = d->port_be;
    conn_join4(c);
    if (client->proto == PROTO_TCP)
        shift_sequence(w, c, p);
    return V_CONTINUE;
}

static void fnat_unbind(struct worker *w, struct conn *c)
{
    const struct conn_rest *rest = conn_rest(w->conns, c);

    if (c->side[SIDE_CLIENT].flags & CONN_LPORT)
        lport_give(w->core->laddr[rest->laddr_id], rest->pool,
                   rte_be_to_cpu_16(c->side[SIDE_SERVER].dport_be));
}

/* The client's address, on segments that need it; cheap once the server's data is acknowledged. */
static void add_toa(struct worker *w, struct conn *c, struct pkt *p, uint16_t mtu)
{
    struct conn_side4 *client = &c->side[SIDE_CLIENT];
    uint32_t beyond;

    if ((p->tcp_flags & (TCP_SYN | TCP_RST)) || !(p->tcp_flags & TCP_ACK) ||
        !(client->flags & CONN_SYNACK_SEEN))
        return;
    beyond = rte_be_to_cpu_32(pkt_tcp(p)->ack_be) - conn_rest(w->conns, c)->toa_seq;
    if (beyond == 0) {
        if (!tcp_insert_toa4(p, client->src_be, client->sport_be, mtu))
            worker_count(w, V_TOA_NO_ROOM);
    } else if (beyond < 0x80000000u) {
        client->flags &= (uint8_t)~CONN_TOA;
    }
}

static inline void fnat_tcp_in(struct worker *w, struct conn *c, struct pkt *p, uint16_t mtu)
{
    const struct conn_side4 *in = &c->side[SIDE_CLIENT];

    if (unlikely(p->tcp_flags & TCP_SYN))
        tcp_strip_timestamp(p);
    if (unlikely(in->flags & CONN_TOA))
        add_toa(w, c, p, mtu);
    rewrite_seq(pkt_tcp(p), in->seq_add, in->ack_add);
}

/* The farthest that the server has sent and acknowledged: where a reset at expiry must stand.
 * Retransmissions and probes lie behind it. */
static inline void note_server(struct conn_side4 *in, const struct pkt *p)
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

/* Room for option 254 in what the client will send; what the server sent is noted. */
static inline void fnat_tcp_out(struct worker *w, struct conn *c, struct pkt *p)
{
    struct conn_side4 *in = &c->side[SIDE_SERVER];
    struct tcp_hdr *tcp = pkt_tcp(p);

    if (unlikely(p->tcp_flags & TCP_SYN)) {
        tcp_lower_mss(p, TCPOPT_TOA4_BYTES);
        conn_rest(w->conns, c)->toa_seq = rte_be_to_cpu_32(tcp->seq_be) + in->seq_add + 1;
        c->side[SIDE_CLIENT].flags |= CONN_SYNACK_SEEN;
    }
    note_server(in, p);
    rewrite_seq(tcp, in->seq_add, p->tcp_flags & TCP_ACK ? in->ack_add : 0);
    if (unlikely(tcp_hdr_bytes(tcp) > TCP_HDR_BYTES))
        tcp_shift_sack(p, in->ack_add);
}

static inline void fnat_rewrite(struct worker *w, struct conn *c, unsigned side, struct pkt *p,
                                uint16_t mtu)
{
    rewrite4(p, &c->side[side]);
    if (c->side[side].proto != PROTO_TCP)
        return;
    if (side == SIDE_CLIENT)
        fnat_tcp_in(w, c, p, mtu);
    else
        fnat_tcp_out(w, c, p);
}

static enum verdict fnat_slowly(struct worker *w, struct conn *c, unsigned side, struct pkt *p,
                                enum verdict sent)
{
    struct hop hop;
    enum verdict v = output_hop(w, &c->side[side], p, &hop);

    if (v != V_CONTINUE)
        return v;
    fnat_rewrite(w, c, side, p, hop.mtu);
    return output_send(w, p, &hop, sent);
}

static inline enum verdict fnat_xmit(struct worker *w, struct conn *c, unsigned side,
                                     struct pkt *p, enum verdict sent)
{
    const struct conn_side4 *in = &c->side[side];
    const struct nexthop *nh = output_known(w, in, p);

    if (unlikely(!nh))
        return fnat_slowly(w, c, side, p, sent);
    fnat_rewrite(w, c, side, p, RTE_MIN(nh->mtu, in->mtu));
    if (unlikely(!output_known_send(w, p, nh, in->nexthop)))
        return output_resolve(w, p, nh); /* it changed just now */
    return sent;
}

static enum verdict fnat_in(struct worker *w, struct conn *c, struct pkt *p)
{
    return fnat_xmit(w, c, SIDE_CLIENT, p, V_FORWARD_IN);
}

static enum verdict fnat_out(struct worker *w, struct conn *c, struct pkt *p)
{
    return fnat_xmit(w, c, SIDE_SERVER, p, V_FORWARD_OUT);
}

const struct fwd_ops fwd_fnat = {
    .name = "fullnat",
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat_in, [SIDE_SERVER] = fnat_out },
};
