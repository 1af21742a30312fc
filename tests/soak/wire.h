/* wire.h - frames taken apart and summed, the slow way: nothing here is shared with the core but
 * the wire structs. Ports and numbers of a view are in host order, addresses 16 bytes.
 */
#ifndef SOAK_WIRE_H
#define SOAK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkt/headers.h"

struct view {
    uint8_t family;             /* 0: not an IP packet of TCP or UDP that could be read whole */
    uint8_t proto, ttl, tos, tcp_flags;
    bool is_fragment;
    uint8_t src[16], dst[16];
    uint16_t sport, dport, id;
    uint16_t l3_bytes, n_options, n_payload; /* options: of TCP */
    const uint8_t *l3, *l4, *options, *payload;
    uint32_t seq, ack;          /* of TCP */
};

/* What a frame says. It must hold as long as the view is used. */
void wire_read(struct view *v, const uint8_t *frame, uint32_t n_bytes);

/* RFC 1071: the one's complement sum, folded to 16 bits, in the order of memory. */
uint16_t wire_sum(const void *bytes, uint32_t n_bytes, uint64_t sum);
/* Sums over header, and over pseudo header and transport, checksum fields included: 0xffff is
 * right. UDP without checksum: 0xffff. */
uint16_t wire_ip_sum(const struct view *v);
uint16_t wire_l4_sum(const struct view *v);

static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

/* Where the checksum stands in a transport header. */
static inline unsigned wire_csum_at(uint8_t proto)
{
    return proto == PROTO_TCP ? offsetof(struct tcp_hdr, csum) : offsetof(struct udp_hdr, csum);
}

#endif
