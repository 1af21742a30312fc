/* traffic_tcp.c - connections from handshake to close, with what goes wrong on the way. */
#include <string.h>

#include "traffic_end.h"

enum { OPT_BYTES_MAX = TCP_OPTIONS_MAX_BYTES };

/* Sets of options as stacks and others send them; numbers in them are filled with noise. */
struct option_set {
    uint8_t n_bytes;
    uint8_t bytes[OPT_BYTES_MAX];
};

static const struct option_set syn_options[] = {
    { 0, { 0 } },
    { 4, { 2, 4, 0x05, 0xb4 } },
    { 20, { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7 } }, /* Linux */
    { 12, { 2, 4, 0x00, 0x08, 1, 3, 3, 8, 1, 1, 4, 2 } },
    { 8, { 2, 4, 0x23, 0x00, 34, 2, 1, 1 } },
    { 12, { 2, 4, 0x02, 0x18, 253, 5, 9, 9, 9, 1, 0, 7 } }, /* unknown; garbage after the end */
    { 8, { 2, 1, 0, 0, 8, 99, 1, 1 } },                      /* malformed */
};
static const struct option_set data_options[] = {
    { 0, { 0 } }, { 0, { 0 } }, { 0, { 0 } },
    { 12, { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 } },
    { 12, { 1, 1, 8, 10, 9, 9, 9, 9, 0, 0, 0, 0 } },
    { 12, { 1, 1, 5, 10, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xf0 } },
    { 40, { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 5, 26, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0, 0, 3,
            0x90, 0, 0, 4, 0, 0, 1, 5, 0, 0, 2, 6 } },
    { 36, { 1, 1, 1, 1, 5, 26, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0, 0, 3, 0x90, 0, 0, 4, 0, 0, 1, 5, 0,
            0, 2, 6, 1, 1, 1, 1, 1, 1 } },
    { 12, { 254, 8, 0x12, 0x34, 1, 2, 3, 4, 1, 1, 1, 1 } }, /* a forged client address */
    { 8, { 1, 5, 9, 0, 0, 0, 1, 5 } },                       /* malformed */
};

static void set_options(struct visit *v, struct segment *s, const struct option_set *sets,
                        unsigned n_sets)
{
    const struct option_set *set = &sets[random_below(v->random, n_sets)];

    s->n_options = set->n_bytes;
    memcpy(s->options, set->bytes, set->n_bytes);
}

static unsigned l3_max(const struct visit *v, unsigned from)
{
    return from == CLIENT_END ? v->scene->server[v->end->server].mtu : LINK_MTU;
}

/* A segment in its sender's numbers, and the numbers moved on. `data`: it may carry some. */
static void send(struct visit *v, unsigned from, uint8_t flags, bool data)
{
    struct segment s = segment_from(v, from);
    struct end *e = v->end;
    uint32_t *next = from == CLIENT_END ? &e->c_next : &e->s_next;

    s.tcp_flags = flags;
    if (flags & TCP_SYN)
        set_options(v, &s, syn_options, sizeof syn_options / sizeof *syn_options);
    else
        set_options(v, &s, data_options, sizeof data_options / sizeof *data_options);
    if (data)
        s.n_payload = payload_bytes(v, l3_max(v, from), IP4_HDR_BYTES + s.n_ip_options +
                                                             TCP_HDR_BYTES + s.n_options);
    if (from == CLIENT_END && random_pct(v->random, 70))
        e->c_ack = e->s_next;
    s.seq = *next;
    if (flags & TCP_ACK)
        s.ack = from == CLIENT_END ? e->c_ack : e->c_next + e->shift;
    *next += s.n_payload + !!(flags & (TCP_SYN | TCP_FIN));
    segment_send(v, &s, from);
}

static void send_data(struct visit *v, unsigned from)
{
    const unsigned n = random_pct(v->random, 10) ? 1 + random_below(v->random, 3) : 1;

    for (unsigned i = 0; i < n; i++)
        send(v, from, random_pct(v->random, 30) ? TCP_ACK | TCP_PSH : TCP_ACK,
             !random_pct(v->random, 25));
}

/* Any flags, any numbers: what must not confuse anybody. */
static void send_wild(struct visit *v, unsigned from)
{
    const uint64_t dice = random_next(v->random);
    struct segment s = segment_from(v, from);

    s.tcp_flags = (uint8_t)dice;
    s.seq = (uint32_t)(dice >> 8);
    s.ack = (uint32_t)(dice >> 24);
    s.n_payload = (uint16_t)((dice >> 56) % 64);
    set_options(v, &s, syn_options, sizeof syn_options / sizeof *syn_options);
    segment_send(v, &s, from);
}

/* A socket is used: from a new number, or one that the last connection nearly reached. */
static void start(struct visit *v)
{
    struct end *e = v->end;

    e->c_next = random_pct(v->random, 30) ? e->c_next + 1 : (uint32_t)random_next(v->random);
    e->s_next = (uint32_t)random_next(v->random);
    e->c_ack = 0;
    e->fins = 0;
    e->phase = PHASE_NEW;
    send(v, CLIENT_END, random_pct(v->random, 10) ? TCP_SYN | TCP_PSH : TCP_SYN, false);
    if (random_pct(v->random, 3)) {
        e->c_next--;            /* sent twice in a row */
        send(v, CLIENT_END, TCP_SYN, false);
    }
}

static void asked(struct visit *v)
{
    const unsigned dice = random_below(v->random, 100);

    if (dice < 85) {
        v->end->phase = PHASE_ANSWERED;
        send(v, SERVER_END, TCP_SYN | TCP_ACK, false);
    } else if (dice < 92) {
        v->end->c_next--;
        send(v, CLIENT_END, TCP_SYN, false);
    } else if (dice < 96) {
        v->end->phase = PHASE_OVER;
        send(v, SERVER_END, TCP_RST | TCP_ACK, false);
    } else {
        v->end->phase = PHASE_NEW; /* given up: half open */
    }
}

static void answered(struct visit *v)
{
    const unsigned dice = random_below(v->random, 100);

    if (dice < 8) {
        v->end->s_next--;
        send(v, SERVER_END, TCP_SYN | TCP_ACK, false);
        return;
    }
    v->end->phase = PHASE_OPEN;
    send(v, CLIENT_END, TCP_ACK, dice > 60);
}

static void fin(struct visit *v, unsigned from)
{
    v->end->fins |= from == CLIENT_END ? CLIENT_FIN : SERVER_FIN;
    v->end->phase = PHASE_CLOSING;
    send(v, from, TCP_FIN | TCP_ACK, random_pct(v->random, 20));
}

static void reset(struct visit *v, unsigned from)
{
    v->end->phase = PHASE_OVER;
    send(v, from, random_pct(v->random, 50) ? TCP_RST : TCP_RST | TCP_ACK, false);
}

static void opened(struct visit *v)
{
    const unsigned dice = random_below(v->random, 100);
    const unsigned from = random_below(v->random, 2);

    if (dice < 80)
        send_data(v, from);
    else if (dice < 92)
        fin(v, from);
    else if (dice < 95)
        reset(v, from);
    else if (dice < 98)
        send_wild(v, from);
    else
        v->end->phase = PHASE_NEW; /* both silent from here on */
}

static void closing(struct visit *v)
{
    const unsigned first = v->end->fins & CLIENT_FIN ? CLIENT_END : SERVER_END;
    const unsigned dice = random_below(v->random, 100);

    if (v->end->fins == (CLIENT_FIN | SERVER_FIN)) {
        v->end->phase = PHASE_OVER;
        send(v, random_below(v->random, 2), TCP_ACK, false);
    } else if (dice < 60) {
        fin(v, 1 - first);
    } else if (dice < 70) {
        reset(v, 1 - first);
    } else {
        send(v, 1 - first, TCP_ACK, dice < 90);
    }
}

/* Mostly the same tuple again at once, or a late segment first. */
static void over(struct visit *v)
{
    const unsigned dice = random_below(v->random, 100);

    if (dice < 60)
        start(v);
    else if (dice < 75)
        send(v, random_below(v->random, 2), TCP_ACK, true);
    else
        v->end->phase = PHASE_NEW;
}

void tcp_visit(struct visit *v)
{
    static void (*const turn[])(struct visit *v) = {
        [PHASE_NEW] = start, [PHASE_ASKED] = asked, [PHASE_ANSWERED] = answered,
        [PHASE_OPEN] = opened, [PHASE_CLOSING] = closing, [PHASE_OVER] = over,
    };

    turn[v->end->phase](v);
}
