/* parse.h - from bytes to struct pkt; nothing is read beyond the frame. */
#ifndef DPVS_PKT_PARSE_H
#define DPVS_PKT_PARSE_H

#include <string.h>

#include "base/hash.h"
#include "pkt/pkt.h"
#include "pkt/verdict.h"

/* The fast path's view: an untagged IPv4 TCP or UDP packet to this station, whole, no fragment.
 * Fills key and hash; false: the slow stages decide. The IP checksum is not verified: updates by
 * difference keep a wrong one wrong, the receiver drops it. */
static inline bool parse_fast4(struct pkt *p, const uint8_t mac[6], uint32_t seed)
{
    const struct eth_hdr *eth = rte_pktmbuf_mtod(p->m, const struct eth_hdr *);
    const uint32_t frame_len = rte_pktmbuf_data_len(p->m);
    const struct ip4_hdr *ip = (const struct ip4_hdr *)(eth + 1);
    unsigned ihl, l4_min;

    if (frame_len < ETH_HDR_BYTES + IP4_HDR_BYTES + UDP_HDR_BYTES ||
        eth->type_be != RTE_BE16(ETHERTYPE_IP4) || memcmp(eth->dst, mac, 6) ||
        p->m->nb_segs != 1)
        return false;
    ihl = ip4_hdr_bytes(ip);
    p->l3 = (uint8_t *)(uintptr_t)ip;
    p->l4 = p->l3 + ihl;
    p->l3_len = rte_be_to_cpu_16(ip->total_be);
    l4_min = ip->proto == PROTO_TCP ? TCP_HDR_BYTES : UDP_HDR_BYTES;
    if (ip->version_ihl >> 4 != 4 || ihl < IP4_HDR_BYTES ||
        (ip->frag_be & RTE_BE16(IP4_FRAG_MASK)) ||
        (ip->proto != PROTO_TCP && ip->proto != PROTO_UDP) ||
        p->l3_len < ihl + l4_min || (uint32_t)p->l3_len + ETH_HDR_BYTES > frame_len)
        return false;
    if (ip->proto == PROTO_TCP) {
        unsigned tcp_len = tcp_hdr_bytes(pkt_tcp(p));

        if (tcp_len < TCP_HDR_BYTES || ihl + tcp_len > p->l3_len)
            return false;
        p->tcp_flags = pkt_tcp(p)->flags;
    } else {
        p->tcp_flags = 0;
    }
    p->flags |= PKT_UNICAST;
    p->key = (struct key4){ ip->src_be, ip->dst_be, pkt_udp(p)->sport_be, pkt_udp(p)->dport_be,
                            ip->proto };
    p->hash = hash_16(&p->key, seed);
    return true;
}

/* The slow stages' view of the IP packet at p->l3: every check, padding cut off, key and hash
 * filled (ports of TCP and UDP first fragments and whole packets only). V_CONTINUE or a drop. */
enum verdict parse_ip4(struct pkt *p, uint32_t seed);

/* The packet inside an ICMP error at p->l4: its IP and L4 headers and its tuple as the other way
 * round (what an answer to it would carry). False: too short, a later fragment, not TCP or UDP. */
struct inner4 {
    uint8_t *l3, *l4;
    uint32_t l4_len;            /* bytes there, at least 8 */
    struct key4 reply;          /* the inner tuple reversed */
};
bool parse_inner4(const struct pkt *p, struct inner4 *inner);

#endif
