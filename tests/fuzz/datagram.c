/* datagram.c - fragments that left put together, for the checksum over all of them. */
#include <string.h>

#include "judge.h"
#include "wire.h"

static struct datagram *find(struct judge *j, const struct frame *f, const struct wire *w)
{
    const uint32_t n = 2 * wire_addr_bytes(w->af);
    struct datagram *d;

    for (uint32_t i = 0; i < j->n_datagrams; i++) {
        d = &j->datagram[i];
        if (d->af == w->af && d->id == w->id && d->dev == f->dev && d->proto == w->proto &&
            !memcmp(d->addrs, wire_addrs(w), n))
            return d;
    }
    if (j->n_datagrams == MAX_DATAGRAMS)
        return NULL;
    d = &j->datagram[j->n_datagrams++];
    memset(d, 0, sizeof *d);
    d->af = w->af;
    d->proto = w->proto;
    d->dev = f->dev;
    d->id = w->id;
    memcpy(d->addrs, wire_addrs(w), n);
    return d;
}

static void put(struct datagram *d, const struct wire *w)
{
    for (uint32_t i = 0; i < w->l4_bytes; i += 8) {
        const uint32_t unit = (w->offset_bytes + i) / 8;

        d->overlaps |= d->have[unit];
        d->have[unit] = 1;
    }
    memcpy(d->payload + w->offset_bytes, w->l4, w->l4_bytes);
    d->n_have += w->l4_bytes;
    if (!w->more)
        d->n_bytes = w->offset_bytes + w->l4_bytes;
}

static bool is_ext(uint8_t proto)
{
    return !proto || proto == 43 || proto == 44 || proto == 60;
}

void judge_fragment(struct judge *j, struct frame *f)
{
    struct datagram *d;
    const char *wrong;
    struct wire w;

    if (!wire_read(f->bytes + WIRE_ETH, f->n_bytes - WIRE_ETH, &w))
        return;
    d = find(j, f, &w);
    if (!d || w.offset_bytes + w.l4_bytes > DATAGRAM_BYTES)
        return;
    put(d, &w);
    if (d->overlaps || d->n_have != d->n_bytes || is_ext(d->proto))
        return;
    wrong = d->proto == 4 || d->proto == 41
                ? wire_wrong(d->payload, d->n_bytes)
                : wire_wrong_l4(d->af, d->addrs, d->proto, d->payload, d->n_bytes);
    if (wrong)
        judge_fail("checksum of a packet in fragments", f);
}
