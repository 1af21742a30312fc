/* icmp_error.c - an ICMP error as the sender of the packet inside must read it.
 *
 * Inside, tuple and sequence number become what that host sent, the transport's checksum by
 * difference, so that one which was right is right again. Within a family every header stays where
 * it is. Between families both IP headers are made anew, in front of the quoted transport header,
 * which does not move: 40 bytes of headroom are taken towards IPv6, for a fragment 48. Extensions
 * (RFC 4884) are cut off then, since what they lie behind changes its length.
 */
#include "pkt/icmp_error.h"
#include "pkt/icmp_query.h"
#include "pkt/ip.h"

/* --- the plan -------------------------------------------------------------------------------- */

enum { PADDED_BYTES = 128 };    /* a quote with an extension behind it (RFC 4884 4.1) */

/* Bytes of the quoted transport header and payload; without an extension if there is a length of
 * the original datagram: in IPv4's second byte of the rest, in IPv6's first. */
static uint32_t quoted_l4_bytes(const struct pkt *p, const struct inner *inner)
{
    const uint32_t n_words = p->l4[p->af == 4 ? 5 : 4], n_hdr = (uint32_t)(inner->l4 - inner->l3);
    const uint32_t n_bytes = n_words * (p->af == 4 ? 4 : 8);
    const bool may_have = p->af == 4 ? p->l4[0] != ICMP_QUENCH
                                     : p->l4[0] == ICMP6_UNREACHABLE ||
                                       p->l4[0] == ICMP6_TIME_EXCEEDED;

    if (!may_have || n_bytes < PADDED_BYTES || n_bytes < n_hdr + 8 ||
        n_bytes - n_hdr > inner->l4_len)
        return inner->l4_len;
    return n_bytes - n_hdr;
}

/* The header that the packet inside gets. */
static uint32_t inner_hdr_bytes(const struct inner *inner, uint8_t af)
{
    return ip_hdr_bytes(af) +
           (af == 6 && inner->is_fragment ? (uint32_t)sizeof(struct ip6_frag_header) : 0);
}

static uint16_t told_mtu(const struct inner *inner, const struct icmp_change *to, uint32_t mtu)
{
    const int growth = to->growth + (to->af == 4 && inner->af == 6
                                         ? (int)(inner_hdr_bytes(inner, 6) - IP6_HDR_BYTES)
                                         : 0);
    int told = (int)RTE_MIN(mtu, (uint32_t)UINT16_MAX);

    if (!told)
        told = icmp_plateau(inner->l3_len);
    if (to->mtu_max)
        told = RTE_MIN(told, (int)to->mtu_max);
    return icmp_mtu(to->af, told - growth);
}

bool icmp_error_plan(const struct pkt *p, const struct inner *inner, const struct icmp_change *to,
                     struct icmp_kind *kind, uint16_t *l3_len)
{
    *kind = icmp_kind_get(p);
    *l3_len = p->l3_len;
    if (to->af != p->af) {
        const uint32_t n_hdrs = ip_hdr_bytes(to->af) + ICMP_HDR_BYTES +
                                inner_hdr_bytes(inner, to->af);
        const uint32_t n_bytes = n_hdrs + quoted_l4_bytes(p, inner);

        if (inner->key.proto == icmp_proto(p->af) || !icmp_kind_translate(p->af, kind))
            return false;
        *l3_len = (uint16_t)RTE_MIN(n_bytes, (uint32_t)icmp_error_max_bytes(to->af));
    }
    if (icmp_kind_is_too_big(to->af, kind)) {
        const uint32_t mtu = to->af == 4 ? kind->rest & 0xffff : kind->rest;

        if (mtu || to->af != p->af) /* 0 within IPv4: the sender guesses as it does */
            kind->rest += told_mtu(inner, to, mtu) - mtu;
    }
    return true;
}

/* --- the packet inside ----------------------------------------------------------------------- */

static unsigned csum_at(uint32_t proto)
{
    switch (proto) {
    case PROTO_TCP: return offsetof(struct tcp_hdr, csum);
    case PROTO_UDP: return offsetof(struct udp_hdr, csum);
    default: return offsetof(struct icmp_hdr, csum);
    }
}

/* The transport checksum was right for the tuple that went out; make it right for this one. SCTP's
 * stays: it is over all of the packet, of which nobody quotes as much, and no host checks it
 * here. */
static void restore_l4_csum(struct inner *inner, uint32_t proto, uint64_t delta)
{
    const unsigned at = csum_at(proto);
    uint16_t csum;

    if (proto == PROTO_SCTP || inner->l4_len < at + 2)
        return;                 /* TCP: only 8 bytes need be quoted */
    memcpy(&csum, inner->l4 + at, 2);
    if (proto == PROTO_UDP && !csum)
        return;                 /* none */
    csum = csum_apply(csum, delta);
    if (proto == PROTO_UDP && !csum)
        csum = 0xffff;          /* a computed 0 (RFC 768) */
    memcpy(inner->l4 + at, &csum, 2);
}

static uint16_t addrs_sum(uint8_t af, const union key *key)
{
    return csum_fold(af == 4 ? csum_words(&key->v4.src_be, 8, 0)
                             : csum_words(key->v6.src_be, 32, 0));
}

static bool asks(uint8_t af, uint8_t type)
{
    for (unsigned i = 0; i < N_ICMP_QUERIES; i++)
        if (icmp_queries[i].af == af && icmp_queries[i].asks == type)
            return true;
    return false;
}

/* The id of a query; what that changes in its sum. */
static uint64_t restore_id(struct inner *inner, const struct icmp_change *to)
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)inner->l4;
    const uint16_t was_be = icmp->id_be;

    icmp->id_be = asks(inner->af, icmp->type) ? to->sent.sport_be : to->sent.dport_be;
    return csum_delta16(was_be, icmp->id_be);
}

static uint64_t restore_ports(struct inner *inner, const struct icmp_change *to)
{
    struct udp_hdr *l4 = (struct udp_hdr *)inner->l4;
    uint64_t delta = csum_delta16(l4->sport_be, to->sent.sport_be) +
                     csum_delta16(l4->dport_be, to->sent.dport_be);

    l4->sport_be = to->sent.sport_be;
    l4->dport_be = to->sent.dport_be;
    if (to->sent.proto == PROTO_TCP) {
        struct tcp_hdr *tcp = (struct tcp_hdr *)inner->l4;
        const uint32_t seq_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) - to->seq_added);

        delta += csum_delta32(tcp->seq_be, seq_be);
        tcp->seq_be = seq_be;
    }
    return delta;
}

/* Ports or id, sequence number and checksum as they were sent; ICMP's sum has no addresses. */
static void restore_l4(struct inner *inner, const struct icmp_change *to)
{
    const uint32_t proto = to->sent.proto;
    uint64_t delta = proto == icmp_proto(to->af) ? restore_id(inner, to) : restore_ports(inner, to);

    if (proto != PROTO_ICMP)
        delta += csum_delta16(addrs_sum(inner->af, &inner->key), addrs_sum(to->af, &to->sent));
    restore_l4_csum(inner, proto, delta);
}

/* --- within a family ------------------------------------------------------------------------- */

static void set_inner_addrs(struct inner *inner, const union key *sent)
{
    struct ip4_hdr *ip4 = (struct ip4_hdr *)inner->l3;
    struct ip6_header *ip6 = (struct ip6_header *)inner->l3;

    if (inner->af == 6) {
        memcpy(ip6->src, sent->v6.src_be, sizeof ip6->src);
        memcpy(ip6->dst, sent->v6.dst_be, sizeof ip6->dst);
        return;
    }
    ip4->src_be = sent->v4.src_be;
    ip4->dst_be = sent->v4.dst_be;
    ip4_set_csum(ip4);
}

/* --- between families ------------------------------------------------------------------------ */

/* What both families' headers say. */
struct ip_fields {
    uint8_t tos, ttl;
    uint16_t payload_bytes;
};

static struct ip_fields fields_of(uint8_t af, const uint8_t *l3, unsigned hdr_bytes,
                                  uint32_t l3_len)
{
    const struct ip4_hdr *ip4 = (const struct ip4_hdr *)l3;
    const struct ip6_header *ip6 = (const struct ip6_header *)l3;
    const uint16_t n_bytes = (uint16_t)(l3_len > hdr_bytes ? l3_len - hdr_bytes : 0);

    if (af == 4)
        return (struct ip_fields){ ip4->tos, ip4->ttl, n_bytes };
    return (struct ip_fields){ (uint8_t)(rte_be_to_cpu_32(ip6->version_be) >> 20), ip6->hops,
                               n_bytes };
}

static void set_tos(struct pkt *p, uint8_t tos)
{
    if (p->af == 6) {
        pkt_ip6(p)->version_be |= rte_cpu_to_be_32((uint32_t)tos << 20);
        return;
    }
    pkt_ip4(p)->tos = tos;
    ip4_set_csum(pkt_ip4(p));
}

/* What a first fragment says of itself; its offset is 0. */
struct first_fragment {
    bool more;
    uint32_t id;                /* host order */
};

static struct first_fragment fragment_of(const struct inner *inner)
{
    const struct ip4_hdr *ip4 = (const struct ip4_hdr *)inner->l3;
    const struct ip6_frag_header *frag =
        (const struct ip6_frag_header *)(inner->l4 - sizeof(struct ip6_frag_header));

    if (inner->af == 4)
        return (struct first_fragment){ ip4->frag_be & RTE_BE16(IP4_MF),
                                        rte_be_to_cpu_16(ip4->id_be) };
    return (struct first_fragment){ frag->offset_be & RTE_BE16(1), rte_be_to_cpu_32(frag->id_be) };
}

/* The same in the other family's place (RFC 7915 4.1, 5.1.1). The number is the one that it left
 * with from here: its sender's is forgotten. */
static void make_fragment(struct pkt *made, struct first_fragment was)
{
    struct ip4_hdr *ip4 = pkt_ip4(made);
    struct ip6_header *ip6 = pkt_ip6(made);

    if (made->af == 4) {
        ip4->id_be = rte_cpu_to_be_16((uint16_t)was.id);
        ip4->frag_be = rte_cpu_to_be_16(was.more ? IP4_MF : 0);
        return;
    }
    *(struct ip6_frag_header *)(ip6 + 1) = (struct ip6_frag_header){
        .next = ip6->next, .offset_be = rte_cpu_to_be_16(was.more), .id_be = rte_cpu_to_be_32(was.id),
    };
    ip6->next = EXT_FRAGMENT;
}

/* As the translator of packets made it out of, so without options; DF for want of the sender's
 * bit. */
static uint8_t *make_inner(struct inner *inner, const struct icmp_change *to)
{
    const struct ip_fields was = fields_of(inner->af, inner->l3,
                                           (unsigned)(inner->l4 - inner->l3), inner->l3_len);
    const struct first_fragment fragment = fragment_of(inner);
    const uint32_t n_hdr = inner_hdr_bytes(inner, to->af);
    const uint32_t l3_len = was.payload_bytes + n_hdr;
    struct pkt made = { .af = to->af, .l3 = inner->l4 - n_hdr,
                        .l3_len = (uint16_t)RTE_MIN(l3_len, (uint32_t)UINT16_MAX) };

    ip_make(&made, (uint8_t)to->sent.proto, key_src(to->af, &to->sent), key_dst(to->af, &to->sent),
            was.ttl, 0);
    if (to->af == 4)
        pkt_ip4(&made)->frag_be = RTE_BE16(IP4_DF);
    if (inner->is_fragment)
        make_fragment(&made, fragment);
    set_tos(&made, was.tos);
    return made.l3;
}

/* The frame begins in front of l3, where it may begin, and ends with the IP packet. */
static bool fit_frame(struct pkt *p)
{
    const int grown = (int)(rte_pktmbuf_mtod(p->m, uint8_t *) + ETH_HDR_BYTES - p->l3);

    if (grown > 0 && !rte_pktmbuf_prepend(p->m, (uint16_t)grown))
        return false;
    rte_pktmbuf_trim(p->m, (uint16_t)(rte_pktmbuf_data_len(p->m) - p->l3_len -
                                      (p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *))));
    return true;
}

static bool change_family(struct pkt *p, struct inner *inner, const struct icmp_change *to,
                          uint16_t l3_len)
{
    const struct ip_fields was = fields_of(p->af, p->l3, 0, p->l3_len);

    p->l3 = inner->l4 - inner_hdr_bytes(inner, to->af) - ICMP_HDR_BYTES - ip_hdr_bytes(to->af);
    p->l3_len = l3_len;
    if (!fit_frame(p))
        return false;
    make_inner(inner, to);
    p->af = to->af;
    ip_make(p, icmp_proto(to->af), to->src, to->dst, was.ttl, to->ip_id);
    set_tos(p, was.tos);
    return true;
}

bool icmp_error_rewrite(struct pkt *p, struct inner *inner, const struct icmp_change *to,
                        const struct icmp_kind *kind, uint16_t l3_len)
{
    restore_l4(inner, to);
    if (to->af == p->af) {
        set_inner_addrs(inner, &to->sent);
        ip_set_addrs(p, to->src, to->dst);
    } else if (!change_family(p, inner, to, l3_len)) {
        return false;
    }
    icmp_kind_set(p, kind);
    icmp_set_csum(p);
    return true;
}
