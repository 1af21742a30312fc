/* translate.h - an IP header becomes one of the other family (RFC 7915 4.1, 5.1), in place of the
 * old one and of what stood between it and the transport.
 *
 * Copied: traffic class, hop limit, length, protocol. To IPv4: what IPv6 hosts need not make smaller
 * (1280 bytes, which are 1260) may be fragmented, and has an identification; what is larger may not,
 * and needs none (RFC 6864). To IPv6: flow label 0. IPv4 options and IPv6 extension
 * headers are left out, as both sections want it. The transport's checksum is the caller's: length
 * and protocol mean the same in both pseudo headers, so it changes by addresses and ports alone.
 * But IPv4's UDP may have none and IPv6's must: then the datagram is summed.
 */
#ifndef DPVS_LB_TRANSLATE_H
#define DPVS_LB_TRANSLATE_H

#include "lb/conn_tuple.h"
#include "pkt/ip.h"
#include "worker/fragment.h"
#include "worker/output.h"

enum { IP4_FROM_LEAST_MTU_BYTES = IP6_LEAST_MTU_BYTES - IP6_HDR_BYTES + IP4_HDR_BYTES };
enum { IP4OPT_END = 0, IP4OPT_NOP = 1, IP4OPT_LSRR = 131, IP4OPT_SSRR = 137 };

/* What a packet grows by (or, negative, shrinks); `to` is a constant. */
static __rte_always_inline int translate_growth(const struct pkt *p, uint8_t to)
{
    return (int)ip_hdr_bytes(to) - (int)(p->l4 - p->l3);
}

/* A source route not yet used up: the packet is meant for another hop first (RFC 7915 4.1). A
 * malformed option ends the walk. */
static inline bool translate_is_source_routed(const struct pkt *p)
{
    const uint8_t *o = p->l3 + IP4_HDR_BYTES;

    while (o < p->l4 && *o != IP4OPT_END) {
        if (*o == IP4OPT_NOP) {
            o++;
            continue;
        }
        if (p->l4 - o < 3 || o[1] < 2 || o[1] > p->l4 - o)
            return false;
        if ((*o == IP4OPT_LSRR || *o == IP4OPT_SSRR) && o[2] <= o[1])
            return true;
        o += o[1];
    }
    return false;
}

/* A longer header begins in front of the old one. */
static __rte_always_inline bool translate_has_room(const struct pkt *p, int growth)
{
    return growth <= 0 || likely((int)p->m->data_off >= growth);
}

/* V_CONTINUE, or why it cannot be done. */
static inline enum verdict translate_check(const struct pkt *p, uint8_t to, int growth)
{
    if (!translate_has_room(p, growth) || (to == 6 && translate_is_source_routed(p)))
        return V_DROP_NOT_TRANSLATABLE;
    return V_CONTINUE;
}

/* IPv4's sender lets it be fragmented, but on IPv6's way nobody will: so that it fits any (RFC 7915
 * 4). */
static __rte_always_inline bool translate_must_fit_any(const struct pkt *p, uint8_t to, int growth)
{
    return to == 6 && p->l3_len + growth > IP6_LEAST_MTU_BYTES && output_is_divisible(p);
}

/* The frame begins where the new header wants it, so that whoever looks at the mbuf alone is
 * right. There is room, as translate_check has seen. */
static __rte_always_inline void translate_move(struct pkt *p, int growth)
{
    struct rte_mbuf *m = p->m;

    m->data_off = (uint16_t)(m->data_off - growth);
    m->data_len = (uint16_t)(m->data_len + growth);
    m->pkt_len = m->data_len;
    p->l3 -= growth;
    p->l3_len = (uint16_t)(p->l3_len + growth);
}

/* The first eight bytes of a header, and how they are written: as one word in host order. */
static __rte_always_inline uint64_t translate_word(const uint8_t *l3)
{
    uint64_t word_be;

    memcpy(&word_be, l3, sizeof word_be);
    return rte_be_to_cpu_64(word_be);
}

static __rte_always_inline void translate_set_word(uint8_t *l3, uint64_t word)
{
    const uint64_t word_be = rte_cpu_to_be_64(word);

    memcpy(l3, &word_be, sizeof word_be);
}

/* Of a header whose words, at most eight, have this sum in host order. */
static __rte_always_inline uint16_t translate_csum4(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~(sum + (sum >> 16));
}

/* Three stores: version to fragment, TTL to checksum, the addresses. */
static __rte_always_inline void translate_to4(struct worker *w, struct pkt *p,
                                              struct conn_side *in, int growth)
{
    const uint64_t was = translate_word(p->l3);
    const uint32_t version_tos = (4 << 4 | IP4_HDR_BYTES / 4) << 8 | (was >> 52 & 0xff);
    const uint32_t ttl_proto = (uint32_t)(was & 0xff) << 8 | in->proto;
    uint32_t total, id = 0, frag = 0, csum, ttl_csum_be;
    uint8_t *l3;                /* a copy: what is written through p->l3 might be p */

    translate_move(p, growth);
    p->af = 4;
    l3 = p->l3;
    total = p->l3_len;
    if (total <= IP4_FROM_LEAST_MTU_BYTES)
        id = (uint16_t)fragment_id(w);          /* in any order */
    else
        frag = IP4_DF;
    csum = translate_csum4(in->addrs_sum + version_tos + total + id + frag + ttl_proto);
    ttl_csum_be = rte_cpu_to_be_32(ttl_proto << 16 | csum);
    translate_set_word(l3, (uint64_t)(version_tos << 16 | total) << 32 | id << 16 | frag);
    memcpy(l3 + offsetof(struct ip4_hdr, ttl), &ttl_csum_be, sizeof ttl_csum_be);
    memcpy(l3 + offsetof(struct ip4_hdr, src_be), &side4(in)->new_src_be, 8); /* both */
}

static __rte_always_inline void translate_to6(struct pkt *p, struct conn_side *in, unsigned side,
                                              int growth)
{
    const struct conn_side6 *to = side_across6(in, side);
    const uint64_t tos = pkt_ip4(p)->tos, ttl = pkt_ip4(p)->ttl;
    struct ip6_header *ip;      /* a copy too */

    translate_move(p, growth);
    p->af = 6;
    ip = pkt_ip6(p);
    translate_set_word((uint8_t *)ip, 6ull << 60 | tos << 52 |
                                      (uint64_t)(p->l3_len - IP6_HDR_BYTES) << 16 |
                                      (uint64_t)in->proto << 8 | ttl);
    memcpy(ip->src, to->dst_be, sizeof ip->src);
    memcpy(ip->dst, to->src_be, sizeof ip->dst);
}

/* --- fragments (RFC 7915 4.1, 5.1.1) ------------------------------------------------------- */

/* Where in its packet a fragment belongs, in both families' words. */
struct translate_place {
    uint16_t offset_bytes;
    bool more;
    uint32_t id;                /* host order */
};

static inline struct translate_place translate_place_of(const struct pkt *p)
{
    const struct ip6_frag_header *frag =
        (const struct ip6_frag_header *)(p->l4 - sizeof(struct ip6_frag_header));
    const uint16_t word = rte_be_to_cpu_16(p->af == 4 ? pkt_ip4(p)->frag_be : frag->offset_be);

    if (p->af == 4)
        return (struct translate_place){ (uint16_t)(word << 3), word & IP4_MF,
                                         rte_be_to_cpu_16(pkt_ip4(p)->id_be) };
    return (struct translate_place){ word & 0xfff8, word & 1, rte_be_to_cpu_32(frag->id_be) };
}

/* Of a header that translate_to4 has made. */
static inline void translate_place4(struct pkt *p, struct translate_place place)
{
    struct ip4_hdr *ip = pkt_ip4(p);

    ip->id_be = rte_cpu_to_be_16((uint16_t)place.id);
    ip->frag_be = rte_cpu_to_be_16((uint16_t)(place.offset_bytes >> 3 |
                                              (place.more ? IP4_MF : 0)));
    ip4_set_csum(ip);
}

/* Of one that translate_to6 has made, with room for a fragment header behind it. */
static inline void translate_place6(struct pkt *p, struct translate_place place)
{
    struct ip6_header *ip = pkt_ip6(p);

    *(struct ip6_frag_header *)(ip + 1) = (struct ip6_frag_header){
        .next = ip->next, .offset_be = rte_cpu_to_be_16(place.offset_bytes | place.more),
        .id_be = rte_cpu_to_be_32(place.id),
    };
    ip->next = EXT_FRAGMENT;
}

/* A datagram without a checksum gets one (RFC 7915 4.5); its length field counts, if it is true. */
static inline void translate_udp(struct pkt *p)
{
    struct udp_hdr *udp = pkt_udp(p);
    const uint32_t n_bytes = RTE_MIN((uint32_t)rte_be_to_cpu_16(udp->length_be), pkt_l4_len(p));
    const uint64_t pseudo = csum_words(pkt_ip6(p)->src, 32, 0) + udp->length_be +
                            RTE_BE16(PROTO_UDP);
    const uint16_t csum = (uint16_t)~csum_fold(csum_words(udp, n_bytes, pseudo));

    udp->csum = csum ? csum : 0xffff;
}

#endif
