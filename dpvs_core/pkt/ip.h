/* ip.h - IP headers of either family, as who makes or changes a packet sees them: p->af decides.
 *
 * For slow paths; known connections are rewritten by lb/rewrite.h. A header made here has no
 * options or extension headers.
 */
#ifndef DPVS_PKT_IP_H
#define DPVS_PKT_IP_H

#include "base/csum.h"
#include "pkt/pkt.h"

static inline uint16_t ip_hdr_bytes(uint8_t af)
{
    return af == 4 ? IP4_HDR_BYTES : IP6_HDR_BYTES;
}

static inline uint8_t ip_ttl(const struct pkt *p)
{
    return p->af == 4 ? pkt_ip4(p)->ttl : pkt_ip6(p)->hops;
}

static inline void ip4_set_csum(struct ip4_hdr *ip)
{
    ip->csum = 0;
    ip->csum = csum_of(ip, ip4_hdr_bytes(ip));
}

static inline void ip_set_ttl(struct pkt *p, uint8_t ttl)
{
    if (p->af == 4) {
        pkt_ip4(p)->ttl = ttl;
        ip4_set_csum(pkt_ip4(p));
    } else {
        pkt_ip6(p)->hops = ttl;
    }
}

static inline void ip_dec_ttl(struct pkt *p)
{
    struct ip4_hdr *ip = pkt_ip4(p);
    uint16_t was, now;

    if (p->af == 6) {
        pkt_ip6(p)->hops--;
        return;
    }
    memcpy(&was, &ip->ttl, 2);  /* TTL and protocol are one checksum word */
    ip->ttl--;
    memcpy(&now, &ip->ttl, 2);
    ip->csum = csum_apply(ip->csum, csum_delta16(was, now));
}

/* The addresses, checksums of the payload left as they are. */
static inline void ip_set_addrs(struct pkt *p, struct addr16 src, struct addr16 dst)
{
    if (p->af == 4) {
        pkt_ip4(p)->src_be = addr_to4(src);
        pkt_ip4(p)->dst_be = addr_to4(dst);
        ip4_set_csum(pkt_ip4(p));
    } else {
        memcpy(pkt_ip6(p)->src, src.byte, 16);
        memcpy(pkt_ip6(p)->dst, dst.byte, 16);
    }
}

/* The length that the header says follows p->l3_len; IPv4's checksum by difference. */
static inline void ip_set_length(struct pkt *p)
{
    struct ip4_hdr *ip = pkt_ip4(p);
    const uint16_t total_be = rte_cpu_to_be_16(p->l3_len);

    if (p->af == 6) {
        pkt_ip6(p)->payload_be = rte_cpu_to_be_16((uint16_t)(p->l3_len - IP6_HDR_BYTES));
        return;
    }
    ip->csum = csum_apply(ip->csum, csum_delta16(ip->total_be, total_be));
    ip->total_be = total_be;
}

/* A whole header at p->l3 for p->l3_len bytes; p->l4 is set behind it. `id`: IPv4's. */
static inline void ip_make(struct pkt *p, uint8_t proto, struct addr16 src, struct addr16 dst,
                           uint8_t ttl, uint16_t id)
{
    if (p->af == 4)
        *pkt_ip4(p) = (struct ip4_hdr){
            .version_ihl = 0x45, .total_be = rte_cpu_to_be_16(p->l3_len),
            .id_be = rte_cpu_to_be_16(id), .ttl = ttl, .proto = proto,
        };
    else
        *pkt_ip6(p) = (struct ip6_header){
            .version_be = RTE_BE32(6u << 28), .next = proto, .hops = ttl,
            .payload_be = rte_cpu_to_be_16((uint16_t)(p->l3_len - IP6_HDR_BYTES)),
        };
    ip_set_addrs(p, src, dst);
    p->l4 = p->l3 + ip_hdr_bytes(p->af);
}

/* The pseudo header's sum (RFC 9293 3.1, RFC 8200 8.1) for the payload at p->l4. */
static inline uint64_t ip_pseudo_sum(const struct pkt *p, uint8_t proto)
{
    const uint64_t addrs = p->af == 4 ? csum_words(&pkt_ip4(p)->src_be, 8, 0)
                                      : csum_words(pkt_ip6(p)->src, 32, 0);

    return addrs + rte_cpu_to_be_16(proto) + rte_cpu_to_be_16((uint16_t)pkt_l4_len(p));
}

/* The sum that an ICMP message at p->l4 must have: ICMPv6's knows the addresses (RFC 4443 2.3). */
static inline uint64_t icmp_sum(const struct pkt *p)
{
    return csum_words(p->l4, pkt_l4_len(p), p->af == 4 ? 0 : ip_pseudo_sum(p, PROTO_ICMP6));
}

static inline void icmp_set_csum(struct pkt *p)
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;

    icmp->csum = 0;
    icmp->csum = (uint16_t)~csum_fold(icmp_sum(p));
}

static inline bool icmp_csum_is_right(const struct pkt *p)
{
    return csum_fold(icmp_sum(p)) == 0xffff;
}

static inline uint8_t icmp_proto(uint8_t af)
{
    return af == 4 ? PROTO_ICMP : PROTO_ICMP6;
}

#endif
