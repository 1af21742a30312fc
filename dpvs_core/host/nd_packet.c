/* nd_packet.c - reading and writing neighbour solicitations and advertisements.
 *
 * Any malformed option makes the whole message invalid (RFC 4861 6.1); options unknown here are
 * stepped over. O(options), at most what fits into one packet.
 */
#include "host/nd_packet.h"

#include <string.h>

#include "pkt/ip.h"
#include "pkt/parse.h"

enum { OPT_SOURCE_LLA = 1, OPT_TARGET_LLA = 2, OPT_UNIT_BYTES = 8, SOLICITED_NODE_BYTES = 13 };

struct nd_hdr {
    uint8_t type, code;
    uint16_t csum;
    uint8_t flags, reserved[3];
    uint8_t target[16];
} __attribute__((packed));
static_assert(sizeof(struct nd_hdr) == 24, "RFC 4861 4.3, 4.4");

struct nd_lla {
    uint8_t type, n_units;
    uint8_t mac[6];
} __attribute__((packed));
static_assert(sizeof(struct nd_lla) == OPT_UNIT_BYTES, "RFC 4861 4.6.1");

struct nd_frame {
    struct eth_hdr eth;
    struct ip6_header ip;
    struct nd_hdr nd;
    struct nd_lla lla;          /* cut off if there is none */
} __attribute__((packed));
static_assert(sizeof(struct nd_frame) == 86, "an ND frame with one option");

static const uint8_t solicited_node[16] = { 0xff, 2, [11] = 1, [12] = 0xff };

void nd_solicited_node(uint8_t out[16], const uint8_t addr[16])
{
    memcpy(out, solicited_node, SOLICITED_NODE_BYTES);
    memcpy(out + SOLICITED_NODE_BYTES, addr + SOLICITED_NODE_BYTES, 16 - SOLICITED_NODE_BYTES);
}

/* --- reading -------------------------------------------------------------------------------- */

static bool is_station(const uint8_t mac[6])
{
    static const uint8_t no_mac[6];

    return !(mac[0] & 1) && memcmp(mac, no_mac, sizeof no_mac);
}

/* False: an option is malformed. */
static bool read_options(const uint8_t *at, uint32_t n_bytes, uint8_t lla_type, struct nd *out)
{
    while (n_bytes) {
        const struct nd_lla *opt = (const struct nd_lla *)at;
        uint32_t n_opt;

        if (n_bytes < OPT_UNIT_BYTES || !opt->n_units)
            return false;
        n_opt = opt->n_units * (uint32_t)OPT_UNIT_BYTES;
        if (n_opt > n_bytes)
            return false;
        if (opt->type == lla_type) {
            if (opt->n_units != 1 || !is_station(opt->mac))
                return false;
            out->has_lla = true;
            memcpy(out->lla, opt->mac, sizeof out->lla);
        }
        at += n_opt;
        n_bytes -= n_opt;
    }
    return true;
}

/* What one field demands of another. */
static bool is_consistent(const struct nd *nd)
{
    if (nd_is_multicast(nd->src) || nd_is_multicast(nd->target) || nd_is_unspecified(nd->target))
        return false;
    if (nd->type == ICMP6_NEIGH_ADVERT)
        return !(nd_is_multicast(nd->dst) && (nd->flags & ND_SOLICITED));
    return !nd_is_unspecified(nd->src) ||
           (!nd->has_lla && !memcmp(nd->dst, solicited_node, SOLICITED_NODE_BYTES));
}

/* Where the ICMPv6 message is, and that it is whole and right. */
static bool find_message(const struct rte_mbuf *m, struct pkt *p)
{
    struct ip6_chain chain;

    *p = (struct pkt){ .af = 6, .l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, ETH_HDR_BYTES) };
    p->l3_len = (uint16_t)(IP6_HDR_BYTES + rte_be_to_cpu_16(pkt_ip6(p)->payload_be));
    if (!ip6_walk(p->l3, p->l3_len, &chain) || chain.proto != PROTO_ICMP6 ||
        chain.has_frag_header)  /* RFC 6980 5 */
        return false;
    p->l4 = p->l3 + chain.off;
    return pkt_l4_len(p) >= sizeof(struct nd_hdr) && icmp_csum_is_right(p);
}

bool nd_read(const struct rte_mbuf *m, struct nd *out)
{
    const struct nd_hdr *hdr;
    struct pkt p;

    if (!find_message(m, &p))
        return false;
    hdr = (const struct nd_hdr *)p.l4;
    *out = (struct nd){ .type = hdr->type, .flags = hdr->flags };
    memcpy(out->src, pkt_ip6(&p)->src, 16);
    memcpy(out->dst, pkt_ip6(&p)->dst, 16);
    memcpy(out->target, hdr->target, 16);
    return !hdr->code &&
           read_options(p.l4 + sizeof *hdr, pkt_l4_len(&p) - (uint32_t)sizeof *hdr,
                        hdr->type == ICMP6_NEIGH_SOLICIT ? OPT_SOURCE_LLA : OPT_TARGET_LLA, out) &&
           is_consistent(out);
}

/* --- writing -------------------------------------------------------------------------------- */

static void set_dst_mac(uint8_t out[6], const uint8_t dst[16], const uint8_t dst_mac[6])
{
    if (!nd_is_multicast(dst)) {
        memcpy(out, dst_mac, 6);
        return;
    }
    out[0] = out[1] = 0x33;     /* RFC 2464 7 */
    memcpy(out + 2, dst + 12, 4);
}

static void write_message(struct nd_frame *frame, const struct nd *nd)
{
    frame->nd = (struct nd_hdr){ .type = nd->type, .flags = nd->flags };
    memcpy(frame->nd.target, nd->target, 16);
    if (!nd->has_lla)
        return;
    frame->lla = (struct nd_lla){
        .type = nd->type == ICMP6_NEIGH_SOLICIT ? OPT_SOURCE_LLA : OPT_TARGET_LLA, .n_units = 1,
    };
    memcpy(frame->lla.mac, nd->lla, sizeof nd->lla);
}

void nd_write(struct rte_mbuf *m, const struct nd *nd, const uint8_t src_mac[6],
              const uint8_t dst_mac[6])
{
    const uint16_t n_bytes = (uint16_t)(sizeof(struct nd_frame) -
                                        (nd->has_lla ? 0 : sizeof(struct nd_lla)));
    struct nd_frame *frame;
    struct pkt p = { .af = 6, .l3_len = (uint16_t)(n_bytes - ETH_HDR_BYTES) };

    rte_pktmbuf_trim(m, rte_pktmbuf_data_len(m));
    frame = (struct nd_frame *)rte_pktmbuf_append(m, n_bytes);
    frame->eth.type_be = RTE_BE16(ETHERTYPE_IP6);
    memcpy(frame->eth.src, src_mac, 6);
    set_dst_mac(frame->eth.dst, nd->dst, dst_mac);
    write_message(frame, nd);
    p.l3 = (uint8_t *)&frame->ip;
    ip_make(&p, PROTO_ICMP6, addr6(nd->src), addr6(nd->dst), ND_HOPS, 0);
    icmp_set_csum(&p);
}
