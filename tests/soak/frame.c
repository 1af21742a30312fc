/* frame.c - Ethernet, IPv4, TCP or UDP from a segment. */
#include "frame.h"

#include <string.h>

static void put_sum(uint8_t *at, uint16_t sum)
{
    const uint16_t csum = (uint16_t)~sum;

    memcpy(at, &csum, 2);       /* wire_sum keeps the order of memory */
}

static unsigned write_ip4(uint8_t *ip, const struct segment *s, unsigned n_l4)
{
    const unsigned n_header = IP4_HDR_BYTES + s->n_ip_options;

    memset(ip, 0, n_header);
    ip[0] = (uint8_t)(0x40 | n_header / 4);
    ip[1] = s->tos;
    put16(ip + 2, (uint16_t)(n_header + n_l4));
    put16(ip + 4, s->id);
    put16(ip + 6, IP4_DF);
    ip[8] = s->ttl;
    ip[9] = s->proto;
    memcpy(ip + 12, s->src, 4);
    memcpy(ip + 16, s->dst, 4);
    memset(ip + IP4_HDR_BYTES, 1, s->n_ip_options); /* no operation */
    put_sum(ip + 10, wire_sum(ip, n_header, 0));
    return n_header;
}

static unsigned l4_header_bytes(const struct segment *s)
{
    return s->proto == PROTO_TCP ? TCP_HDR_BYTES + s->n_options : UDP_HDR_BYTES;
}

static void write_l4(uint8_t *l4, const struct segment *s, unsigned n_l4)
{
    uint8_t pseudo[12] = { [9] = s->proto };
    uint16_t sum;

    memset(l4, 0, l4_header_bytes(s));
    put16(l4, s->sport);
    put16(l4 + 2, s->dport);
    if (s->proto == PROTO_TCP) {
        put32(l4 + 4, s->seq);
        put32(l4 + 8, s->ack);
        l4[12] = (uint8_t)(l4_header_bytes(s) / 4 << 4);
        l4[13] = s->tcp_flags;
        put16(l4 + 14, s->window);
        memcpy(l4 + TCP_HDR_BYTES, s->options, s->n_options);
    } else {
        put16(l4 + 4, (uint16_t)n_l4);
    }
    memcpy(l4 + l4_header_bytes(s), s->payload, s->n_payload);
    if (s->without_csum)
        return;
    memcpy(pseudo, s->src, 4);
    memcpy(pseudo + 4, s->dst, 4);
    put16(pseudo + 10, (uint16_t)n_l4);
    sum = wire_sum(l4, n_l4, wire_sum(pseudo, sizeof pseudo, 0));
    if (s->proto == PROTO_UDP && sum == 0xffff)
        sum = 0;                /* a computed 0 is written as all ones (RFC 768) */
    put_sum(l4 + wire_csum_at(s->proto), sum);
}

uint32_t frame_write(uint8_t *out, const struct segment *s)
{
    const unsigned n_l4 = l4_header_bytes(s) + s->n_payload;
    uint8_t *ip = out + ETH_HDR_BYTES;
    unsigned n_ip;

    memcpy(out, s->dst_mac, 6);
    memset(out + 6, 0x06, 6);
    put16(out + 12, ETHERTYPE_IP4);
    n_ip = write_ip4(ip, s, n_l4);
    write_l4(ip + n_ip, s, n_l4);
    memset(ip + n_ip + n_l4, 0xee, s->n_pad);
    return ETH_HDR_BYTES + n_ip + n_l4 + s->n_pad;
}

void frame_set_ip16(uint8_t *frame, unsigned at, uint16_t value)
{
    uint8_t *ip = frame + ETH_HDR_BYTES;

    put16(ip + at, value);
    put16(ip + 10, 0);
    put_sum(ip + 10, wire_sum(ip, (ip[0] & 15) * 4u, 0));
}
