/* tcp_option.c - walking and rewriting TCP options (RFC 9293 3.1). A malformed option ends a walk:
 * what follows it stays as it is. */
#include "pkt/tcp_option.h"

#include <assert.h>
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

/* Bytes of an option become others: those 16-bit words of the segment change in which they lie. */
static void put_bytes(struct pkt *p, uint8_t *at, const void *bytes, unsigned n_bytes)
{
    struct tcp_hdr *tcp = pkt_tcp(p);
    uint8_t *const from = at - (at - p->l4) % 2;
    const uint32_t n_words_bytes = (uint32_t)(at + n_bytes - from + 1) & ~1u;
    const uint16_t was = csum_fold(csum_words(from, n_words_bytes, 0));

    memcpy(at, bytes, n_bytes);
    tcp->csum = csum_apply(tcp->csum, csum_words(from, n_words_bytes, (uint16_t)~was));
}

void tcp_strip_timestamp(struct pkt *p)
{
    static const uint8_t nops[TCPOPT_TIMESTAMP_BYTES] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_NOP,
                                                          TCPOPT_NOP, TCPOPT_NOP, TCPOPT_NOP,
                                                          TCPOPT_NOP, TCPOPT_NOP, TCPOPT_NOP,
                                                          TCPOPT_NOP };
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        if (*o == TCPOPT_TIMESTAMP && n == sizeof nops)
            put_bytes(p, o, nops, n);
}

void tcp_lower_mss(struct pkt *p, uint16_t n_bytes)
{
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        if (*o == TCPOPT_MSS && n == TCPOPT_MSS_BYTES) {
            const unsigned mss = o[2] << 8 | o[3];
            const uint16_t now_be = rte_cpu_to_be_16((uint16_t)(mss - n_bytes));

            if (mss > n_bytes)
                put_bytes(p, o + 2, &now_be, sizeof now_be);
        }
}

void tcp_shift_sack(struct pkt *p, uint32_t add)
{
    uint8_t *end, *o = options_of(p, &end);

    for (unsigned n; (n = option_bytes(o, end)); o += n)
        for (unsigned at = 2; *o == TCPOPT_SACK && at + 4 <= n; at += 4) {
            uint32_t edge_be;

            memcpy(&edge_be, o + at, 4);
            edge_be = rte_cpu_to_be_32(rte_be_to_cpu_32(edge_be) + add);
            put_bytes(p, o + at, &edge_be, 4);
        }
}

/* The option as it is sent; its address ends where the family's does. */
struct toa {
    uint8_t kind, n_bytes;
    uint16_t port_be;
    uint8_t addr[16];
};
static_assert(sizeof(struct toa) == TCPOPT_TOA6_BYTES, "an option is sent as it lies here");

/* How much is thrown out to make room for TOA, one attempt after the other. */
enum prune { KEEP_BUT_PADDING, KEEP_TIMESTAMP };

static bool is_kept(uint8_t kind, enum prune prune)
{
    if (prune == KEEP_TIMESTAMP)
        return kind == TCPOPT_TIMESTAMP;
    return kind != TCPOPT_NOP && kind != TCPOPT_TOA;
}

/* TOA and the kept options into out[OPTIONS_MAX_BYTES + toa->n_bytes + 4], padded; their length. */
static unsigned options_with_toa(const struct pkt *p, enum prune prune, const struct toa *toa,
                                 uint8_t *out)
{
    uint8_t *end, *o = options_of(p, &end);
    unsigned n_out = toa->n_bytes;

    memcpy(out, toa, n_out);
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

/* `n_bytes`, a constant, of an IP header without options and of a basic TCP header. */
static __rte_always_inline void move_headers(uint8_t *to, const uint8_t *from, unsigned n_bytes)
{
    uint8_t copy[IP6_HDR_BYTES + TCP_HDR_BYTES];

    memcpy(copy, from, n_bytes); /* they overlap */
    memcpy(to, copy, n_bytes);
}

/* Room of n bytes behind the basic header, for which the IP and TCP headers move in front. What is
 * in front of those is written anew for any packet that leaves. False: the buffer has none. */
static __rte_always_inline bool open_behind_header(struct pkt *p, unsigned n)
{
    const unsigned n_bytes = (unsigned)(p->l4 - p->l3) + TCP_HDR_BYTES;

    if (unlikely(!rte_pktmbuf_prepend(p->m, (uint16_t)n)))
        return false;
    if (likely(n_bytes == IP4_HDR_BYTES + TCP_HDR_BYTES))
        move_headers(p->l3 - n, p->l3, IP4_HDR_BYTES + TCP_HDR_BYTES);
    else if (n_bytes == IP6_HDR_BYTES + TCP_HDR_BYTES)
        move_headers(p->l3 - n, p->l3, IP6_HDR_BYTES + TCP_HDR_BYTES);
    else
        memmove(p->l3 - n, p->l3, n_bytes);
    p->l3 -= n;
    p->l4 -= n;
    p->l3_len = (uint16_t)(p->l3_len + n);
    return true;
}

/* Beside all options there are. `n`, a constant, is the option's length. The TCP checksum changes
 * by the option and by two lengths: the header's, in 32-bit words in the upper half of a byte that
 * comes first of two, and the segment's. */
static __rte_always_inline bool insert_beside(struct pkt *p, const struct toa *toa, unsigned n)
{
    struct tcp_hdr *tcp;

    if (!open_behind_header(p, n))
        return false;
    tcp = pkt_tcp(p);
    memcpy(p->l4 + TCP_HDR_BYTES, toa, n);
    tcp->data_off = (uint8_t)(tcp->data_off + (n / 4 << 4));
    tcp->csum = csum_apply(tcp->csum, csum_words(toa, n, (n / 4 << 4) + rte_cpu_to_be_16(n)));
    ip_set_length(p);
    return true;
}

static __rte_noinline bool insert_instead(struct pkt *p, const struct toa *toa, uint16_t mtu)
{
    uint8_t opts[OPTIONS_MAX_BYTES + TCPOPT_TOA6_BYTES + 4];

    for (int prune = KEEP_BUT_PADDING; prune <= KEEP_TIMESTAMP; prune++) {
        const unsigned n = options_with_toa(p, (enum prune)prune, toa, opts);
        const unsigned now_len = p->l3_len + TCP_HDR_BYTES + n - tcp_hdr_bytes(pkt_tcp(p));

        if (TCP_HDR_BYTES + n <= TCP_HDR_MAX_BYTES && now_len <= mtu)
            return replace_options(p, opts, n);
    }
    return false;
}

/* `af` is a constant: a copy for each family. */
static __rte_always_inline bool insert(struct pkt *p, uint8_t af, const void *addr,
                                       uint16_t port_be, uint16_t mtu)
{
    const unsigned n = toa_bytes(af);
    struct toa toa = { .kind = TCPOPT_TOA, .n_bytes = (uint8_t)n, .port_be = port_be };

    memcpy(toa.addr, addr, n - offsetof(struct toa, addr));
    if (unlikely(tcp_hdr_bytes(pkt_tcp(p)) + n > TCP_HDR_MAX_BYTES || p->l3_len + n > mtu))
        return insert_instead(p, &toa, mtu);
    return insert_beside(p, &toa, n);
}

bool tcp_insert_toa(struct pkt *p, uint8_t af, const void *addr, uint16_t port_be, uint16_t mtu)
{
    if (unlikely(p->flags & PKT_FRAGMENT))
        return false;           /* the others would no longer follow this one */
    return af == 4 ? insert(p, 4, addr, port_be, mtu) : insert(p, 6, addr, port_be, mtu);
}
