/* fwd_nat64.c - FULLNAT between families (F-088): IPv6 clients of IPv4 servers, and the other way.
 *
 * As within a family (fwd_fnat.c), with the IP header translated first; so option 254, which holds
 * the client's address of whichever family, is measured against the MTU of the server's side. An
 * IPv4 packet gets 20 bytes longer, which the next hop's MTU counts.
 */
#include "lb/fnat_bind.h"
#include "lb/follow_tcp.h"
#include "lb/translate.h"
#include "worker/output.h"
#include "worker/worker.h"

/* `side` and `to`, the family it leaves with, are constants: a copy of its own for each. */
static __rte_always_inline void cross_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                              uint8_t to, struct pkt *p, int growth, uint16_t mtu)
{
    if (to == 4)
        translate_to4(p, in, growth);
    else
        translate_to6(p, in, growth);
    if (in->proto == PROTO_UDP) {
        rewrite_udp(pkt_udp(p), in);
        if (to == 6 && unlikely(!pkt_udp(p)->csum))
            translate_udp(p);
    } else if (side == SIDE_CLIENT) {
        follow_fnat_in(w, in, p, mtu);
    } else {
        follow_fnat_out(w, in, p);
    }
}

static __rte_noinline enum verdict cross_slowly(struct worker *w, struct conn_side *in,
                                                struct pkt *p, int growth, enum verdict sent)
{
    struct hop hop;
    enum verdict v = output_hop(w, in, p, growth, &hop);

    if (v != V_CONTINUE)
        return v;
    cross_rewrite(w, in, side_number(in), side_af(in) == 4 ? 6 : 4, p, growth, hop.mtu);
    return output_send(w, p, &hop, sent);
}

static __rte_always_inline enum verdict cross_xmit(struct worker *w, struct conn_side *in,
                                                   unsigned side, uint8_t to, struct pkt *p,
                                                   enum verdict sent)
{
    const int growth = translate_growth(p, to);
    const enum verdict v = translate_check(p, to, growth);
    struct known_hop hop;

    if (unlikely(v != V_CONTINUE))
        return v;
    if (unlikely(!output_known(w, in, p, growth, &hop)))
        return cross_slowly(w, in, p, growth, sent);
    cross_rewrite(w, in, side, to, p, growth, RTE_MIN(hop.nh->mtu, in->mtu));
    if (unlikely(!output_known_send(w, p, &hop, in->nexthop)))
        return output_resolve(w, p, hop.nh);
    return sent;
}

static enum verdict fnat64_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_xmit(w, in, SIDE_CLIENT, 4, p, V_FORWARD_IN);
}

static enum verdict fnat64_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_xmit(w, in, SIDE_SERVER, 6, p, V_FORWARD_OUT);
}

static enum verdict fnat46_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_xmit(w, in, SIDE_CLIENT, 6, p, V_FORWARD_IN);
}

static enum verdict fnat46_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_xmit(w, in, SIDE_SERVER, 4, p, V_FORWARD_OUT);
}

const struct fwd_ops fwd_fnat64 = {
    .name = "fullnat64",
    .mode = CORE_FWD_FNAT, .client_af = 6, .server_af = 4,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat64_in, [SIDE_SERVER] = fnat64_out },
};

const struct fwd_ops fwd_fnat46 = {
    .name = "fullnat46",
    .mode = CORE_FWD_FNAT, .client_af = 4, .server_af = 6,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat46_in, [SIDE_SERVER] = fnat46_out },
};
