/* nat.c - bare NAT, the least that any balancer does.
 *
 * Parse, one staged lookup in a table of one-line buckets, rewrite with checksum deltas, two
 * counters: no state, no expiry, no next hop, one direction. With two workers each has a table of
 * its own with half of the flows.
 */
#include <nmmintrin.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "base/csum.h"
#include "frame.h"
#include "nat.h"
#include "pkt/headers.h"
#include "rng.h"

struct nat_key {
    uint32_t src_be, dst_be;
    uint16_t sport_be, dport_be;
    uint32_t proto;
};

struct nat_flow {
    struct nat_key key;
    uint32_t src_be, dst_be;
    uint16_t sport_be, dport_be;
    uint16_t l3_delta, l4_delta;
    uint64_t n_packets, n_bytes;
    uint32_t last_seen;
} __rte_cache_aligned;

struct nat_bucket {
    uint16_t tag[8];
    uint32_t flow[8];
    uint32_t next, pad[3];
} __rte_cache_aligned;

struct nat {
    struct nat_flow *flows;
    struct nat_bucket *buckets;
    uint32_t bucket_mask;
    uint32_t n_flows;
    struct rng rng __rte_cache_aligned; /* the generator's: it writes there for each packet */
} __rte_cache_aligned;

static struct nat nats[WIRE_WORKERS];

static uint32_t nat_hash(const struct nat_key *key)
{
    uint64_t w[2];

    memcpy(w, key, sizeof w);
    return (uint32_t)(_mm_crc32_u64(0x9747b28c, w[0]) ^
                      _mm_crc32_u64(0x1b873593, w[1]) * 0x9e3779b1u);
}

static struct nat_key flow_key(uint32_t i)
{
    return (struct nat_key){ rte_cpu_to_be_32(0x0a000000u + i / 50), RTE_BE32(0xc0a80101),
                             rte_cpu_to_be_16((uint16_t)(1024 + i % 50 * 997)), RTE_BE16(80),
                             PROTO_UDP };
}

static void nat_put(struct nat *nat, uint32_t i)
{
    const uint32_t h = nat_hash(&nat->flows[i].key);
    uint32_t at = h & nat->bucket_mask;

    for (;;) {
        struct nat_bucket *b = &nat->buckets[at];

        for (unsigned k = 0; k < 8; k++)
            if (!b->tag[k]) {
                b->tag[k] = (uint16_t)(h >> 16 | 1);
                b->flow[k] = i;
                return;
            }
        at = (at + 1) & nat->bucket_mask;
        b->next = 1;
    }
}

static void nat_flow_set(struct nat_flow *f, uint32_t i)
{
    f->key = flow_key(i);
    f->src_be = RTE_BE32(0xc0a80201);
    f->dst_be = rte_cpu_to_be_32(0xc0a80300 + i % 16);
    f->sport_be = rte_cpu_to_be_16((uint16_t)(5000 + i % 60000));
    f->dport_be = RTE_BE16(8080);
    f->l3_delta = csum_fold(csum_delta32(f->key.src_be, f->src_be) +
                            csum_delta32(f->key.dst_be, f->dst_be));
    f->l4_delta = csum_fold(f->l3_delta + csum_delta16(f->key.sport_be, f->sport_be) +
                            csum_delta16(f->key.dport_be, f->dport_be));
}

static int nat_create(struct nat *nat, const struct bench *b, unsigned w)
{
    const uint32_t n_flows = RTE_MAX(b->n_flows / b->n_workers, 1u);
    const uint32_t n_buckets = rte_align32pow2(n_flows / 4 + 4);

    nat->flows = rte_zmalloc("flows", sizeof(*nat->flows) * n_flows, 64);
    nat->buckets = rte_zmalloc("buckets", sizeof(*nat->buckets) * n_buckets, 64);
    nat->bucket_mask = n_buckets - 1;
    nat->n_flows = n_flows;
    nat->rng = rng_of(w);
    if (!nat->flows || !nat->buckets) {
        fprintf(stderr, "no memory for %u flows\n", n_flows);
        return -1;
    }
    for (uint32_t i = 0; i < n_flows; i++) {
        nat_flow_set(&nat->flows[i], i);
        nat_put(nat, i);
    }
    return 0;
}

int nat_setup(struct bench *b)
{
    for (unsigned w = 0; w < b->n_workers; w++)
        if (nat_create(&nats[w], b, w))
            return -1;
    return wire_start(&b->wire[0], b->pool);
}

bool nat_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    const struct nat_key key = flow_key(rng_below(&nats[w].rng, nats[w].n_flows));
    struct ip4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct ip4_hdr *, ETH_HDR_BYTES);
    struct udp_hdr *udp = (struct udp_hdr *)(ip + 1);

    (void)self;
    (void)p;
    ip->src_be = key.src_be;
    ip->dst_be = key.dst_be;
    ip->ttl = 64;
    udp->sport_be = key.sport_be;
    udp->dport_be = key.dport_be;
    return true;
}

static bool nat_parse(const struct rte_mbuf *m, struct nat_key *key)
{
    const struct eth_hdr *eth = rte_pktmbuf_mtod(m, const struct eth_hdr *);
    const struct ip4_hdr *ip = (const struct ip4_hdr *)(eth + 1);
    const struct udp_hdr *udp = (const struct udp_hdr *)(ip + 1);

    if (eth->type_be != RTE_BE16(ETHERTYPE_IP4) || ip->version_ihl != 0x45 ||
        (ip->frag_be & RTE_BE16(IP4_FRAG_MASK)) ||
        rte_be_to_cpu_16(ip->total_be) + (unsigned)ETH_HDR_BYTES > m->pkt_len ||
        (ip->proto != PROTO_UDP && ip->proto != PROTO_TCP))
        return false;
    *key = (struct nat_key){ ip->src_be, ip->dst_be, udp->sport_be, udp->dport_be, ip->proto };
    return true;
}

static unsigned bucket_match(const struct nat_bucket *b, uint16_t tag)
{
    const __m128i tags = _mm_load_si128((const __m128i *)b->tag);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag))) & 0x5555;
}

static struct nat_flow *nat_find(const struct nat *nat, uint32_t h, const struct nat_key *key)
{
    for (uint32_t at = h & nat->bucket_mask;; at = (at + 1) & nat->bucket_mask) {
        const struct nat_bucket *b = &nat->buckets[at];

        for (unsigned m = bucket_match(b, (uint16_t)(h >> 16 | 1)); m; m &= m - 1) {
            struct nat_flow *f = &nat->flows[b->flow[__builtin_ctz(m) >> 1]];

            if (!memcmp(&f->key, key, sizeof *key))
                return f;
        }
        if (!b->next)
            return NULL;
    }
}

static void nat_rewrite(struct rte_mbuf *m, struct nat_flow *f, uint32_t now)
{
    struct ip4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct ip4_hdr *, ETH_HDR_BYTES);
    struct udp_hdr *udp = (struct udp_hdr *)(ip + 1);

    ip->src_be = f->src_be;
    ip->dst_be = f->dst_be;
    udp->sport_be = f->sport_be;
    udp->dport_be = f->dport_be;
    ip->ttl--;
    ip->csum = csum_apply(ip->csum, f->l3_delta + (uint64_t)(uint16_t)~RTE_BE16(0x0100));
    udp->csum = csum_apply(udp->csum, f->l4_delta);
    f->n_packets++;
    f->n_bytes += m->pkt_len;
    f->last_seen = now;
}

void nat_burst(unsigned w, struct rte_mbuf **m, unsigned n, uint32_t now)
{
    const struct nat *nat = &nats[w];
    struct nat_key key[WIRE_BURST];
    uint32_t hash[WIRE_BURST];

    for (unsigned i = 0; i < n; i++)
        rte_prefetch0(rte_pktmbuf_mtod(m[i], void *));
    for (unsigned i = 0; i < n; i++) {
        if (!nat_parse(m[i], &key[i]))
            memset(&key[i], 0, sizeof key[i]);
        hash[i] = nat_hash(&key[i]);
        rte_prefetch0(&nat->buckets[hash[i] & nat->bucket_mask]);
    }
    for (unsigned i = 0; i < n; i++) {
        const struct nat_bucket *bucket = &nat->buckets[hash[i] & nat->bucket_mask];
        const unsigned match = bucket_match(bucket, (uint16_t)(hash[i] >> 16 | 1));

        if (match)
            rte_prefetch0(&nat->flows[bucket->flow[__builtin_ctz(match) >> 1]]);
    }
    for (unsigned i = 0; i < n; i++) {
        struct nat_flow *f = nat_find(nat, hash[i], &key[i]);

        frame_swap_macs(m[i]);
        if (f)
            nat_rewrite(m[i], f, now);
    }
}

uint64_t nat_rewritten(const struct bench *b)
{
    uint64_t n = 0;

    for (unsigned w = 0; w < b->n_workers; w++)
        for (uint32_t i = 0; i < nats[w].n_flows; i++)
            n += nats[w].flows[i].n_packets;
    return n;
}
