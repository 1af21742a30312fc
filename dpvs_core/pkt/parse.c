/* parse.c - the careful parser of the slow stages (RFC 791, 8200). */
#include "pkt/parse.h"

#include "pkt/icmp_query.h"
#include "pkt/ip.h"
#include "pkt/sctp.h"

enum { MAX_EXT_HEADERS = 8 };

/* --- IPv6 extension headers -------------------------------------------------------------- */

static bool is_ext(uint8_t proto)
{
    return proto == EXT_HOP_BY_HOP || proto == EXT_ROUTING || proto == EXT_FRAGMENT ||
           proto == EXT_DEST_OPTIONS;
}

static void step_fragment(const struct ip6_frag_header *frag, struct ip6_chain *chain)
{
    chain->has_frag_header = true;
    chain->proto = frag->next;
    chain->off += sizeof *frag;
    chain->is_later = frag->offset_be & RTE_BE16(0xfff8);
    chain->is_fragment = frag->offset_be & RTE_BE16(0xfff9); /* else atomic: RFC 6946 */
}

bool ip6_walk(const uint8_t *l3, uint32_t n_bytes, struct ip6_chain *chain)
{
    *chain = (struct ip6_chain){ .proto = ((const struct ip6_header *)l3)->next,
                                 .off = IP6_HDR_BYTES };
    for (unsigned n = 0; is_ext(chain->proto) && !chain->is_fragment; n++) {
        const struct ip6_ext_header *ext = (const struct ip6_ext_header *)(l3 + chain->off);

        if (n == MAX_EXT_HEADERS || chain->off + sizeof(struct ip6_frag_header) > n_bytes)
            return false;
        if (chain->proto == EXT_FRAGMENT) {
            step_fragment((const struct ip6_frag_header *)ext, chain);
            continue;
        }
        if (chain->proto == EXT_ROUTING && ext->segments_left)
            return true;        /* not for its destination yet: Linux's */
        chain->proto = ext->next;
        chain->off += (ext->n_words + 1u) * 8;
    }
    return chain->off <= n_bytes;
}

/* --- the packet ------------------------------------------------------------------------------ */

static enum verdict parse_l4(struct pkt *p, uint8_t proto)
{
    const uint32_t l4_len = pkt_l4_len(p);

    if (proto == PROTO_TCP) {
        if (l4_len < TCP_HDR_BYTES || tcp_hdr_bytes(pkt_tcp(p)) < TCP_HDR_BYTES ||
            tcp_hdr_bytes(pkt_tcp(p)) > l4_len)
            return V_DROP_TOO_SHORT;
        p->tcp_flags = pkt_tcp(p)->flags;
    } else if (proto == PROTO_UDP) {
        if (l4_len < UDP_HDR_BYTES)
            return V_DROP_TOO_SHORT;
    } else if (proto == PROTO_SCTP) {
        if (l4_len < SCTP_HDR_BYTES + SCTP_CHUNK_HDR_BYTES)
            return V_DROP_TOO_SHORT;
    } else {
        if (proto == icmp_proto(p->af) && l4_len >= ICMP_HDR_BYTES)
            icmp_query_ports(p->af, (const struct icmp_hdr *)p->l4, &p->key.sport_be,
                             &p->key.dport_be);
        return V_CONTINUE;
    }
    p->key.sport_be = pkt_udp(p)->sport_be;
    p->key.dport_be = pkt_udp(p)->dport_be;
    return V_CONTINUE;
}

static enum verdict parse_ip4(struct pkt *p, uint32_t room)
{
    const struct ip4_hdr *ip = pkt_ip4(p);
    unsigned ihl;

    if (room < IP4_HDR_BYTES)
        return V_DROP_TOO_SHORT;
    ihl = ip4_hdr_bytes(ip);
    p->l3_len = rte_be_to_cpu_16(ip->total_be);
    if (ip->version_ihl >> 4 != 4 || ihl < IP4_HDR_BYTES || p->l3_len < ihl)
        return V_DROP_BAD_IP;
    if (p->l3_len > room)
        return V_DROP_TOO_SHORT;
    if (csum_fold(csum_words(ip, ihl, 0)) != 0xffff)
        return V_DROP_BAD_CHECKSUM;
    p->l4 = p->l3 + ihl;
    p->key.v4 = (struct key4){ .src_be = ip->src_be, .dst_be = ip->dst_be, .proto = ip->proto };
    if (ip->frag_be & RTE_BE16(IP4_FRAG_MASK))
        p->flags |= PKT_FRAGMENT;
    return V_CONTINUE;
}

static enum verdict parse_ip6(struct pkt *p, uint32_t room)
{
    const struct ip6_header *ip = pkt_ip6(p);
    struct ip6_chain chain;
    uint32_t n_bytes;

    if (room < IP6_HDR_BYTES)
        return V_DROP_TOO_SHORT;
    n_bytes = rte_be_to_cpu_16(ip->payload_be) + (uint32_t)IP6_HDR_BYTES;
    if ((ip->version_be & RTE_BE32(0xf0000000)) != RTE_BE32(0x60000000) || n_bytes > UINT16_MAX)
        return V_DROP_BAD_IP;
    if (n_bytes > room)
        return V_DROP_TOO_SHORT;
    p->l3_len = (uint16_t)n_bytes;
    if (!ip6_walk(p->l3, n_bytes, &chain))
        return V_DROP_BAD_IP;
    p->l4 = p->l3 + chain.off;
    memcpy(p->key.addrs, ip->src, sizeof p->key.addrs);
    p->key.sport_be = p->key.dport_be = 0;
    p->key.proto = chain.proto;
    if (chain.is_fragment)
        p->flags |= PKT_FRAGMENT;
    return V_CONTINUE;
}

enum verdict parse_ip(struct pkt *p, uint32_t seed)
{
    const uint32_t room = rte_pktmbuf_data_len(p->m) -
                          (uint32_t)(p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *));
    enum verdict v = p->af == 4 ? parse_ip4(p, room) : parse_ip6(p, room);

    if (v != V_CONTINUE)
        return v;
    rte_pktmbuf_trim(p->m, (uint16_t)(room - p->l3_len));
    p->tcp_flags = 0;
    if (!(p->flags & PKT_FRAGMENT))
        v = parse_l4(p, (uint8_t)p->key.proto);
    p->hash = tuple_hash(p->af, &p->key, seed);
    return v;
}

enum verdict parse_first_fragment(struct pkt *p, uint32_t seed)
{
    const enum verdict v = parse_l4(p, (uint8_t)p->key.proto);

    p->hash = tuple_hash(p->af, &p->key, seed);
    return v;
}

enum verdict parse_ip_rest(struct pkt *p)
{
    const uint32_t room = rte_pktmbuf_data_len(p->m) - (uint32_t)ETH_HDR_BYTES;
    const struct ip4_hdr *ip = pkt_ip4(p);

    if (p->af == 4 && csum_fold(csum_words(ip, ip4_hdr_bytes(ip), 0)) != 0xffff)
        return V_DROP_BAD_CHECKSUM;
    if (room != p->l3_len)
        rte_pktmbuf_trim(p->m, (uint16_t)(room - p->l3_len));
    return V_CONTINUE;
}
