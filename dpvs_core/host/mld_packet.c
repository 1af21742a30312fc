/* mld_packet.c - reading MLD queries, writing reports. O(records). */
#include "host/mld_packet.h"

#include <string.h>

#include "pkt/ip.h"
#include "pkt/parse.h"

enum {
    MLD_HOPS = 1, ROUTER_ALERT = 5, OPT_PAD1 = 0,
    V1_BYTES = 24, V2_BYTES = 28, /* a query without sources: the length tells the version */
};

/* The hop-by-hop header in front of every message: router alert 0 (RFC 2711), PadN. */
static const uint8_t alert_header[8] = { PROTO_ICMP6, 0, ROUTER_ALERT, 2, 0, 0, 1, 0 };

struct mld_hdr {                /* of queries, and of all messages of version 1 */
    uint8_t type, code;
    uint16_t csum;
    uint16_t max_delay_be, reserved;
    uint8_t group[16];
} __attribute__((packed));
static_assert(sizeof(struct mld_hdr) == V1_BYTES, "RFC 2710 3");

struct mld_record_hdr {
    uint8_t kind, n_aux_words;
    uint16_t n_sources_be;
    uint8_t group[16];
} __attribute__((packed));
static_assert(sizeof(struct mld_record_hdr) == 20, "RFC 3810 5.2");

struct mld_frame {
    struct eth_hdr eth;
    struct ip6_header ip;
    uint8_t alert[sizeof alert_header];
    uint8_t message[];
} __attribute__((packed));

static const uint8_t all_mld2_routers[16] = { 0xff, 2, [15] = 0x16 };
static const uint8_t all_routers[16] = { 0xff, 2, [15] = 2 };

/* --- reading -------------------------------------------------------------------------------- */

/* Whether the hop-by-hop header behind the IP header, whose lengths ip6_walk has checked, has a
 * router alert. */
static bool has_router_alert(const struct ip6_header *ip)
{
    const uint8_t *at = (const uint8_t *)(ip + 1);
    const uint8_t *end = at + (at[1] + 1u) * 8;

    if (ip->next != EXT_HOP_BY_HOP)
        return false;
    for (at += 2; at < end; at += *at == OPT_PAD1 ? 1 : at[1] + 2) {
        if (*at == OPT_PAD1)
            continue;
        if (at + 2 > end || at + 2 + at[1] > end)
            return false;
        if (*at == ROUTER_ALERT)
            return true;
    }
    return false;
}

/* RFC 3810 5.1.3: 32768 and more are a mantissa and an exponent. */
static uint32_t delay_ms(uint16_t code)
{
    return code < 0x8000 ? code : ((code & 0xfffu) | 0x1000) << ((code >> 12 & 7) + 3);
}

static bool is_from_this_link(const struct ip6_header *ip)
{
    return ip->hops == MLD_HOPS && ip->src[0] == 0xfe && (ip->src[1] & 0xc0) == 0x80;
}

bool mld_read(const struct rte_mbuf *m, struct mld_query *out)
{
    static const uint8_t every[16];
    struct pkt p = { .af = 6, .l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, ETH_HDR_BYTES) };
    const struct mld_hdr *query;
    struct ip6_chain chain;

    p.l3_len = (uint16_t)(IP6_HDR_BYTES + rte_be_to_cpu_16(pkt_ip6(&p)->payload_be));
    if (!is_from_this_link(pkt_ip6(&p)) || !ip6_walk(p.l3, p.l3_len, &chain) ||
        chain.proto != PROTO_ICMP6 || chain.has_frag_header || !has_router_alert(pkt_ip6(&p)))
        return false;
    p.l4 = p.l3 + chain.off;
    query = (const struct mld_hdr *)p.l4;
    if (pkt_l4_len(&p) < V1_BYTES || query->type != ICMP6_MLD_QUERY || !icmp_csum_is_right(&p))
        return false;
    if (pkt_l4_len(&p) > V1_BYTES && pkt_l4_len(&p) < V2_BYTES)
        return false;
    *out = (struct mld_query){
        .version = pkt_l4_len(&p) == V1_BYTES ? MLD_V1 : MLD_V2,
        .is_general = !memcmp(query->group, every, sizeof every),
        .max_delay_ms = rte_be_to_cpu_16(query->max_delay_be),
    };
    memcpy(out->group, query->group, sizeof out->group);
    if (out->version == MLD_V2) {
        out->max_delay_ms = delay_ms((uint16_t)out->max_delay_ms);
        out->robustness = p.l4[V1_BYTES] & 7;
    }
    return true;
}

/* --- writing -------------------------------------------------------------------------------- */

static struct mld_frame *frame_of(const struct rte_mbuf *m)
{
    return rte_pktmbuf_mtod(m, struct mld_frame *);
}

static void write_headers(struct rte_mbuf *m, const uint8_t src_mac[6], const uint8_t src[16],
                          const uint8_t dst[16])
{
    struct mld_frame *frame = frame_of(m);
    struct pkt p = {
        .af = 6, .l3 = (uint8_t *)&frame->ip,
        .l3_len = (uint16_t)(rte_pktmbuf_data_len(m) - ETH_HDR_BYTES),
    };

    frame->eth.type_be = RTE_BE16(ETHERTYPE_IP6);
    memcpy(frame->eth.src, src_mac, 6);
    frame->eth.dst[0] = frame->eth.dst[1] = 0x33; /* RFC 2464 7 */
    memcpy(frame->eth.dst + 2, dst + 12, 4);
    ip_make(&p, EXT_HOP_BY_HOP, addr6(src), addr6(dst), MLD_HOPS, 0);
    memcpy(frame->alert, alert_header, sizeof alert_header);
    p.l4 = frame->message;
    icmp_set_csum(&p);
}

void mld_report_begin(struct mld_report *report, struct rte_mbuf *m, uint16_t mtu)
{
    const uint32_t room = RTE_MIN((uint32_t)mtu + ETH_HDR_BYTES, rte_pktmbuf_tailroom(m) +
                                                                 (uint32_t)rte_pktmbuf_data_len(m));
    const uint32_t fixed = sizeof(struct mld_frame) + ICMP_HDR_BYTES;
    struct icmp_hdr *icmp;

    rte_pktmbuf_trim(m, rte_pktmbuf_data_len(m));
    *report = (struct mld_report){
        .m = m, .max_records = (uint16_t)((room - fixed) / sizeof(struct mld_record_hdr)),
    };
    rte_pktmbuf_append(m, (uint16_t)fixed);
    icmp = (struct icmp_hdr *)frame_of(m)->message;
    *icmp = (struct icmp_hdr){ .type = ICMP6_MLD2_REPORT };
}

void mld_report_add(struct mld_report *report, enum mld_record kind, const uint8_t group[16])
{
    struct mld_record_hdr *record =
        (struct mld_record_hdr *)rte_pktmbuf_append(report->m, sizeof *record);

    *record = (struct mld_record_hdr){ .kind = (uint8_t)kind };
    memcpy(record->group, group, sizeof record->group);
    report->n_records++;
}

void mld_report_end(struct mld_report *report, const uint8_t src_mac[6], const uint8_t src[16])
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)frame_of(report->m)->message;

    icmp->seq_be = rte_cpu_to_be_16(report->n_records);
    write_headers(report->m, src_mac, src, all_mld2_routers);
}

void mld_write_v1(struct rte_mbuf *m, enum mld_record kind, const uint8_t group[16],
                  const uint8_t src_mac[6], const uint8_t src[16])
{
    const bool leaves = kind == MLD_TO_INCLUDE;
    struct mld_hdr *message;

    rte_pktmbuf_trim(m, rte_pktmbuf_data_len(m));
    rte_pktmbuf_append(m, (uint16_t)(sizeof(struct mld_frame) + sizeof *message));
    message = (struct mld_hdr *)frame_of(m)->message;
    *message = (struct mld_hdr){ .type = leaves ? ICMP6_MLD_DONE : ICMP6_MLD_REPORT };
    memcpy(message->group, group, sizeof message->group);
    write_headers(m, src_mac, src, leaves ? all_routers : group);
}
