/* wire.c - reading frames (RFC 791, 768, 9293), summing them (RFC 1071). */
#include "wire.h"

#include <string.h>

uint16_t wire_sum(const void *bytes, uint32_t n_bytes, uint64_t sum)
{
    const uint8_t *at = bytes;

    for (; n_bytes >= 4; n_bytes -= 4, at += 4) {
        uint32_t word;

        memcpy(&word, at, 4);
        sum += word;
    }
    if (n_bytes) {
        uint8_t rest[4] = { 0 };
        uint32_t word;

        memcpy(rest, at, n_bytes);
        memcpy(&word, rest, 4);
        sum += word;
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t wire_ip_sum(const struct view *v)
{
    return wire_sum(v->l3, (uint32_t)(v->l4 - v->l3), 0);
}

uint16_t wire_l4_sum(const struct view *v)
{
    const uint16_t n_bytes = (uint16_t)(v->l3_bytes - (v->l4 - v->l3));
    uint8_t pseudo[12] = { 0 };

    if (v->proto == PROTO_UDP && !v->l4[6] && !v->l4[7])
        return 0xffff;
    memcpy(pseudo, v->src, 4);
    memcpy(pseudo + 4, v->dst, 4);
    pseudo[9] = v->proto;
    put16(pseudo + 10, n_bytes);
    return wire_sum(v->l4, n_bytes, wire_sum(pseudo, sizeof pseudo, 0));
}

static bool read_l4(struct view *v)
{
    const uint32_t n = v->l3_bytes - (uint32_t)(v->l4 - v->l3);
    unsigned n_header = UDP_HDR_BYTES;

    if (v->proto == PROTO_TCP) {
        if (n < TCP_HDR_BYTES)
            return false;
        n_header = (v->l4[12] >> 4) * 4u;
        if (n_header < TCP_HDR_BYTES)
            return false;
        v->seq = get32(v->l4 + 4);
        v->ack = get32(v->l4 + 8);
        v->tcp_flags = v->l4[13];
        v->options = v->l4 + TCP_HDR_BYTES;
        v->n_options = (uint16_t)(n_header - TCP_HDR_BYTES);
    }
    if (n < n_header)
        return false;
    v->sport = get16(v->l4);
    v->dport = get16(v->l4 + 2);
    v->payload = v->l4 + n_header;
    v->n_payload = (uint16_t)(n - n_header);
    return true;
}

static bool read_ip4(struct view *v, uint32_t room)
{
    const unsigned n_header = (v->l3[0] & 15) * 4u;

    v->l3_bytes = get16(v->l3 + 2);
    if (v->l3[0] >> 4 != 4 || n_header < IP4_HDR_BYTES || v->l3_bytes < n_header ||
        v->l3_bytes > room)
        return false;
    v->tos = v->l3[1];
    v->id = get16(v->l3 + 4);
    v->is_fragment = get16(v->l3 + 6) & IP4_FRAG_MASK;
    v->ttl = v->l3[8];
    v->proto = v->l3[9];
    memcpy(v->src, v->l3 + 12, 4);
    memcpy(v->dst, v->l3 + 16, 4);
    v->l4 = v->l3 + n_header;
    if (v->is_fragment)
        return true;
    return (v->proto == PROTO_TCP || v->proto == PROTO_UDP) && read_l4(v);
}

void wire_read(struct view *v, const uint8_t *frame, uint32_t n_bytes)
{
    *v = (struct view){ .l3 = frame + ETH_HDR_BYTES };
    if (n_bytes >= ETH_HDR_BYTES + IP4_HDR_BYTES && get16(frame + 12) == ETHERTYPE_IP4 &&
        read_ip4(v, n_bytes - ETH_HDR_BYTES))
        v->family = 4;
}
