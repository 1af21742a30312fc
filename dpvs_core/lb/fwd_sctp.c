/* fwd_sctp.c - SCTP in the modes that replace addresses (F-130): FULLNAT, NAT, SNAT; also between
 * families. DR and TUNNEL touch no transport, so their rows serve SCTP too.
 *
 * The checksum knows no addresses, but is over all of the packet: new ports mean a new sum, about
 * half a cycle a byte. It was verified before the packet came here (worker/stages.c). Of fragments
 * nobody here has the whole: there the sum changes by difference, for which the keeper tells the
 * length. Neither MSS nor option 254 has an equivalent, so nothing grows but IPv4 headers that
 * become IPv6's.
 */
#include "lb/fnat_bind.h"
#include "lb/fwd.h"
#include "lb/fwd_within.h"
#include "lb/nat_bind.h"
#include "lb/rewrite.h"
#include "lb/translate.h"
#include "pkt/sctp.h"
#include "worker/output.h"
#include "worker/worker.h"

static void rewrite_ports(struct pkt *p, const struct conn_side *in)
{
    struct sctp_hdr *sctp = pkt_sctp(p);
    uint32_t ports;

    if (in->sport_be == in->new_sport_be && in->dport_be == in->new_dport_be)
        return;
    memcpy(&ports, &in->new_sport_be, sizeof ports); /* both */
    if (p->flags & PKT_FRAGMENT)
        sctp->csum = sctp_csum_with_ports(p, ports, pkt_meta(p->m)->fragment.n_bytes);
    memcpy(&sctp->sport_be, &ports, sizeof ports);
    if (!(p->flags & PKT_FRAGMENT))
        sctp->csum = sctp_csum(p);
}

static void sctp_rewrite(struct worker *w, struct conn_side *in, unsigned side, uint8_t af,
                         struct pkt *p, uint16_t mtu)
{
    (void)w;
    (void)side;
    (void)mtu;
    rewrite_ports(p, in);
    if (af == 4)
        rewrite4(p, side4(in));
    else
        rewrite6(p, side6(in));
}

static enum verdict within(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, side_number(in), side_af(in), p, fwd_verdict(in), sctp_rewrite);
}

static void across_rewrite(struct worker *w, struct conn_side *in, struct pkt *p, uint8_t to,
                           int growth)
{
    struct translate_place place;

    if (p->flags & PKT_FRAGMENT)
        place = translate_place_of(p);
    if (to == 4)
        translate_to4(w, p, in, growth);
    else
        translate_to6(p, in, side_number(in), growth);
    if ((p->flags & PKT_FRAGMENT) && to == 4)
        translate_place4(p, place);
    else if (p->flags & PKT_FRAGMENT)
        translate_place6(p, place);
    if (!(p->flags & PKT_LATER))
        rewrite_ports(p, in);
}

static enum verdict across(struct worker *w, struct conn_side *in, struct pkt *p)
{
    const uint8_t to = side_af(in) == 4 ? 6 : 4;
    const bool has_frag_header = to == 6 && (p->flags & PKT_FRAGMENT);
    const int growth = translate_growth(p, to) +
                       (has_frag_header ? (int)sizeof(struct ip6_frag_header) : 0);
    const bool fits_any = translate_must_fit_any(p, to, growth);
    enum verdict v = translate_check(p, to, growth);
    struct hop hop;

    if (v == V_CONTINUE)
        v = output_hop(w, in, p, growth, &hop);
    if (v != V_CONTINUE)
        return v;
    across_rewrite(w, in, p, to, growth);
    if (fits_any)
        hop.mtu = RTE_MIN(hop.mtu, IP6_LEAST_MTU_BYTES);
    return output_send(w, p, &hop, fwd_verdict(in));
}

/* Under an identification of ours, which is why it is another function (worker/fragment.c). */
static enum verdict across_later(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return across(w, in, p);
}

#define WITHIN(mode_, af_, bind_, unbind_)                                                         \
    .mode = mode_, .proto = PROTO_SCTP, .client_af = af_, .server_af = af_, .bind = bind_,         \
    .unbind = unbind_, .xmit = { [SIDE_CLIENT] = within, [SIDE_SERVER] = within },                 \
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later }

#define ACROSS(client_af_, server_af_)                                                             \
    .mode = CORE_FWD_FNAT, .proto = PROTO_SCTP, .client_af = client_af_, .server_af = server_af_,  \
    .bind = fnat_bind, .unbind = fnat_unbind,                                                      \
    .xmit = { [SIDE_CLIENT] = across, [SIDE_SERVER] = across },                                    \
    .later = { [SIDE_CLIENT] = across_later, [SIDE_SERVER] = across_later }

const struct fwd_ops fwd_sctp_fnat4 = {
    .name = "sctp-fullnat", WITHIN(CORE_FWD_FNAT, 4, fnat_bind, fnat_unbind),
};
const struct fwd_ops fwd_sctp_fnat6 = {
    .name = "sctp-fullnat6", WITHIN(CORE_FWD_FNAT, 6, fnat_bind, fnat_unbind),
};
const struct fwd_ops fwd_sctp_fnat64 = { .name = "sctp-fullnat64", ACROSS(6, 4) };
const struct fwd_ops fwd_sctp_fnat46 = { .name = "sctp-fullnat46", ACROSS(4, 6) };

const struct fwd_ops fwd_sctp_nat4 = {
    .name = "sctp-nat", WITHIN(CORE_FWD_NAT, 4, nat_bind, nat_unbind),
};
const struct fwd_ops fwd_sctp_nat6 = {
    .name = "sctp-nat6", WITHIN(CORE_FWD_NAT, 6, nat_bind, nat_unbind),
};

const struct fwd_ops fwd_sctp_snat4 = {
    .name = "sctp-snat", WITHIN(CORE_FWD_SNAT, 4, snat_bind, fnat_unbind),
};
const struct fwd_ops fwd_sctp_snat6 = {
    .name = "sctp-snat6", WITHIN(CORE_FWD_SNAT, 6, snat_bind, fnat_unbind),
};
