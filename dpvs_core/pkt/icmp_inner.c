/* icmp_inner.c - the packet inside an ICMP error, of which routers quote as much as they like: at
 * least its IP header and 8 bytes (RFC 792), and nothing in it need be true. */
#include "pkt/icmp_error.h"
#include "pkt/icmp_query.h"
#include "pkt/ip.h"
#include "pkt/parse.h"

enum { MIN_L4_BYTES = 8 };

/* Where headers lead: protocol and offset of what follows them. */
static bool walk4(const uint8_t *l3, uint32_t n_bytes, struct inner *inner, struct ip6_chain *to)
{
    const struct ip4_hdr *ip = (const struct ip4_hdr *)l3;
    unsigned ihl;

    if (n_bytes < IP4_HDR_BYTES)
        return false;
    ihl = ip4_hdr_bytes(ip);
    if (ip->version_ihl >> 4 != 4 || ihl < IP4_HDR_BYTES || ihl > n_bytes)
        return false;
    *to = (struct ip6_chain){
        .proto = ip->proto, .off = ihl,
        .is_fragment = ip->frag_be & RTE_BE16(IP4_FRAG_MASK),
        .is_later = ip->frag_be & RTE_BE16(0x1fff),
    };
    inner->l3_len = rte_be_to_cpu_16(ip->total_be);
    inner->key = key_of(4, addr4(ip->src_be), addr4(ip->dst_be));
    return true;
}

static bool walk6(const uint8_t *l3, uint32_t n_bytes, struct inner *inner, struct ip6_chain *to)
{
    const struct ip6_header *ip = (const struct ip6_header *)l3;

    if (n_bytes < IP6_HDR_BYTES ||
        (ip->version_be & RTE_BE32(0xf0000000)) != RTE_BE32(0x60000000) ||
        !ip6_walk(l3, n_bytes, to))
        return false;
    inner->l3_len = (uint16_t)RTE_MIN(rte_be_to_cpu_16(ip->payload_be) + IP6_HDR_BYTES, UINT16_MAX);
    inner->key = key_of(6, addr6(ip->src), addr6(ip->dst));
    return true;
}

/* The IP packet of which n_bytes are at l3. */
static bool parse_ip_at(uint8_t af, uint8_t *l3, uint32_t n_bytes, struct inner *inner)
{
    struct ip6_chain to;

    if (!(af == 4 ? walk4 : walk6)(l3, n_bytes, inner, &to))
        return false;
    inner->af = af;
    inner->l3 = l3;
    inner->l4 = l3 + to.off;
    inner->l4_len = n_bytes - to.off;
    inner->is_fragment = to.is_fragment;
    inner->is_later = to.is_later;
    inner->key.proto = to.proto;
    return true;
}

static bool has_ports(const struct inner *inner)
{
    return inner->key.proto == PROTO_TCP || inner->key.proto == PROTO_UDP ||
           inner->key.proto == PROTO_SCTP;
}

static bool parse_ports(struct inner *inner)
{
    const struct udp_hdr *l4 = (const struct udp_hdr *)inner->l4;

    if (!has_ports(inner) && inner->key.proto != icmp_proto(inner->af))
        return false;
    if (inner->is_later)
        return true;
    if (inner->l4_len < MIN_L4_BYTES)
        return false;
    if (!has_ports(inner))
        return icmp_query_ports(inner->af, (const struct icmp_hdr *)l4, &inner->key.sport_be,
                                &inner->key.dport_be);
    inner->key.sport_be = l4->sport_be;
    inner->key.dport_be = l4->dport_be;
    return true;
}

static bool parse_quoted_ip(const struct pkt *p, struct inner *inner)
{
    return pkt_l4_len(p) >= ICMP_HDR_BYTES &&
           parse_ip_at(p->af, p->l4 + ICMP_HDR_BYTES, pkt_l4_len(p) - ICMP_HDR_BYTES, inner);
}

bool inner_parse(const struct pkt *p, struct inner *inner)
{
    return parse_quoted_ip(p, inner) && parse_ports(inner);
}

bool inner_parse_tunnelled(const struct pkt *p, struct inner *inner, uint16_t *outer_bytes,
                           struct addr16 *end)
{
    struct inner outer;

    if (!parse_quoted_ip(p, &outer) || outer.is_later ||
        (outer.key.proto != PROTO_IP4 && outer.key.proto != PROTO_IP6))
        return false;
    *outer_bytes = (uint16_t)(outer.l4 - outer.l3);
    *end = key_dst(outer.af, &outer.key);
    return parse_ip_at(outer.key.proto == PROTO_IP4 ? 4 : 6, outer.l4, outer.l4_len, inner) &&
           parse_ports(inner);
}

union key inner_reply(const struct inner *inner)
{
    const uint8_t af = inner->af;
    union key reply = key_of(af, key_dst(af, &inner->key), key_src(af, &inner->key));

    reply.sport_be = inner->key.dport_be;
    reply.dport_be = inner->key.sport_be;
    reply.proto = inner->key.proto;
    return reply;
}
