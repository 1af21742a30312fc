/* fwd_nat64.c - FULLNAT between families (F-088): IPv6 clients of IPv4 servers, and the other way.
 *
 * As within a family (fwd_fnat.c), with the IP header translated first; so option 254, which holds
 * the client's address of whichever family, is measured against the MTU of the server's side. An
 * IPv4 packet gets 20 bytes longer, which the next hop's MTU counts, a fragment of one 28. What IPv4
 * lets be fragmented leaves in pieces that every IPv6 link carries.
 */
#include "lb/fnat_bind.h"
#include "lb/follow_tcp.h"
#include "lb/translate.h"
#include "worker/output.h"
#include "worker/worker.h"

/* The transport's part. `side` and `to`, the family it leaves with, are constants: a copy of its own
 * for each. */
static __rte_always_inline void cross_rewrite_l4(struct worker *w, struct conn_side *in,
                                                 unsigned side, uint8_t to, struct pkt *p,
                                                 uint16_t mtu)
{
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

static __rte_always_inline void cross_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                              uint8_t to, struct pkt *p, int growth, uint16_t mtu)
{
    if (to == 4)
        translate_to4(w, p, in, growth);
    else
        translate_to6(p, in, side, growth);
    cross_rewrite_l4(w, in, side, to, p, mtu);
}

static __rte_noinline enum verdict cross_slowly(struct worker *w, struct conn_side *in,
                                                struct pkt *p, int growth, enum verdict sent)
{
    const uint8_t to = side_af(in) == 4 ? 6 : 4;
    const bool fits_any = translate_must_fit_any(p, to, growth);
    struct hop hop;
    enum verdict v;

    if (likely(output_learn(w, in, p, growth)))
        return fwd_table[in->fwd]->xmit[side_number(in)](w, in, p);
    v = output_hop(w, in, p, growth, &hop);
    if (v != V_CONTINUE)
        return v;
    cross_rewrite(w, in, side_number(in), to, p, growth, hop.mtu);
    if (fits_any)
        hop.mtu = RTE_MIN(hop.mtu, IP6_LEAST_MTU_BYTES);
    return output_send(w, p, &hop, sent);
}

/* Its transport is in the first one alone, with a checksum for the whole: IPv6 wants one of UDP too,
 * which nobody here can make (RFC 7915 4.5). */
static bool lacks_csum(const struct conn_side *in, const struct pkt *p, uint8_t to)
{
    return to == 6 && in->proto == PROTO_UDP && !(p->flags & PKT_LATER) && !pkt_udp(p)->csum;
}

static enum verdict cross_fragment(struct worker *w, struct conn_side *in, struct pkt *p,
                                   enum verdict sent)
{
    const uint8_t to = side_af(in) == 4 ? 6 : 4;
    const struct translate_place place = translate_place_of(p);
    const int growth = translate_growth(p, to) +
                       (to == 6 ? (int)sizeof(struct ip6_frag_header) : 0);
    const bool fits_any = translate_must_fit_any(p, to, growth);
    enum verdict v = lacks_csum(in, p, to) ? V_DROP_NOT_TRANSLATABLE
                                           : translate_check(p, to, growth);
    struct hop hop;

    if (v == V_CONTINUE)
        v = output_hop(w, in, p, growth, &hop);
    if (v != V_CONTINUE)
        return v;
    if (to == 4) {
        translate_to4(w, p, in, growth);
        translate_place4(p, place);
    } else {
        translate_to6(p, in, side_number(in), growth);
        translate_place6(p, place);
    }
    if (!(p->flags & PKT_LATER))
        cross_rewrite_l4(w, in, side_number(in), to, p, hop.mtu);
    if (fits_any)
        hop.mtu = RTE_MIN(hop.mtu, IP6_LEAST_MTU_BYTES);
    return output_send(w, p, &hop, sent);
}

/* Of both families, behind the first one; "in" is towards the server. */
static enum verdict cross_later_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_fragment(w, in, p, V_FORWARD_IN);
}

static enum verdict cross_later_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return cross_fragment(w, in, p, V_FORWARD_OUT);
}

/* Options, extension headers or a fragment of IPv6: nothing is known of how it grows. */
static __rte_noinline enum verdict cross_long(struct worker *w, struct conn_side *in,
                                              struct pkt *p, enum verdict sent)
{
    const uint8_t to = side_af(in) == 4 ? 6 : 4;
    const int growth = translate_growth(p, to);
    const enum verdict v = translate_check(p, to, growth);

    if (p->flags & PKT_FRAGMENT)
        return cross_fragment(w, in, p, sent);
    return v == V_CONTINUE ? cross_slowly(w, in, p, growth, sent) : v;
}

/* Mostly one bare header becomes another. */
static __rte_always_inline enum verdict cross_xmit(struct worker *w, struct conn_side *in,
                                                   unsigned side, uint8_t to, struct pkt *p,
                                                   enum verdict sent)
{
    const int bare_bytes = to == 4 ? IP6_HDR_BYTES : IP4_HDR_BYTES;
    const int growth = ip_hdr_bytes(to) - bare_bytes;
    struct known_hop hop;

    if (unlikely(p->l4 - p->l3 != bare_bytes || (to == 6 && (p->flags & PKT_FRAGMENT)) ||
                 !translate_has_room(p, growth)))
        return cross_long(w, in, p, sent);
    if (unlikely(!output_known(w, in, p, growth, &hop) || translate_must_fit_any(p, to, growth)))
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
    .later = { [SIDE_CLIENT] = cross_later_in, [SIDE_SERVER] = cross_later_out },
};

const struct fwd_ops fwd_fnat46 = {
    .name = "fullnat46",
    .mode = CORE_FWD_FNAT, .client_af = 4, .server_af = 6,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat46_in, [SIDE_SERVER] = fnat46_out },
    .later = { [SIDE_CLIENT] = cross_later_in, [SIDE_SERVER] = cross_later_out },
};
