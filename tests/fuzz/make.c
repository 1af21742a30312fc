/* make.c - answers, ICMP errors and returned packets out of those of before. */
#include "make.h"

#include <string.h>

#include "scene.h"
#include "wire.h"

enum { ARP_TYPE = 0x0806, SERVER_ISN = 70000, QUOTE_MAX = 1200, MAX_PADDING = 64,
       SCTP_HDR = 12 };

static void put32(uint8_t *at, uint32_t value)
{
    wire_put16(at, value >> 16);
    wire_put16(at + 2, value);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)wire_get16(at) << 16 | wire_get16(at + 2);
}

static void swap(uint8_t *a, uint8_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t was = a[i];

        a[i] = b[i];
        b[i] = was;
    }
}

/* --- answers --------------------------------------------------------------------------------- */

/* `flags`: 0, those that follow. */
static void answer_tcp(struct wire *w, uint8_t flags)
{
    const uint32_t hdr = (w->l4[12] >> 4) * 4u, seq = get32(w->l4 + 4), ack = get32(w->l4 + 8);
    const uint32_t n_data = hdr <= w->l4_bytes ? w->l4_bytes - hdr : 0;
    const uint8_t was = w->l4[13];

    put32(w->l4 + 4, was & 16 ? ack : SERVER_ISN);
    put32(w->l4 + 8, seq + n_data + !!(was & 3));
    w->l4[13] = flags ? flags : was & 2 && !(was & 16) ? 0x12 : 0x10;
}

/* The first chunk's answer, or `chunk`: with the tag that an INIT asks for. */
static void answer_sctp(struct wire *w, uint8_t chunk)
{
    static const uint8_t answers[] = { /* by chunk; 0: itself */
        [0] = 3, [1] = 2, [2] = 10, [4] = 5, [7] = 8, [8] = 14, [10] = 11, [14] = 0,
    };
    uint8_t *type = w->l4 + SCTP_HDR;

    if (*type == 1 || *type == 2)
        memcpy(w->l4 + 4, type + 4, 4);
    if (chunk)
        *type = chunk;
    else if (*type < sizeof answers && answers[*type])
        *type = answers[*type];
}

static void answer_icmp(struct wire *w)
{
    static const uint8_t pairs[][2] = { { 8, 0 }, { 13, 14 }, { 128, 129 }, { 135, 136 } };

    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (w->l4[0] == pairs[i][0])
            w->l4[0] = pairs[i][1];
    if (w->l4[0] != 136 || w->l4_bytes < 24)
        return;
    w->l4[4] = 0x60;            /* solicited, override */
    memcpy(wire_addrs(w), w->l4 + 8, 16);
    if (w->l4_bytes >= 32)
        w->l4[24] = 2;
}

/* `kind`: TCP's flags or SCTP's chunk; 0: what follows. */
static void answer_ip(struct frame *f, uint8_t kind)
{
    struct wire w;

    if (!wire_read(f->bytes + WIRE_ETH, f->n_bytes - WIRE_ETH, &w))
        return;
    if (w.proto == 4 || w.proto == 41) { /* the server answers what was inside */
        f->bytes[12] = w.proto == 4 ? 8 : 0x86;
        f->bytes[13] = w.proto == 4 ? 0 : 0xdd;
        f->n_bytes = WIRE_ETH + w.l4_bytes;
        memmove(w.l3, w.l4, w.l4_bytes);
        if (!wire_read(f->bytes + WIRE_ETH, f->n_bytes - WIRE_ETH, &w))
            return;
    }
    swap(wire_addrs(&w), wire_addrs(&w) + wire_addr_bytes(w.af), wire_addr_bytes(w.af));
    if (w.is_fragment || w.l4_bytes < 8)
        return;
    if (w.proto == WIRE_TCP || w.proto == WIRE_UDP || w.proto == WIRE_SCTP)
        swap(w.l4, w.l4 + 2, 2);
    if (w.proto == WIRE_TCP && w.l4_bytes >= 20)
        answer_tcp(&w, kind);
    if (w.proto == WIRE_SCTP && w.l4_bytes >= SCTP_HDR + 8)
        answer_sctp(&w, kind);
    if (w.proto == WIRE_ICMP || w.proto == WIRE_ICMP6)
        answer_icmp(&w);
}

static void answer_arp(struct frame *f)
{
    uint8_t *arp = f->bytes + WIRE_ETH;
    static const uint8_t mac[6] = { 2, 0xbb, 0, 0, 0, 1 };

    if (f->n_bytes < WIRE_ETH + 28)
        return;
    arp[7] = 2;
    swap(arp + 8, arp + 18, 10);
    memcpy(arp + 8, mac, 6);
}

static void answer(struct frame *f, uint8_t kind)
{
    if (wire_is_ip(f->bytes, f->n_bytes))
        answer_ip(f, kind);
    else if (f->n_bytes > WIRE_ETH && wire_get16(f->bytes + 12) == ARP_TYPE)
        answer_arp(f);
}

/* --- errors ---------------------------------------------------------------------------------- */

static void make_ip(uint8_t *l3, uint8_t af, uint32_t n_payload, const uint8_t *src,
                    const uint8_t *dst)
{
    const uint32_t n_addr = wire_addr_bytes(af), n_hdr = af == 4 ? 20 : 40;

    memset(l3, 0, n_hdr);
    l3[0] = af == 4 ? 0x45 : 0x60;
    wire_put16(l3 + (af == 4 ? 2 : 4), af == 4 ? n_hdr + n_payload : n_payload);
    l3[af == 4 ? 8 : 7] = 60;
    l3[af == 4 ? 9 : 6] = af == 4 ? WIRE_ICMP : WIRE_ICMP6;
    memcpy(l3 + n_hdr - 2 * n_addr, src, n_addr);
    memcpy(l3 + n_hdr - n_addr, dst, n_addr);
}

/* From a router, or from whom the packet went to. */
static void quote(struct frame *f, const struct entry *e)
{
    static uint8_t quoted[FRAME_MAX_BYTES];
    uint32_t n_quote, n_hdr;
    uint8_t router[16], *l3 = f->bytes + WIRE_ETH, *icmp;
    struct wire w;

    if (!wire_is_ip(f->bytes, f->n_bytes) || !wire_read(l3, f->n_bytes - WIRE_ETH, &w)) {
        f->n_bytes = 0;
        return;
    }
    n_quote = w.l3_bytes < QUOTE_MAX ? w.l3_bytes : QUOTE_MAX;
    if (e->r.where >> 4 && (uint32_t)(w.l4 - w.l3) + 8 * (e->r.where >> 4) < n_quote)
        n_quote = (uint32_t)(w.l4 - w.l3) + 8 * (e->r.where >> 4);
    memcpy(quoted, l3, n_quote);
    scene_addr(w.af, 2 * SCENE_ROWS + 7 + (e->r.where & 1), router);
    n_hdr = w.af == 4 ? 20 : 40;
    w.l3 = quoted;
    make_ip(l3, w.af, 8 + n_quote,
            e->r.where & 8 ? router : wire_addrs(&w) + wire_addr_bytes(w.af), wire_addrs(&w));
    icmp = l3 + n_hdr;
    memset(icmp, 0, 8);
    icmp[0] = e->r.a;
    icmp[1] = e->r.b;
    wire_put16(icmp + 6, e->r.c * 8u);
    memcpy(icmp + 8, quoted, n_quote);
    f->n_bytes = WIRE_ETH + n_hdr + 8 + n_quote;
    f->bytes[12] = w.af == 4 ? 8 : 0x86;
    f->bytes[13] = w.af == 4 ? 0 : 0xdd;
}

/* --- frames ---------------------------------------------------------------------------------- */

static void patch(struct frame *f, const struct entry *e)
{
    for (uint32_t i = 0; i + 1 < e->n_data; i += 2)
        if ((uint32_t)WIRE_ETH + e->data[i] < f->n_bytes)
            f->bytes[WIRE_ETH + e->data[i]] = e->data[i + 1];
}

static void address_to_core(struct frame *f)
{
    static const uint8_t neighbour[6] = { 2, 0xaa, 0, 0, 0, 1 };

    memcpy(f->bytes, scene_mac[f->dev], 6);
    memcpy(f->bytes + 6, neighbour, 6);
}

static void copy_of(const struct frame *of, struct frame *out)
{
    out->n_bytes = of ? of->n_bytes : 0;
    if (of)
        memcpy(out->bytes, of->bytes, of->n_bytes);
}

static void derive(const struct entry *e, const struct frame *of, struct frame *out)
{
    copy_of(of, out);
    if (out->n_bytes <= WIRE_ETH)
        return;
    if (e->r.op == OP_ANSWER || (e->r.op == OP_QUOTE && (e->r.flags & FLAG_ANSWERED)))
        answer(out, e->r.op == OP_ANSWER ? e->r.a : 0);
    if (e->r.op == OP_QUOTE && (e->r.flags & FLAG_ANSWERED))
        wire_set_checksums(out->bytes, out->n_bytes);
    if (e->r.op == OP_QUOTE)
        quote(out, e);
    if (!out->n_bytes)
        return;
    address_to_core(out);
    patch(out, e);
}

void make_frame(const struct entry *e, const struct past *arrived, const struct past *left,
                struct frame *out)
{
    out->dev = e->r.where & 1;
    if (e->r.op == OP_FRAME || e->r.op == OP_FRAME_OF_KERNEL) {
        out->n_bytes = e->n_data;
        memcpy(out->bytes, e->data, e->n_data);
    } else {
        derive(e, past_frame(e->r.flags & FLAG_EMITTED ? left : arrived, e->r.pick), out);
    }
    if (out->n_bytes > WIRE_ETH && (e->r.flags & FLAG_LENGTHS))
        wire_set_lengths(out->bytes, out->n_bytes);
    if (out->n_bytes > WIRE_ETH && (e->r.flags & FLAG_CHECKSUMS))
        wire_set_checksums(out->bytes, out->n_bytes);
    if (out->n_bytes && (e->r.flags & FLAG_PADDED)) {
        const uint32_t n = e->r.c % MAX_PADDING;

        memset(out->bytes + out->n_bytes, 0x5a, n);
        out->n_bytes += n;
    }
}
