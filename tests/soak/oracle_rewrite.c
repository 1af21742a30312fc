/* oracle_rewrite.c - FULLNAT by the book (F-070, F-080, F-081, F-090 .. F-094), field by field.
 *
 * To the server: from the local address, sequence numbers shifted, timestamps struck from a SYN,
 * the client's address in option 254 where it is due. To the client: from the virtual address,
 * acknowledgements and SACK edges shifted back, room for option 254 taken off the MSS.
 */
#include "oracle_rewrite.h"

#include <string.h>

enum {
    OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_SACK = 5, OPT_TIMESTAMP = 8, OPT_TOA = 254,
    TIMESTAMP_BYTES = 10, TOA_BYTES = 8, OPTIONS_MAX_BYTES = 40,
};

struct options {
    unsigned n_bytes;
    uint8_t bytes[OPTIONS_MAX_BYTES + TOA_BYTES + 4];
};

/* The option at `at`: its length; 0: the end, or malformed, which ends them too (RFC 9293 3.1). */
static unsigned option_length(const uint8_t *bytes, unsigned n_bytes, unsigned at)
{
    unsigned n;

    if (at >= n_bytes || bytes[at] == OPT_END)
        return 0;
    if (bytes[at] == OPT_NOP)
        return 1;
    n = at + 1 < n_bytes ? bytes[at + 1] : 0;
    return n < 2 || n > n_bytes - at ? 0 : n;
}

static void change_option(uint8_t *o, unsigned n, bool is_syn, unsigned side, uint32_t shift)
{
    if (side == FROM_CLIENT) {
        if (*o == OPT_TIMESTAMP && n == TIMESTAMP_BYTES && is_syn)
            memset(o, OPT_NOP, n);
    } else if (*o == OPT_MSS && n == 4 && is_syn) {
        if (get16(o + 2) > TOA_BYTES)
            put16(o + 2, (uint16_t)(get16(o + 2) - TOA_BYTES));
    } else if (*o == OPT_SACK) {
        for (unsigned edge = 2; edge + 4 <= n; edge += 4)
            put32(o + edge, get32(o + edge) - shift);
    }
}

static void change_options(struct options *options, const struct flow *f, unsigned side,
                           const struct view *in)
{
    unsigned n;

    options->n_bytes = in->n_options;
    memcpy(options->bytes, in->options, in->n_options);
    for (unsigned at = 0; (n = option_length(options->bytes, options->n_bytes, at)); at += n)
        change_option(options->bytes + at, n, in->tcp_flags & TCP_SYN, side, f->shift);
}

/* On what acknowledges exactly the server's SYN, until more was acknowledged (F-091). */
static bool toa_is_due(const struct flow *f, const struct view *in)
{
    return (in->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK &&
           (f->flags & (FLOW_SYNACK | FLOW_DATA_ACKED)) == FLOW_SYNACK && in->ack == f->first_data;
}

/* Option 254 in front of those that `keep_only` lets stay (-1: all of them as they are). */
static void put_toa(struct options *out, const struct options *was, const struct flow *f,
                    int keep_only)
{
    unsigned n;

    out->bytes[0] = OPT_TOA;
    out->bytes[1] = TOA_BYTES;
    put16(out->bytes + 2, f->cport);
    memcpy(out->bytes + 4, f->caddr, 4);
    out->n_bytes = TOA_BYTES;
    if (keep_only < 0) {
        memcpy(out->bytes + TOA_BYTES, was->bytes, was->n_bytes);
        out->n_bytes += was->n_bytes;
        return;
    }
    for (unsigned at = 0; (n = option_length(was->bytes, was->n_bytes, at)); at += n) {
        const uint8_t kind = was->bytes[at];

        if (keep_only ? kind != keep_only : kind == OPT_NOP || kind == OPT_TOA)
            continue;
        memcpy(out->bytes + out->n_bytes, was->bytes + at, n);
        out->n_bytes += n;
    }
    while (out->n_bytes % 4)
        out->bytes[out->n_bytes++] = OPT_NOP;
}

/* F-092: all options stay; else padding goes; else all but timestamps; else it goes without. */
static bool add_toa(struct options *options, const struct flow *f, unsigned n_rest, unsigned mtu)
{
    static const int attempts[] = { -1, 0, OPT_TIMESTAMP };
    struct options with;

    for (unsigned i = 0; i < 3; i++) {
        put_toa(&with, options, f, attempts[i]);
        if (with.n_bytes <= OPTIONS_MAX_BYTES && n_rest + with.n_bytes <= mtu) {
            *options = with;
            return true;
        }
    }
    return false;
}

static void expect_tcp(struct headers *h, const struct scene *s, const struct flow *f,
                       unsigned side, const struct view *in)
{
    uint8_t *tcp = h->bytes + h->l4_at;
    struct options options;

    change_options(&options, f, side, in);
    if (side == FROM_CLIENT) {
        put32(tcp + 4, in->seq + f->shift);
        h->toa_due = toa_is_due(f, in);
        if (h->toa_due)
            h->toa_sent = add_toa(&options, f, (unsigned)in->l3_bytes - in->n_options,
                                  s->server[f->server].mtu);
    } else if (in->tcp_flags & TCP_ACK) {
        put32(tcp + 8, in->ack - f->shift);
    }
    tcp[12] = (uint8_t)((TCP_HDR_BYTES + options.n_bytes) / 4 << 4 | (tcp[12] & 15));
    memcpy(tcp + TCP_HDR_BYTES, options.bytes, options.n_bytes);
    h->n_bytes = (uint16_t)(h->l4_at + TCP_HDR_BYTES + options.n_bytes);
}

static void expect_addresses(struct headers *h, const struct scene *s, const struct flow *f,
                             unsigned side)
{
    const struct scene_service *service = &s->service[f->service];
    const struct scene_server *server = &s->server[f->server];
    const bool to_server = side == FROM_CLIENT;
    uint8_t *ip = h->bytes + h->l3_at, *l4 = h->bytes + h->l4_at;

    memcpy(h->bytes, to_server ? server->mac : s->client_gateway_mac, 6);
    memcpy(h->bytes + 6, s->device_mac[to_server ? TO_SERVERS : TO_CLIENTS], 6);
    memcpy(ip + 12, to_server ? s->laddr[f->laddr] : service->vip, 4);
    memcpy(ip + 16, to_server ? server->addr : f->caddr, 4);
    put16(l4, to_server ? f->lport : service->port);
    put16(l4 + 2, to_server ? server->port : f->cport);
}

void rewrite_expect(struct headers *h, const struct scene *s, const struct flow *f, unsigned side,
                    const struct view *in)
{
    const unsigned n_ip = (unsigned)(in->l4 - in->l3);
    uint8_t *ip;

    h->toa_due = h->toa_sent = 0;
    h->l3_at = ETH_HDR_BYTES;
    h->l4_at = (uint16_t)(ETH_HDR_BYTES + n_ip);
    h->n_bytes = (uint16_t)(h->l4_at + (in->payload - in->l4));
    memcpy(h->bytes, in->l3 - ETH_HDR_BYTES, h->n_bytes);
    ip = h->bytes + h->l3_at;
    expect_addresses(h, s, f, side);
    if (in->proto == PROTO_TCP)
        expect_tcp(h, s, f, side, in);
    put16(ip + 2, (uint16_t)(h->n_bytes - ETH_HDR_BYTES + in->n_payload));
    ip[8] = (uint8_t)(in->ttl - s->xmit_ttl);
    put16(ip + 10, 0);
    put16(h->bytes + h->l4_at + wire_csum_at(in->proto), 0);
}
