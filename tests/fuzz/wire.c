/* wire.c - byte by byte, on purpose: sums as RFC 1071 writes them down. */
#include "wire.h"

#include <string.h>

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DEST_OPTIONS = 60, IN_IP4 = 4, IN_IP6 = 41, SCTP_LEAST = 12 };

uint8_t *wire_addrs(const struct wire *w)
{
    return w->l3 + (w->af == 4 ? 12 : 8);
}

uint8_t *wire_ttl(const struct wire *w)
{
    return w->l3 + (w->af == 4 ? 8 : 7);
}

bool wire_is_ip(const uint8_t *frame, uint32_t n_bytes)
{
    return n_bytes > WIRE_ETH && ((frame[12] == 8 && !frame[13] && frame[14] >> 4 == 4) ||
                                  (frame[12] == 0x86 && frame[13] == 0xdd && frame[14] >> 4 == 6));
}

/* --- reading --------------------------------------------------------------------------------- */

static bool read4(struct wire *w, uint32_t n_bytes)
{
    const uint32_t ihl = n_bytes < 20 ? 0 : (w->l3[0] & 15) * 4u;
    uint16_t word;

    if (ihl < 20)
        return false;
    w->l3_bytes = wire_get16(w->l3 + 2);
    if (w->l3_bytes < ihl || w->l3_bytes > n_bytes)
        return false;
    word = wire_get16(w->l3 + 6);
    w->offset_bytes = (word & 0x1fffu) * 8;
    w->more = word & 0x2000;
    w->is_fragment = w->more || w->offset_bytes;
    w->id = wire_get16(w->l3 + 4);
    w->proto = w->l3[9];
    w->l4 = w->l3 + ihl;
    w->l4_bytes = w->l3_bytes - ihl;
    return true;
}

static bool is_ext(uint8_t proto)
{
    return proto == HOP_BY_HOP || proto == ROUTING || proto == FRAGMENT || proto == DEST_OPTIONS;
}

static bool read6(struct wire *w, uint32_t n_bytes)
{
    uint32_t at = 40;

    if (n_bytes < 40)
        return false;
    w->l3_bytes = 40u + wire_get16(w->l3 + 4);
    if (w->l3_bytes > n_bytes)
        return false;
    for (w->proto = w->l3[6]; is_ext(w->proto) && !w->is_fragment;) {
        const uint8_t *ext = w->l3 + at;

        if (at + 8 > w->l3_bytes)
            return false;
        if (w->proto == FRAGMENT) {
            w->offset_bytes = wire_get16(ext + 2) & 0xfff8u;
            w->more = ext[3] & 1;
            w->is_fragment = w->more || w->offset_bytes;
            w->id = (uint32_t)wire_get16(ext + 4) << 16 | wire_get16(ext + 6);
        }
        if (w->proto == ROUTING && ext[3])
            break;              /* its checksum is another destination's */
        at += w->proto == FRAGMENT ? 8 : (ext[1] + 1u) * 8;
        w->proto = ext[0];
    }
    w->l4 = w->l3 + at;
    w->l4_bytes = w->l3_bytes - at;
    return at <= w->l3_bytes;
}

bool wire_read(uint8_t *l3, uint32_t n_bytes, struct wire *out)
{
    if (!n_bytes)
        return false;
    *out = (struct wire){ .af = l3[0] >> 4, .l3 = l3 };
    return out->af == 4 ? read4(out, n_bytes) : out->af == 6 && read6(out, n_bytes);
}

/* --- sums ------------------------------------------------------------------------------------ */

static uint32_t add(uint32_t sum, const uint8_t *data, uint32_t n_bytes)
{
    for (uint32_t i = 0; i < n_bytes; i++)
        sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static uint16_t l4_sum(uint8_t af, const uint8_t *addrs, uint8_t proto, const uint8_t *l4,
                       uint32_t n_bytes)
{
    const uint32_t pseudo = proto == WIRE_ICMP
                                ? 0
                                : add(proto + n_bytes, addrs, 2 * wire_addr_bytes(af));

    return fold(add(pseudo, l4, n_bytes));
}

/* CRC32c bit by bit (RFC 9260 appendix A), the field itself as zeros. */
static uint32_t sctp_sum(const uint8_t *l4, uint32_t n_bytes)
{
    uint32_t rest = 0xffffffff;

    for (uint32_t i = 0; i < n_bytes; i++) {
        rest ^= i >= 8 && i < 12 ? 0 : l4[i];
        for (unsigned bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (rest & 1 ? 0x82f63b78 : 0);
    }
    return ~rest;
}

/* The least significant byte first. */
static void put_sctp_sum(uint8_t *l4, uint32_t n_bytes)
{
    const uint32_t sum = sctp_sum(l4, n_bytes);

    for (unsigned i = 0; i < 4; i++)
        l4[8 + i] = (uint8_t)(sum >> 8 * i);
}

static const char *wrong_sctp(const uint8_t *l4, uint32_t n_bytes)
{
    uint32_t said = 0;

    if (n_bytes < SCTP_LEAST)
        return "SCTP header cut off";
    for (unsigned i = 0; i < 4; i++)
        said |= (uint32_t)l4[8 + i] << 8 * i;
    return said == sctp_sum(l4, n_bytes) ? NULL : "SCTP checksum";
}

/* Where a transport header has its checksum; 0: it has none. */
static uint32_t sum_at(uint8_t af, uint8_t proto, uint32_t n_bytes)
{
    const uint32_t at = proto == WIRE_TCP ? 16
                        : proto == WIRE_UDP ? 6
                        : proto == (af == 4 ? WIRE_ICMP : WIRE_ICMP6) ? 2 : 0;

    return at && at + 2 <= n_bytes ? at : 0;
}

/* --- judging --------------------------------------------------------------------------------- */

const char *wire_wrong_l4(uint8_t af, const uint8_t *addrs, uint8_t proto, const uint8_t *l4,
                          uint32_t n_bytes)
{
    const uint32_t at = sum_at(af, proto, n_bytes);

    if (proto == WIRE_SCTP)
        return wrong_sctp(l4, n_bytes);
    if (!at)
        return proto == WIRE_TCP || proto == WIRE_UDP ? "transport header cut off" : NULL;
    if (proto == WIRE_UDP) {
        if (n_bytes < 8 || wire_get16(l4 + 4) != n_bytes)
            return "UDP length";
        if (!wire_get16(l4 + at))
            return af == 4 ? NULL : "UDP without a checksum over IPv6";
    }
    if (proto == WIRE_TCP && (n_bytes < 20 || (l4[12] >> 4) * 4u > n_bytes || l4[12] >> 4 < 5))
        return "TCP header length";
    return l4_sum(af, addrs, proto, l4, n_bytes) == 0xffff ? NULL : "transport checksum";
}

static bool is_error(const struct wire *w)
{
    if (w->l4_bytes < 8)
        return false;
    if (w->af == 6)
        return w->proto == WIRE_ICMP6 && w->l4[0] < 128;
    return w->proto == WIRE_ICMP && (w->l4[0] == 3 || w->l4[0] == 4 || w->l4[0] == 5 ||
                                     w->l4[0] == 11 || w->l4[0] == 12);
}

/* What a quoted packet carries through a tunnel, whatever it says of its length; 0: no such. */
static uint32_t tunnelled_at(const uint8_t *l3, uint32_t n)
{
    const uint32_t at = n >= 20 && l3[0] >> 4 == 4 ? (l3[0] & 15) * 4u : 40;
    const uint8_t proto = n < 20 ? 0 : l3[0] >> 4 == 4 ? l3[9] : l3[6];

    return at >= 20 && at < n && (proto == IN_IP4 || proto == IN_IP6) ? at : 0;
}

/* Of a quoted packet its IP header, and all of it if it is whole: not SCTP, whose sum is over so much
 * that nobody mends or checks it in a quote. */
static const char *wrong_quote(uint8_t *l3, uint32_t n)
{
    const uint32_t ihl = n && l3[0] >> 4 == 4 ? (l3[0] & 15) * 4u : 0, inside = tunnelled_at(l3, n);
    struct wire w;

    if (ihl >= 20 && ihl <= n && fold(add(0, l3, ihl)) != 0xffff)
        return "quoted IPv4 header checksum";
    if (inside)
        return wrong_quote(l3 + inside, n - inside);
    if (!wire_read(l3, n, &w) || w.is_fragment || w.proto == WIRE_SCTP)
        return NULL;
    return wire_wrong_l4(w.af, wire_addrs(&w), w.proto, w.l4, w.l4_bytes);
}

const char *wire_wrong(uint8_t *l3, uint32_t n_bytes)
{
    const char *wrong;
    struct wire w;

    if (!wire_read(l3, n_bytes, &w))
        return "IP lengths";
    if (w.af == 4 && fold(add(0, w.l3, (uint32_t)(w.l4 - w.l3))) != 0xffff)
        return "IPv4 header checksum";
    if (w.is_fragment)
        return NULL;
    if (w.proto == IN_IP4 || w.proto == IN_IP6)
        return wire_wrong(w.l4, w.l4_bytes);
    wrong = wire_wrong_l4(w.af, wire_addrs(&w), w.proto, w.l4, w.l4_bytes);
    return wrong || !is_error(&w) ? wrong : wrong_quote(w.l4 + 8, w.l4_bytes - 8);
}

/* --- mending --------------------------------------------------------------------------------- */

void wire_set_lengths(uint8_t *frame, uint32_t n_bytes)
{
    uint8_t *l3 = frame + WIRE_ETH;
    const uint32_t n = n_bytes - WIRE_ETH;
    struct wire w;

    if (!wire_is_ip(frame, n_bytes))
        return;
    if (l3[0] >> 4 == 4 && n >= 20) {
        if ((l3[0] & 15) < 5 || (l3[0] & 15) * 4u > n)
            l3[0] = 0x45;
        wire_put16(l3 + 2, n);
    } else if (l3[0] >> 4 == 6 && n >= 40) {
        wire_put16(l3 + 4, n - 40);
    }
    if (!wire_read(l3, n, &w) || w.offset_bytes || w.is_fragment)
        return;
    if (w.proto == WIRE_UDP && w.l4_bytes >= 8)
        wire_put16(w.l4 + 4, w.l4_bytes);
    if (w.proto == WIRE_TCP && w.l4_bytes >= 20 &&
        (w.l4[12] >> 4 < 5 || (w.l4[12] >> 4) * 4u > w.l4_bytes))
        w.l4[12] = 0x50;
}

void wire_set_checksums(uint8_t *frame, uint32_t n_bytes)
{
    struct wire w;
    uint32_t at;
    uint16_t sum;

    if (!wire_is_ip(frame, n_bytes) ||
        !wire_read(frame + WIRE_ETH, n_bytes - WIRE_ETH, &w))
        return;
    if (w.af == 4) {
        wire_put16(w.l3 + 10, 0);
        wire_put16(w.l3 + 10, (uint16_t)~fold(add(0, w.l3, (uint32_t)(w.l4 - w.l3))));
    }
    if (w.proto == WIRE_SCTP && !w.is_fragment && w.l4_bytes >= SCTP_LEAST)
        put_sctp_sum(w.l4, w.l4_bytes);
    at = w.is_fragment ? 0 : sum_at(w.af, w.proto, w.l4_bytes);
    if (!at || (w.af == 4 && w.proto == WIRE_UDP && !wire_get16(w.l4 + at)))
        return;                 /* UDP over IPv4 may go without */
    wire_put16(w.l4 + at, 0);
    sum = (uint16_t)~l4_sum(w.af, wire_addrs(&w), w.proto, w.l4, w.l4_bytes);
    wire_put16(w.l4 + at, w.proto == WIRE_UDP && !sum ? 0xffff : sum);
}
