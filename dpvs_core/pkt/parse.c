/* parse.c - the careful parser of the slow stages (RFC 791, 792). */
#include "pkt/parse.h"

#include "base/csum.h"

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
    } else {
        return V_CONTINUE;
    }
    p->key.sport_be = pkt_udp(p)->sport_be;
    p->key.dport_be = pkt_udp(p)->dport_be;
    return V_CONTINUE;
}

enum verdict parse_ip4(struct pkt *p, uint32_t seed)
{
    const struct ip4_hdr *ip = pkt_ip4(p);
    const uint32_t room = rte_pktmbuf_data_len(p->m) -
                          (uint32_t)(p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *));
    enum verdict v = V_CONTINUE;
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
    rte_pktmbuf_trim(p->m, (uint16_t)(room - p->l3_len));

    p->l4 = p->l3 + ihl;
    p->tcp_flags = 0;
    p->key = (struct key4){ .src_be = ip->src_be, .dst_be = ip->dst_be, .proto = ip->proto };
    if (ip->frag_be & RTE_BE16(IP4_FRAG_MASK))
        p->flags |= PKT_FRAGMENT;
    else
        v = parse_l4(p, ip->proto);
    p->hash = hash_16(&p->key, seed);
    return v;
}

bool parse_inner4(const struct pkt *p, struct inner4 *inner)
{
    const struct ip4_hdr *ip = (const struct ip4_hdr *)(p->l4 + ICMP_HDR_BYTES);
    const uint32_t l4_len = pkt_l4_len(p);
    const struct udp_hdr *l4;
    unsigned ihl;

    if (l4_len < ICMP_HDR_BYTES + IP4_HDR_BYTES)
        return false;
    ihl = ip4_hdr_bytes(ip);
    if (ip->version_ihl >> 4 != 4 || ihl < IP4_HDR_BYTES || l4_len < ICMP_HDR_BYTES + ihl + 8 ||
        (ip->frag_be & RTE_BE16(0x1fff)) || (ip->proto != PROTO_TCP && ip->proto != PROTO_UDP))
        return false;
    inner->l3 = p->l4 + ICMP_HDR_BYTES;
    inner->l4 = inner->l3 + ihl;
    inner->l4_len = l4_len - ICMP_HDR_BYTES - ihl;
    l4 = (const struct udp_hdr *)inner->l4;
    inner->reply = (struct key4){ ip->dst_be, ip->src_be, l4->dport_be, l4->sport_be, ip->proto };
    return true;
}
