/* parse.h - from bytes to struct pkt; nothing is read beyond the frame. */
#ifndef DPVS_PKT_PARSE_H
#define DPVS_PKT_PARSE_H

#include <string.h>

#include "pkt/pkt.h"
#include "pkt/verdict.h"

/* A MAC address as one word, from where at least eight bytes may be read. */
static inline uint64_t mac_word(const uint8_t *mac)
{
    uint64_t word;

    memcpy(&word, mac, sizeof word);
    return word & 0xffffffffffff;
}

/* The L4 header at p->l4 fits what the IP header promises, as far as the fast path reads it. */
static inline bool parse_fast_l4(struct pkt *p, uint8_t proto, unsigned l4_off)
{
    unsigned n_bytes;

    if (proto != PROTO_TCP) {
        p->tcp_flags = 0;
        return proto == PROTO_UDP && p->l3_len >= l4_off + UDP_HDR_BYTES;
    }
    if (p->l3_len < l4_off + TCP_HDR_BYTES)
        return false;
    n_bytes = tcp_hdr_bytes(pkt_tcp(p));
    p->tcp_flags = pkt_tcp(p)->flags;
    return n_bytes >= TCP_HDR_BYTES && l4_off + n_bytes <= p->l3_len;
}

/* The fast path's views: an untagged TCP or UDP packet to this station, whole, no fragment, no
 * extension header. They fill key and hash; false: the slow stages decide. IPv4's checksum is not
 * verified: updates by difference keep a wrong one wrong, the receiver drops it. */
static __rte_always_inline bool parse_fast4(struct pkt *p, unsigned ihl, uint32_t frame_len,
                                            uint64_t spread)
{
    const struct ip4_hdr *ip = pkt_ip4(p);
    uint64_t addrs, ports_proto;
    uint32_t ports;

    p->l4 = p->l3 + ihl;
    p->l3_len = rte_be_to_cpu_16(ip->total_be);
    if ((ip->frag_be & RTE_BE16(IP4_FRAG_MASK)) ||
        (uint32_t)p->l3_len + ETH_HDR_BYTES > frame_len || !parse_fast_l4(p, ip->proto, ihl))
        return false;
    /* Whole words from here to the hash: one read out of smaller writes waits for them all. */
    memcpy(&addrs, &ip->src_be, sizeof addrs);
    memcpy(&ports, p->l4, sizeof ports);
    ports_proto = ports | (uint64_t)ip->proto << 32;
    memcpy(&p->key.v4.src_be, &addrs, sizeof addrs);
    memcpy(&p->key.v4.sport_be, &ports_proto, sizeof ports_proto);
    p->hash = hash_words(addrs, ports_proto, spread);
    return true;
}

static inline bool parse_fast4_options(struct pkt *p, uint32_t frame_len, uint64_t spread)
{
    const struct ip4_hdr *ip = pkt_ip4(p);
    const unsigned ihl = ip4_hdr_bytes(ip);

    return ip->version_ihl >> 4 == 4 && ihl >= IP4_HDR_BYTES &&
           parse_fast4(p, ihl, frame_len, spread);
}

static inline bool parse_fast6(struct pkt *p, uint32_t frame_len, uint64_t spread)
{
    const struct ip6_header *ip = pkt_ip6(p);
    uint64_t ports_proto;
    uint32_t ports;

    p->l4 = p->l3 + IP6_HDR_BYTES;
    if (frame_len < ETH_HDR_BYTES + IP6_HDR_BYTES + UDP_HDR_BYTES ||
        (ip->version_be & RTE_BE32(0xf0000000)) != RTE_BE32(0x60000000) ||
        rte_be_to_cpu_16(ip->payload_be) > frame_len - ETH_HDR_BYTES - IP6_HDR_BYTES)
        return false;
    p->l3_len = (uint16_t)(rte_be_to_cpu_16(ip->payload_be) + IP6_HDR_BYTES);
    if (!parse_fast_l4(p, ip->next, IP6_HDR_BYTES))
        return false;
    memcpy(&ports, p->l4, sizeof ports);
    ports_proto = ports | (uint64_t)ip->next << 32;
    /* Out of the packet, not out of the copy: that is written in larger pieces than are read. */
    p->hash = hash_32_word(ip->src, ports_proto, spread);
    memcpy(p->key.addrs, ip->src, sizeof p->key.addrs);
    memcpy(&p->key.sport_be, &ports_proto, sizeof ports_proto);
    return true;
}

/* 4 or 6: the family whose view is filled now; 0: the slow stages decide. `mac` is the station's
 * as mac_word gives it, `spread` the flow hash's key as hash_spread does. */
static inline unsigned parse_fast(struct pkt *p, uint64_t mac, uint64_t spread)
{
    const struct eth_hdr *eth = rte_pktmbuf_mtod(p->m, const struct eth_hdr *);
    const uint32_t frame_len = rte_pktmbuf_data_len(p->m);

    if (frame_len < ETH_HDR_BYTES + IP4_HDR_BYTES + UDP_HDR_BYTES || mac_word(eth->dst) != mac ||
        p->m->nb_segs != 1)
        return 0;
    p->l3 = (uint8_t *)(uintptr_t)(eth + 1);
    p->flags |= PKT_UNICAST;
    if (likely(eth->type_be == RTE_BE16(ETHERTYPE_IP4))) {
        p->af = 4;
        if (likely(pkt_ip4(p)->version_ihl == (4 << 4 | IP4_HDR_BYTES / 4)))
            return parse_fast4(p, IP4_HDR_BYTES, frame_len, spread) ? 4 : 0;
        return parse_fast4_options(p, frame_len, spread) ? 4 : 0;
    }
    if (eth->type_be == RTE_BE16(ETHERTYPE_IP6)) {
        p->af = 6;
        return parse_fast6(p, frame_len, spread) ? 6 : 0;
    }
    return 0;
}

/* Of a packet that parse_fast has read elsewhere, with family and hash from there: the rest of the
 * view. Nothing has changed since, so nothing is checked. */
static inline void parse_again(struct pkt *p)
{
    uint64_t words, ports_proto;
    uint32_t ports;
    uint8_t proto;

    p->l3 = rte_pktmbuf_mtod(p->m, uint8_t *) + ETH_HDR_BYTES;
    p->flags |= PKT_UNICAST;
    if (likely(p->af == 4)) {
        const struct ip4_hdr *ip = pkt_ip4(p);

        p->l4 = p->l3 + ip4_hdr_bytes(ip);
        p->l3_len = rte_be_to_cpu_16(ip->total_be);
        proto = ip->proto;
        memcpy(&words, &ip->src_be, sizeof words);
        memcpy(&p->key.v4.src_be, &words, sizeof words);
    } else {
        const struct ip6_header *ip = pkt_ip6(p);

        p->l4 = p->l3 + IP6_HDR_BYTES;
        p->l3_len = (uint16_t)(rte_be_to_cpu_16(ip->payload_be) + IP6_HDR_BYTES);
        proto = ip->next;
        memcpy(p->key.addrs, ip->src, sizeof p->key.addrs);
    }
    memcpy(&ports, p->l4, sizeof ports);
    ports_proto = ports | (uint64_t)proto << 32;
    memcpy(&p->key.sport_be, &ports_proto, sizeof ports_proto);
    p->tcp_flags = proto == PROTO_TCP ? pkt_tcp(p)->flags : 0;
}

/* The slow stages' view of the IP packet at p->l3, of family p->af: every check, padding cut off,
 * key and hash filled (ports of whole TCP, UDP and SCTP packets and of ICMP queries only).
 * V_CONTINUE or a drop. */
enum verdict parse_ip(struct pkt *p, uint32_t seed);
/* The ports of a first fragment, which parse_ip leaves out: key, hash and TCP flags. */
enum verdict parse_first_fragment(struct pkt *p, uint32_t seed);
/* The same as parse_ip for a packet that parse_fast has read: what that left out. */
enum verdict parse_ip_rest(struct pkt *p);

/* Where a chain of extension headers leads (RFC 8200 4): hop-by-hop, destination options, used-up
 * routing headers and fragment headers are stepped over, at most eight; a fragment's ends it. */
struct ip6_chain {
    uint8_t proto;              /* of what the walk ended at */
    bool is_fragment, is_later; /* later: not the first one */
    bool has_frag_header;       /* also of an atomic fragment, which is whole */
    uint32_t off;               /* from the IP header */
};
/* False: the chain does not end within n_bytes, or is too long. */
bool ip6_walk(const uint8_t *l3, uint32_t n_bytes, struct ip6_chain *chain);

#endif
