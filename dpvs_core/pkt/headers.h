/* headers.h - the wire structs, in network byte order. ICMPv6's has ICMP's layout. */
#ifndef DPVS_PKT_HEADERS_H
#define DPVS_PKT_HEADERS_H

#include <assert.h>
#include <stdint.h>

#include <rte_byteorder.h>

enum {
    ETH_HDR_BYTES = 14,
    ETHERTYPE_IP4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IP6 = 0x86dd,
    IP4_HDR_BYTES = 20, IP6_HDR_BYTES = 40,
    TCP_HDR_BYTES = 20, UDP_HDR_BYTES = 8, ICMP_HDR_BYTES = 8, SCTP_HDR_BYTES = 12,
    IP4_DF = 0x4000, IP4_MF = 0x2000, IP4_FRAG_MASK = 0x3fff,
    PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58, PROTO_SCTP = 132,
    PROTO_IP4 = 4, PROTO_IP6 = 41, /* an IP packet inside (RFC 2003, 2473, 4213) */
    IP6_LEAST_MTU_BYTES = 1280,
    EXT_HOP_BY_HOP = 0, EXT_ROUTING = 43, EXT_FRAGMENT = 44, EXT_DEST_OPTIONS = 60,
    TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16,
    ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_QUENCH = 4, ICMP_ECHO = 8,
    ICMP_TIME_EXCEEDED = 11, ICMP_PARAMETER = 12, ICMP_TIMESTAMP = 13, ICMP_TIMESTAMP_REPLY = 14,
    ICMP_CODE_FRAG_NEEDED = 4, ICMP_CODE_HOST = 1,
    ICMP6_UNREACHABLE = 1, ICMP6_TOO_BIG = 2, ICMP6_TIME_EXCEEDED = 3, ICMP6_PARAMETER = 4,
    ICMP6_ECHO = 128, ICMP6_ECHO_REPLY = 129,
    ICMP6_MLD_QUERY = 130, ICMP6_MLD_REPORT = 131, ICMP6_MLD_DONE = 132, ICMP6_MLD2_REPORT = 143,
    ICMP6_ROUTER_SOLICIT = 133, ICMP6_NEIGH_SOLICIT = 135, ICMP6_NEIGH_ADVERT = 136,
    ICMP6_REDIRECT = 137, ND_HOPS = 255, /* neighbour discovery, which no router passes on */
    ICMP_CODE_SOURCE_ROUTE = 5, ICMP6_CODE_ADDRESS = 3,
};

struct eth_hdr {
    uint8_t dst[6], src[6];
    uint16_t type_be;
} __attribute__((packed));
static_assert(sizeof(struct eth_hdr) == ETH_HDR_BYTES, "Ethernet header");

struct ip4_hdr {
    uint8_t version_ihl, tos;
    uint16_t total_be, id_be, frag_be;
    uint8_t ttl, proto;
    uint16_t csum;
    uint32_t src_be, dst_be;
} __attribute__((packed));
static_assert(sizeof(struct ip4_hdr) == IP4_HDR_BYTES, "IPv4 header");

struct ip6_header {
    uint32_t version_be;        /* version, traffic class, flow label */
    uint16_t payload_be;
    uint8_t next, hops;
    uint8_t src[16], dst[16];
} __attribute__((packed));
static_assert(sizeof(struct ip6_header) == IP6_HDR_BYTES, "IPv6 header");

/* What hop-by-hop, routing and destination options begin with (RFC 8200 4). */
struct ip6_ext_header {
    uint8_t next, n_words;      /* 8 bytes each, the first not counted */
    uint8_t type, segments_left; /* routing only */
} __attribute__((packed));

struct ip6_frag_header {
    uint8_t next, reserved;
    uint16_t offset_be;         /* in 8 bytes << 3, lowest bit: more */
    uint32_t id_be;
} __attribute__((packed));
static_assert(sizeof(struct ip6_frag_header) == 8, "IPv6 fragment header");

struct tcp_hdr {
    uint16_t sport_be, dport_be;
    uint32_t seq_be, ack_be;
    uint8_t data_off, flags;    /* data_off: words << 4 */
    uint16_t window_be, csum, urgent_be;
} __attribute__((packed));
static_assert(sizeof(struct tcp_hdr) == TCP_HDR_BYTES, "TCP header");

struct udp_hdr {
    uint16_t sport_be, dport_be, length_be, csum;
} __attribute__((packed));
static_assert(sizeof(struct udp_hdr) == UDP_HDR_BYTES, "UDP header");

struct sctp_hdr {
    uint16_t sport_be, dport_be;
    uint32_t tag_be;            /* the receiver's, 0 with INIT */
    uint32_t csum;              /* CRC32c, lowest byte first */
} __attribute__((packed));
static_assert(sizeof(struct sctp_hdr) == SCTP_HDR_BYTES, "SCTP common header");

struct icmp_hdr {
    uint8_t type, code;
    uint16_t csum;
    uint16_t id_be, seq_be;     /* errors: unused, and next-hop MTU for frag-needed, too-big */
} __attribute__((packed));
static_assert(sizeof(struct icmp_hdr) == ICMP_HDR_BYTES, "ICMP header");

static inline unsigned ip4_hdr_bytes(const struct ip4_hdr *ip)
{
    return (ip->version_ihl & 15) * 4u;
}

static inline unsigned tcp_hdr_bytes(const struct tcp_hdr *tcp)
{
    return (tcp->data_off >> 4) * 4u;
}

#endif
