/* rewrite.h - the tuple of a packet replaced, checksums by prepared deltas. */
#ifndef DPVS_LB_REWRITE_H
#define DPVS_LB_REWRITE_H

#include "base/csum.h"
#include "lb/conn.h"

/* Ports, and the checksum for them and the addresses. The checksum 0 ("none") stays 0, and a
 * computed 0 becomes 0xffff (RFC 768). */
static inline void rewrite_udp(struct udp_hdr *udp, const struct conn_side *in)
{
    memcpy(&udp->sport_be, &in->new_sport_be, 4); /* both ports */
    if (udp->csum) {
        const uint16_t csum = csum_apply16(udp->csum, in->l4_delta);

        udp->csum = csum ? csum : 0xffff;
    }
}

/* The same for TCP, whose sequence and acknowledgement numbers move too (host order): one carry
 * for all of it. */
static inline void rewrite_tcp(struct tcp_hdr *tcp, const struct conn_side *in, uint32_t seq_add,
                               uint32_t ack_add)
{
    const uint32_t seq_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) + seq_add);
    const uint32_t ack_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->ack_be) + ack_add);

    tcp->csum = csum_apply(tcp->csum, csum_delta32(tcp->seq_be, seq_be) +
                                          csum_delta32(tcp->ack_be, ack_be) + in->l4_delta);
    tcp->seq_be = seq_be;
    tcp->ack_be = ack_be;
    memcpy(&tcp->sport_be, &in->new_sport_be, 4);
}

/* Ports, and the checksum for them and the addresses: where TCP's numbers stay. */
static inline void rewrite_tcp_tuple(struct tcp_hdr *tcp, const struct conn_side *in)
{
    memcpy(&tcp->sport_be, &in->new_sport_be, 4);
    tcp->csum = csum_apply16(tcp->csum, in->l4_delta);
}

/* A packet gets the addresses that its side prepared. */
static inline void rewrite4(struct pkt *p, const struct conn_side4 *in)
{
    struct ip4_hdr *ip = pkt_ip4(p);

    memcpy(&ip->src_be, &in->new_src_be, 8); /* both addresses */
    ip->csum = csum_apply16(ip->csum, in->side.l3_delta);
}

static inline void rewrite6(struct pkt *p, const struct conn_side6 *in)
{
    struct ip6_header *ip = pkt_ip6(p);

    memcpy(ip->src, in->new_src_be, sizeof ip->src);
    memcpy(ip->dst, in->new_dst_be, sizeof ip->dst);
}

#endif
