/* fwd_tunnel.c - tunnelling: the client's packet inside another, to the real server (F-085).
 *
 * IPv4 or IPv6 in either (RFC 2003, 2473, 4213). What the network may change on the way out it may
 * change outside: traffic class with its ECN bits (RFC 6040, normal mode), TTL or hop limit, and DF
 * are the inner packet's. IPv6 in IPv4 has DF unless the packet is one that every link must carry
 * (RFC 4213 3.2.2). IPv6 in IPv6 keeps the flow label. The inner packet is not touched; the server
 * has the VIP itself, takes the packet out and answers the client without us.
 *
 * The client's side holds the outer addresses, and what the checksum of an outer IPv4 header has
 * beyond that of an inner one.
 */
#include "lb/conn_tuple.h"
#include "lb/one_way.h"
#include "lb/tunnel_source.h"
#include "pkt/ip.h"
#include "worker/output.h"
#include "worker/worker.h"

static_assert(RTE_PKTMBUF_HEADROOM >= IP6_HDR_BYTES + NH_L2_BYTES - ETH_HDR_BYTES,
              "the outer headers fit in front");

/* What of a packet is seen outside. */
struct seen {
    uint8_t tos, ttl;
    uint16_t frag_be;           /* DF or nothing */
};

static __rte_always_inline struct seen seen_of(const struct pkt *p, uint8_t inner_af)
{
    const struct ip4_hdr *ip4 = pkt_ip4(p);
    const struct ip6_header *ip6 = pkt_ip6(p);

    if (inner_af == 4)
        return (struct seen){ ip4->tos, ip4->ttl, ip4->frag_be & RTE_BE16(IP4_DF) };
    return (struct seen){ (uint8_t)(rte_be_to_cpu_32(ip6->version_be) >> 20), ip6->hops,
                          p->l3_len > IP6_LEAST_MTU_BYTES ? RTE_BE16(IP4_DF) : 0 };
}

static __rte_always_inline uint8_t proto_inside(uint8_t inner_af)
{
    return inner_af == 4 ? PROTO_IP4 : PROTO_IP6;
}

/* Different for each packet of all workers, as far as 16 bits go (RFC 6864 4.1). */
static inline uint16_t next_id(struct worker *w)
{
    return (uint16_t)(w->next_ip_id++ * w->core->conf.n_workers + w->id);
}

/* The header word by word, so that its sum is theirs. */
static inline void wrap4_anew(struct worker *w, const struct conn_side *in, uint8_t inner_af,
                              struct pkt *p)
{
    const uint32_t src_be = side4(in)->new_src_be, dst_be = side4(in)->new_dst_be;
    const struct seen seen = seen_of(p, inner_af);
    const uint16_t words[5] = {
        RTE_BE16(4 << 12 | IP4_HDR_BYTES / 4 << 8 | seen.tos),
        RTE_BE16((p->l3_len + IP4_HDR_BYTES) & 0xffff),
        next_id(w),             /* in any order of bytes */
        seen.frag_be,
        RTE_BE16(seen.ttl << 8 | proto_inside(inner_af)),
    };
    const uint64_t sum = (uint64_t)src_be + dst_be + words[0] + words[1] + words[2] + words[3] +
                         words[4];
    struct ip4_hdr *outer = (struct ip4_hdr *)(p->l3 - IP4_HDR_BYTES);

    memcpy(outer, words, sizeof words);
    outer->csum = (uint16_t)~csum_fold(sum);
    outer->src_be = src_be;
    outer->dst_be = dst_be;
    p->l3 -= IP4_HDR_BYTES;
}

/* The inner header again, with other addresses, 20 bytes more and another protocol: its checksum by
 * the difference, which is the connection's. A wrong one stays wrong. */
static __rte_always_inline void wrap4_alike(const struct conn_side *in, struct pkt *p)
{
    const struct ip4_hdr *inner = pkt_ip4(p);
    struct ip4_hdr *outer = (struct ip4_hdr *)(p->l3 - IP4_HDR_BYTES);

    memcpy(outer, inner, offsetof(struct ip4_hdr, ttl));
    outer->total_be = RTE_BE16((p->l3_len + IP4_HDR_BYTES) & 0xffff);
    outer->ttl = inner->ttl;
    outer->proto = PROTO_IP4;
    outer->csum = csum_apply16(inner->csum, in->outer_delta);
    memcpy(&outer->src_be, &side4(in)->new_src_be, 8); /* both addresses */
    p->l3 = (uint8_t *)outer;
}

/* No options, DF and nothing else about fragments: identifications need not differ (RFC 6864 4.1),
 * so the inner one will do. */
static __rte_always_inline bool may_be_alike(const struct pkt *p)
{
    const struct ip4_hdr *ip = pkt_ip4(p);

    return ip->version_ihl == (4 << 4 | IP4_HDR_BYTES / 4) && ip->frag_be == RTE_BE16(IP4_DF);
}

static __rte_always_inline void wrap6(const struct conn_side *in, uint8_t inner_af, struct pkt *p)
{
    struct ip6_header *outer = (struct ip6_header *)(p->l3 - IP6_HDR_BYTES);
    const struct seen seen = seen_of(p, inner_af);

    outer->version_be = inner_af == 6 ? pkt_ip6(p)->version_be
                                      : rte_cpu_to_be_32(6u << 28 | (uint32_t)seen.tos << 20);
    outer->payload_be = rte_cpu_to_be_16(p->l3_len);
    outer->next = proto_inside(inner_af);
    outer->hops = seen.ttl;
    memcpy(outer->src, side6(in)->new_src_be, sizeof outer->src);
    memcpy(outer->dst, side6(in)->new_dst_be, sizeof outer->dst);
    p->l3 -= IP6_HDR_BYTES;
}

/* `inner_af` and `outer_af` are constants: a copy for each pair. */
static __rte_always_inline void wrap(struct worker *w, const struct conn_side *in,
                                     uint8_t inner_af, uint8_t outer_af, struct pkt *p)
{
    if (outer_af == 6)
        wrap6(in, inner_af, p);
    else if (inner_af == 4 && likely(may_be_alike(p)))
        wrap4_alike(in, p);
    else
        wrap4_anew(w, in, inner_af, p);
}

/* Outer addresses, for the routes as they are; false: no source address. */
static bool prepare(const struct worker *w, struct conn_side *in)
{
    const struct conn_side *to = conn_side(side_conn(in), SIDE_SERVER);
    const uint8_t af = side_af(to);
    const union key arrives = side_key(to);
    const struct addr16 server = key_src(af, &arrives);
    const unsigned n_bytes = af == 4 ? 4 : 16;
    struct addr16 source;

    if (!tunnel_source(w, af, server, &source))
        return false;
    memcpy(side_new_src(in, af), source.byte, n_bytes);
    memcpy(side_new_dst(in, af), server.byte, n_bytes);
    if (side_af(in) == 4 && af == 4)
        in->outer_delta = csum_fold(csum_delta32(side4(in)->src_be, side4(in)->new_src_be) +
                                    csum_delta32(side4(in)->dst_be, side4(in)->new_dst_be) +
                                    csum_delta16(RTE_BE16(in->proto), RTE_BE16(PROTO_IP4)) +
                                    RTE_BE16(IP4_HDR_BYTES)); /* the length grows by */
    in->outer_epoch = w->fib_epoch;
    return true;
}

static __rte_noinline enum verdict tunnel_slowly(struct worker *w, struct conn_side *in,
                                                 struct pkt *p)
{
    const uint8_t inner_af = side_af(in);
    const uint8_t outer_af = side_af(conn_side(side_conn(in), SIDE_SERVER));
    const bool is_prepared = in->fib_epoch == w->fib_epoch && in->outer_epoch == w->fib_epoch;
    struct hop hop;
    enum verdict v = output_hop(w, in, p, ip_hdr_bytes(outer_af), &hop);

    if (v != V_CONTINUE)
        return v;
    if (!is_prepared && !prepare(w, in))
        return V_DROP_NO_SOURCE;
    wrap(w, in, inner_af, outer_af, p);
    return output_send(w, p, &hop, V_FORWARD_IN);
}

static __rte_always_inline enum verdict tunnel_in(struct worker *w, struct conn_side *in,
                                                  uint8_t inner_af, uint8_t outer_af,
                                                  struct pkt *p)
{
    const int growth = outer_af == 4 ? IP4_HDR_BYTES : IP6_HDR_BYTES;
    struct known_hop hop;

    if (unlikely(!output_known(w, in, p, growth, &hop) || in->outer_epoch != w->steady_epoch))
        return tunnel_slowly(w, in, p);
    wrap(w, in, inner_af, outer_af, p);
    if (unlikely(!output_known_send(w, p, &hop, in->nexthop)))
        return output_resolve(w, p, hop.nh);
    return V_FORWARD_IN;
}

static enum verdict tunnel44_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return tunnel_in(w, in, 4, 4, p);
}

static enum verdict tunnel46_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return tunnel_in(w, in, 4, 6, p);
}

static enum verdict tunnel64_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return tunnel_in(w, in, 6, 4, p);
}

static enum verdict tunnel66_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return tunnel_in(w, in, 6, 6, p);
}

/* Inner family first. */
const struct fwd_ops fwd_tunnel44 = {
    .name = "tunnel",
    .mode = CORE_FWD_TUNNEL, .client_af = 4, .server_af = 4,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = tunnel44_in },
    .later = { [SIDE_CLIENT] = tunnel44_in },
};

const struct fwd_ops fwd_tunnel46 = {
    .name = "tunnel46",
    .mode = CORE_FWD_TUNNEL, .client_af = 4, .server_af = 6,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = tunnel46_in },
    .later = { [SIDE_CLIENT] = tunnel46_in },
};

const struct fwd_ops fwd_tunnel64 = {
    .name = "tunnel64",
    .mode = CORE_FWD_TUNNEL, .client_af = 6, .server_af = 4,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = tunnel64_in },
    .later = { [SIDE_CLIENT] = tunnel64_in },
};

const struct fwd_ops fwd_tunnel66 = {
    .name = "tunnel66",
    .mode = CORE_FWD_TUNNEL, .client_af = 6, .server_af = 6,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = tunnel66_in },
    .later = { [SIDE_CLIENT] = tunnel66_in },
};
