/* tcp_option.c - walking and rewriting TCP options (RFC 9293 3.1). A malformed option ends a walk:
 * what follows it stays as it is. */
#include "pkt/tcp_option.h"

#include <string.h>

#include "base/csum.h"
#include "pkt/ip.h"

enum { OPTIONS_MAX_BYTES = TCP_HDR_MAX_BYTES - TCP_HDR_BYTES };

/* The option at o: its length, 0 at the end of the options or where they are malformed. */
static unsigned option_bytes(const uint8_t *o, const uint8_t *end)
{
    if (o >= end || *o == TCPOPT_END)
        return 0;
    if (*o == TCPOPT_NOP)
        return 1;
    if (end - o < 2 || o[1] < 2 || o[1] > end - o)
        return 0;
    return o[1];
}

static uint8_t *options_of(const struct pkt *p, uint8_t **end)
{
    *end = p->l4 + tcp_hdr_bytes(pkt_tcp(p));
    return p->l4 + TCP_HDR_BYTES;
}

static uint64_t options_sum(const struct pkt *p)
{
    uint8_t *end, *o = options_of(p, &end);

    return csum_words(o, (uint32_t)(end - o), 0);
}

/* The options' words went from sum `was` to what they are now. */
static void options_changed(struct pkt *p, uint64_t was)
{
    struct tcp_hdr *tcp = pkt_tcp(p);

    tcp->csum = csum_apply(tcp->csum, (uint16_t)~csum_fold(was) + options_sum(p));
}

void tcp_strip_timestamp(struct pkt *p)
{
    const uint64_t was = options_sum(p);
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        if (*o == TCPOPT_TIMESTAMP && n == TCPOPT_TIMESTAMP_BYTES)
            memset(o, TCPOPT_NOP, n);
    options_changed(p, was);
}

void tcp_lower_mss(struct pkt *p, uint16_t n_bytes)
{
    const uint64_t was = options_sum(p);
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        if (*o == TCPOPT_MSS && n == TCPOPT_MSS_BYTES) {
            const unsigned mss = o[2] << 8 | o[3];
            const unsigned now = mss > n_bytes ? mss - n_bytes : mss;

            o[2] = (uint8_t)(now >> 8);
            o[3] = (uint8_t)now;
        }
    options_changed(p, was);
}

void tcp_shift_sack(struct pkt *p, uint32_t add)
{
    const uint64_t was = options_sum(p);
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        for (unsigned at = 2; *o == TCPOPT_SACK && at + 4 <= n; at += 4) {
            uint32_t edge_be;

            memcpy(&edge_be, o + at, 4);
            edge_be = rte_cpu_to_be_32(rte_be_to_cpu_32(edge_be) + add);
            memcpy(o + at, &edge_be, 4);
        }
    options_changed(p, was);
}

/* How much is thrown out to make room for TOA, one attempt after the other. */
enum prune { KEEP_ALL, KEEP_BUT_PADDING, KEEP_TIMESTAMP };

static bool is_kept(uint8_t kind, enum prune prune)
{
    switch (prune) {
    case KEEP_ALL: return true;
    case KEEP_BUT_PADDING: return kind != TCPOPT_NOP && kind != TCPOPT_TOA;
    default: return kind == TCPOPT_TIMESTAMP;
    }
}

/* TOA and the kept options into out[OPTIONS_MAX_BYTES + toa[1] + 4], padded; their length. */
static unsigned options_with_toa(const struct pkt *p, enum prune prune, const uint8_t *toa,
                                 uint8_t *out)
{
    uint8_t *end, *o = options_of(p, &end);
    unsigned n_out = toa[1];

    memcpy(out, toa, n_out);
    if (prune == KEEP_ALL) {
        memcpy(out + n_out, o, (size_t)(end - o));
        return n_out + (unsigned)(end - o);
    }
    for (unsigned n; (n = option_bytes(o, end)); o += n)
        if (is_kept(*o, prune)) {
            memcpy(out + n_out, o, n);
            n_out += n;
        }
    while (n_out % 4)
        out[n_out++] = TCPOPT_NOP;
    return n_out;
}

/* Header length and flags as one checksum word. */
static uint16_t length_word(const struct tcp_hdr *tcp)
{
    uint16_t word;

    memcpy(&word, &tcp->data_off, 2);
    return word;
}

/* The packet's options become opts[n]: headers move in front, the payload stays in place. */
static bool replace_options(struct pkt *p, const uint8_t *opts, unsigned n)
{
    struct tcp_hdr *tcp = pkt_tcp(p);
    const int grown = (int)(TCP_HDR_BYTES + n) - (int)tcp_hdr_bytes(tcp);
    uint8_t *const front = rte_pktmbuf_mtod(p->m, uint8_t *);
    const size_t n_front = (size_t)(p->l4 + TCP_HDR_BYTES - front);
    const uint16_t was_len = p->l3_len, was_word = length_word(tcp);
    uint64_t delta = (uint16_t)~csum_fold(options_sum(p));

    if (grown > 0 && !rte_pktmbuf_prepend(p->m, (uint16_t)grown))
        return false;
    if (grown < 0)
        rte_pktmbuf_adj(p->m, (uint16_t)-grown);
    memmove(front - grown, front, n_front);
    p->l3 -= grown;
    p->l4 -= grown;
    p->l3_len = (uint16_t)(p->l3_len + grown);
    tcp = pkt_tcp(p);
    memcpy(p->l4 + TCP_HDR_BYTES, opts, n);
    tcp->data_off = (uint8_t)((TCP_HDR_BYTES + n) / 4 << 4 | (tcp->data_off & 15));
    ip_set_length(p);
    delta += options_sum(p) + csum_delta16(was_word, length_word(tcp));
    delta += csum_delta16(rte_cpu_to_be_16((uint16_t)(was_len - (p->l4 - p->l3))),
                          rte_cpu_to_be_16((uint16_t)(p->l3_len - (p->l4 - p->l3))));
    tcp->csum = csum_apply(tcp->csum, delta);
    return true;
}

bool tcp_insert_toa(struct pkt *p, uint8_t af, struct addr16 addr, uint16_t port_be, uint16_t mtu)
{
    uint8_t toa[TCPOPT_TOA6_BYTES] = { TCPOPT_TOA, (uint8_t)toa_bytes(af) };
    uint8_t opts[OPTIONS_MAX_BYTES + TCPOPT_TOA6_BYTES + 4];

    if (p->flags & PKT_FRAGMENT)
        return false;           /* the others would no longer follow this one */
    memcpy(toa + 2, &port_be, 2);
    memcpy(toa + 4, addr.byte, toa[1] - 4u);
    for (int prune = KEEP_ALL; prune <= KEEP_TIMESTAMP; prune++) {
        const unsigned n = options_with_toa(p, (enum prune)prune, toa, opts);
        const unsigned now_len = p->l3_len + TCP_HDR_BYTES + n - tcp_hdr_bytes(pkt_tcp(p));

        if (TCP_HDR_BYTES + n <= TCP_HDR_MAX_BYTES && now_len <= mtu)
            return replace_options(p, opts, n);
    }
    return false;
}
