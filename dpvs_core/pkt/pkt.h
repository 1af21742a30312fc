/* pkt.h - one packet while a worker holds it: where its headers are, its tuple and hash. */
#ifndef DPVS_PKT_PKT_H
#define DPVS_PKT_PKT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "pkt/headers.h"

/* A tuple as it stands in a packet; ICMP queries and the like have ports zero. */
struct key4 {
    uint32_t src_be, dst_be;
    uint16_t sport_be, dport_be;
    uint32_t proto;
};
static_assert(sizeof(struct key4) == 16, "the flow hash reads 16 bytes");

enum pkt_flag { PKT_REDIRECTED = 1, PKT_UNICAST = 2, PKT_FRAGMENT = 4 };

struct pkt {
    struct rte_mbuf *m;
    uint8_t *l3;                /* IP header */
    uint8_t *l4;                /* TCP, UDP or ICMP header */
    uint16_t l3_len;            /* IP total length */
    uint16_t dev;               /* received on */
    uint8_t flags;              /* enum pkt_flag */
    uint8_t tcp_flags;
    uint32_t hash;
    struct key4 key;
};

static inline struct ip4_hdr *pkt_ip4(const struct pkt *p)
{
    return (struct ip4_hdr *)p->l3;
}

static inline struct tcp_hdr *pkt_tcp(const struct pkt *p)
{
    return (struct tcp_hdr *)p->l4;
}

static inline struct udp_hdr *pkt_udp(const struct pkt *p)
{
    return (struct udp_hdr *)p->l4;
}

/* Bytes from the L4 header to the end of the IP packet. */
static inline uint32_t pkt_l4_len(const struct pkt *p)
{
    return p->l3_len - (uint32_t)(p->l4 - p->l3);
}

#endif
