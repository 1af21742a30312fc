/* pkt.h - one packet while a worker holds it: where its headers are, its tuple and hash. */
#ifndef DPVS_PKT_PKT_H
#define DPVS_PKT_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "base/addr.h"
#include "base/hash.h"
#include "pkt/headers.h"

/* A tuple as it stands in a packet; ports of ICMP queries are as icmp_query.h says, what has none
 * has zeros. Addresses and ports lie as Toeplitz hashes want them. */
struct key4 {
    uint32_t src_be, dst_be;
    uint16_t sport_be, dport_be;
    uint32_t proto;
};
static_assert(sizeof(struct key4) == 16, "the flow hash reads 16 bytes");

struct key6 {
    uint32_t src_be[4], dst_be[4];
    uint16_t sport_be, dport_be;
    uint32_t proto;
};
static_assert(sizeof(struct key6) == 40, "the flow hash reads 40 bytes");

/* Of either family: ports and protocol are at the same place in both. */
union key {
    struct {
        uint32_t addrs[8];
        uint16_t sport_be, dport_be;
        uint32_t proto;
    };
    struct {
        uint32_t unused[6];
        struct key4 v4;
    };
    struct key6 v6;
};
static_assert(offsetof(union key, v4.sport_be) == offsetof(union key, sport_be) &&
              offsetof(union key, v6.sport_be) == offsetof(union key, sport_be), "common ports");

enum pkt_flag {
    PKT_REDIRECTED = 1,         /* another worker received it */
    PKT_UNICAST = 2,
    PKT_FRAGMENT = 4,
    PKT_READ = 8,               /* by parse_fast: a whole TCP or UDP packet, its tuple known */
    PKT_LATER = 16,             /* a fragment but not the first: what is at l4 is payload */
    PKT_WAITED = 32,            /* a fragment that has waited for others at its keeper */
    PKT_COUNT6 = 64,            /* came as IPv6 to the slow stages (ip6_count.h) */
};

struct pkt {
    struct rte_mbuf *m;
    uint8_t *l3;                /* IP header */
    uint8_t *l4;                /* TCP, UDP or ICMP header */
    uint16_t l3_len;            /* of the whole IP packet */
    uint16_t dev;               /* received on */
    uint8_t flags;              /* enum pkt_flag */
    uint8_t tcp_flags;
    uint8_t af;                 /* 4 or 6 */
    uint32_t hash;
    union key key;
};

static inline struct addr16 key_src(uint8_t af, const union key *key)
{
    return af == 4 ? addr4(key->v4.src_be) : addr6((const uint8_t *)key->v6.src_be);
}

static inline struct addr16 key_dst(uint8_t af, const union key *key)
{
    return af == 4 ? addr4(key->v4.dst_be) : addr6((const uint8_t *)key->v6.dst_be);
}

static inline union key key_of(uint8_t af, struct addr16 src, struct addr16 dst)
{
    union key key = { .v6 = { .proto = 0 } };

    if (af == 4) {
        key.v4.src_be = addr_to4(src);
        key.v4.dst_be = addr_to4(dst);
    } else {
        memcpy(key.v6.src_be, src.byte, 16);
        memcpy(key.v6.dst_be, dst.byte, 16);
    }
    return key;
}

static inline uint32_t tuple_hash(uint8_t af, const union key *key, uint32_t seed)
{
    return af == 4 ? hash_16(&key->v4, seed) : hash_40(&key->v6, seed);
}

static inline struct ip4_hdr *pkt_ip4(const struct pkt *p)
{
    return (struct ip4_hdr *)p->l3;
}

static inline struct ip6_header *pkt_ip6(const struct pkt *p)
{
    return (struct ip6_header *)p->l3;
}

static inline struct tcp_hdr *pkt_tcp(const struct pkt *p)
{
    return (struct tcp_hdr *)p->l4;
}

static inline struct sctp_hdr *pkt_sctp(const struct pkt *p)
{
    return (struct sctp_hdr *)p->l4;
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
