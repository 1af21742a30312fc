/* pieces.c - an IP packet in fragments, as its sender cuts it (RFC 791 3.2, 8200 4.5). */
#include <string.h>

#include "make.h"
#include "wire.h"

enum { MAX_PIECES = 16, FRAG_HDR = 8, FRAGMENT = 44 };

bool pieces_begin(struct pieces *pieces, const struct frame *whole, uint8_t size, uint32_t id)
{
    struct frame *f = (struct frame *)(uintptr_t)whole;
    uint32_t n_payload, n = 8u << size % 8;
    struct wire w;

    if (!wire_is_ip(f->bytes, f->n_bytes) ||
        !wire_read(f->bytes + WIRE_ETH, f->n_bytes - WIRE_ETH, &w) || w.is_fragment)
        return false;
    pieces->whole = whole;
    pieces->head_bytes = WIRE_ETH + (uint32_t)(w.af == 4 ? w.l4 - w.l3 : 40);
    n_payload = WIRE_ETH + w.l3_bytes - pieces->head_bytes;
    if (n < n_payload / MAX_PIECES)
        n = (n_payload / MAX_PIECES + 8) & ~7u;
    pieces->piece_bytes = n;
    pieces->n = (n_payload + n - 1) / n;
    pieces->id = id;
    return pieces->n > 1;
}

void pieces_make(const struct pieces *pieces, uint32_t i, struct frame *out)
{
    const uint8_t *whole = pieces->whole->bytes;
    const bool is4 = whole[WIRE_ETH] >> 4 == 4, is_last = i == pieces->n - 1;
    const uint32_t said = is4 ? wire_get16(whole + WIRE_ETH + 2)
                              : 40u + wire_get16(whole + WIRE_ETH + 4);
    const uint32_t from = pieces->head_bytes + i * pieces->piece_bytes;
    const uint32_t n = is_last ? WIRE_ETH + said - from : pieces->piece_bytes;
    const uint32_t offset = i * pieces->piece_bytes;
    uint8_t *l3 = out->bytes + WIRE_ETH, *payload = out->bytes + pieces->head_bytes;

    out->dev = pieces->whole->dev;
    memcpy(out->bytes, whole, pieces->head_bytes);
    if (is4) {
        wire_put16(l3 + 4, pieces->id);
        wire_put16(l3 + 6, offset / 8 | (is_last ? 0 : 0x2000));
    } else {
        const uint8_t next = l3[6];

        l3[6] = FRAGMENT;
        payload[0] = next;
        payload[1] = 0;
        wire_put16(payload + 2, offset | !is_last);
        wire_put16(payload + 4, pieces->id >> 16);
        wire_put16(payload + 6, pieces->id);
        payload += FRAG_HDR;
    }
    memcpy(payload, whole + from, n);
    out->n_bytes = (uint32_t)(payload - out->bytes) + n;
    wire_put16(l3 + (is4 ? 2 : 4), out->n_bytes - WIRE_ETH - (is4 ? 0 : 40));
    wire_set_checksums(out->bytes, out->n_bytes);
}
