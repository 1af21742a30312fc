/* frame.c - the packets of the benches. IPv6: RFC 8200, no extension headers. */
#include "frame.h"

#include <string.h>

#include "base/csum.h"
#include "feed.h"
#include "pkt/headers.h"

enum {
    V6_HDR_BYTES = 40, TAG_BYTES = 4, STAMP_BYTES = 8, INSIDE_PLEN4 = 10, INSIDE_PLEN6 = 48,
    V6_VERSION_BYTE = 0x60, TTL = 64,
};

static const uint8_t peer_mac[6] = { 2, 0xaa, 0, 0, 0, 1 };

/* Host order; 100.64.0.0/10 holds servers, local addresses and the gateway to them. */
static const uint32_t base4[N_PLACES] = {
    [PLACE_CLIENT] = 0x0a000000, [PLACE_VIP] = 0xac100000, [PLACE_SERVER] = 0x64400000,
    [PLACE_LADDR] = 0x64600000, [PLACE_GATEWAY] = 0x647f0000,
};
/* 2001:db8:BLOCK:KIND::INDEX, block 0 outside and 1 inside. */
static const uint8_t block6[N_PLACES] = {
    [PLACE_SERVER] = 1, [PLACE_LADDR] = 1, [PLACE_GATEWAY] = 1,
};

void place_addr(uint8_t out[16], uint8_t af, struct place place)
{
    const uint32_t index_be = rte_cpu_to_be_32(place.index);

    memset(out, 0, 16);
    if (af == 4) {
        const uint32_t be = rte_cpu_to_be_32(base4[place.kind] + place.index);

        memcpy(out, &be, 4);
        return;
    }
    memcpy(out, (const uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8 }, 4);
    out[5] = block6[place.kind];
    out[7] = (uint8_t)place.kind;
    memcpy(out + 12, &index_be, 4);
}

uint8_t place_inside_prefix(uint8_t out[16], uint8_t af)
{
    place_addr(out, af, (struct place){ PLACE_SERVER, 0 });
    out[7] = 0;
    return af == 4 ? INSIDE_PLEN4 : INSIDE_PLEN6;
}

static uint32_t l4_bytes(uint8_t proto)
{
    return proto == PROTO_TCP ? TCP_HDR_BYTES : UDP_HDR_BYTES;
}

static uint32_t l4_offset(uint8_t af)
{
    return ETH_HDR_BYTES + (af == 4 ? IP4_HDR_BYTES : V6_HDR_BYTES);
}

uint32_t frame_min_bytes(uint8_t af, uint8_t proto)
{
    return l4_offset(af) + l4_bytes(proto) +
           (proto == PROTO_UDP ? TAG_BYTES + STAMP_BYTES : 0);
}

static void write_ip4(struct ip4_hdr *ip, const struct frame_spec *spec, uint32_t l4_len)
{
    *ip = (struct ip4_hdr){
        .version_ihl = 0x45, .ttl = TTL, .proto = spec->proto,
        .total_be = rte_cpu_to_be_16((uint16_t)(IP4_HDR_BYTES + l4_len)),
        .id_be = rte_cpu_to_be_16((uint16_t)spec->tag), .frag_be = RTE_BE16(IP4_DF),
        .src_be = rte_cpu_to_be_32(base4[spec->src.kind] + spec->src.index),
        .dst_be = rte_cpu_to_be_32(base4[spec->dst.kind] + spec->dst.index),
    };
    ip->csum = csum_of(ip, IP4_HDR_BYTES);
}

static void write_ip6(uint8_t *ip, const struct frame_spec *spec, uint32_t l4_len)
{
    const uint16_t length_be = rte_cpu_to_be_16((uint16_t)l4_len);

    memset(ip, 0, 8);
    ip[0] = V6_VERSION_BYTE;
    memcpy(ip + 4, &length_be, 2);
    ip[6] = spec->proto;
    ip[7] = TTL;
    place_addr(ip + 8, 6, spec->src);
    place_addr(ip + 24, 6, spec->dst);
}

static void write_l4(uint8_t *l4, const struct frame_spec *spec, uint32_t l4_len)
{
    if (spec->proto == PROTO_TCP) {
        *(struct tcp_hdr *)l4 = (struct tcp_hdr){
            .sport_be = spec->sport_be, .dport_be = spec->dport_be,
            .seq_be = rte_cpu_to_be_32(spec->seq), .ack_be = rte_cpu_to_be_32(spec->ack),
            .data_off = TCP_HDR_BYTES / 4 << 4, .flags = spec->tcp_flags,
            .window_be = RTE_BE16(8192), .csum = RTE_BE16(0x1234),
            .urgent_be = rte_cpu_to_be_16((uint16_t)(spec->tag >> 16)),
        };
        return;
    }
    *(struct udp_hdr *)l4 = (struct udp_hdr){
        .sport_be = spec->sport_be, .dport_be = spec->dport_be,
        .length_be = rte_cpu_to_be_16((uint16_t)l4_len), .csum = RTE_BE16(0x1234),
    };
    memcpy(l4 + UDP_HDR_BYTES, &spec->tag, TAG_BYTES);
}

void frame_write(struct rte_mbuf *m, const struct frame_spec *spec)
{
    const uint32_t l3_off = ETH_HDR_BYTES, l4_off = l4_offset(spec->af);
    const uint32_t l4_len = spec->proto == PROTO_TCP ? TCP_HDR_BYTES + spec->payload_bytes
                                                     : spec->n_bytes - l4_off;
    struct eth_hdr *eth;
    uint8_t *frame;

    feed_reset(m, spec->n_bytes);
    frame = rte_pktmbuf_mtod(m, uint8_t *);
    eth = (struct eth_hdr *)frame;
    memcpy(eth->dst, spec->mac, 6);
    memcpy(eth->src, peer_mac, 6);
    if (spec->af == 4) {
        eth->type_be = RTE_BE16(ETHERTYPE_IP4);
        write_ip4((struct ip4_hdr *)(frame + l3_off), spec, l4_len);
    } else {
        eth->type_be = RTE_BE16(ETHERTYPE_IP6);
        write_ip6(frame + l3_off, spec, l4_len);
    }
    write_l4(frame + l4_off, spec, l4_len);
}

void frame_blank(uint8_t *frame, uint32_t n_bytes)
{
    const uint16_t total_be = rte_cpu_to_be_16((uint16_t)(n_bytes - ETH_HDR_BYTES));
    struct ip4_hdr *ip = (struct ip4_hdr *)(frame + ETH_HDR_BYTES);
    struct udp_hdr *udp = (struct udp_hdr *)(ip + 1);

    memset(frame, 0, n_bytes);
    frame[0] = 2;
    frame[6] = 6;
    ((struct eth_hdr *)frame)->type_be = RTE_BE16(ETHERTYPE_IP4);
    *ip = (struct ip4_hdr){ .version_ihl = 0x45, .total_be = total_be, .ttl = TTL,
                            .proto = PROTO_UDP };
    udp->length_be = rte_cpu_to_be_16((uint16_t)(n_bytes - ETH_HDR_BYTES - IP4_HDR_BYTES));
}

/* The place's number: what its address has beyond the block's. Any block will do: servers and
 * local addresses are told apart by the direction of the packet. */
static uint32_t index_of4(uint32_t addr_be)
{
    const uint32_t addr = rte_be_to_cpu_32(addr_be);
    uint32_t base = 0;

    for (unsigned i = 0; i < N_PLACES; i++)
        if (addr >= base4[i] && base4[i] > base)
            base = base4[i];
    return addr - base;
}

static uint32_t index_of6(const uint8_t *addr)
{
    uint32_t be;

    memcpy(&be, addr + 12, 4);
    return rte_be_to_cpu_32(be);
}

/* The IPv4 header in front of another; 0 bytes: there is none. */
static uint32_t outer_bytes(const uint8_t *frame, uint8_t af)
{
    const struct ip4_hdr *outer = (const struct ip4_hdr *)(frame + ETH_HDR_BYTES);

    return af == 4 && outer->proto == PROTO_IP4 ? IP4_HDR_BYTES : 0;
}

bool frame_read(const struct rte_mbuf *m, uint8_t af, uint8_t proto, struct frame_view *view)
{
    const uint8_t *start = rte_pktmbuf_mtod(m, const uint8_t *);
    const struct eth_hdr *eth = (const struct eth_hdr *)start;
    const uint8_t *frame = start + outer_bytes(start, af);
    const struct ip4_hdr *ip = (const struct ip4_hdr *)(frame + ETH_HDR_BYTES);
    const uint8_t *l4 = frame + l4_offset(af);
    const struct tcp_hdr *tcp = (const struct tcp_hdr *)l4;

    if (eth->type_be != (af == 4 ? RTE_BE16(ETHERTYPE_IP4) : RTE_BE16(ETHERTYPE_IP6)) ||
        (af == 4 ? ip->proto : frame[ETH_HDR_BYTES + 6]) != proto)
        return false;
    if (proto == PROTO_TCP && (tcp->flags & TCP_RST))
        return false;
    *view = (struct frame_view){ .sport_be = tcp->sport_be, .dport_be = tcp->dport_be };
    if (af == 4) {
        view->src_index = index_of4(ip->src_be);
        view->dst_index = index_of4(ip->dst_be);
    } else {
        view->src_index = index_of6(frame + ETH_HDR_BYTES + 8);
        view->dst_index = index_of6(frame + ETH_HDR_BYTES + 24);
    }
    if (proto == PROTO_TCP) {
        view->seq = rte_be_to_cpu_32(tcp->seq_be);
        view->tag = (uint32_t)rte_be_to_cpu_16(tcp->urgent_be) << 16 |
                    rte_be_to_cpu_16(ip->id_be);
    } else {
        memcpy(&view->tag, l4 + UDP_HDR_BYTES, TAG_BYTES);
    }
    return true;
}

uint8_t *frame_stamp(const struct rte_mbuf *m, uint8_t af)
{
    return rte_pktmbuf_mtod(m, uint8_t *) + l4_offset(af) + UDP_HDR_BYTES + TAG_BYTES;
}
