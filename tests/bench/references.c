/* references.c - what a figure is compared with: ports alone, MAC swap, bare NAT. */
#include "references.h"

#include <stdio.h>

#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "frame.h"
#include "nat.h"
#include "pipe.h"
#include "result.h"
#include "twin.h"

enum { SWAP_AHEAD = 4 };

static struct measure measures[WIRE_WORKERS];

static unsigned io_turn(void *self, unsigned w, uint64_t now_us)
{
    const struct bench *b = self;
    const uint16_t port = (uint16_t)b->wire[0].port_id;
    struct rte_mbuf *m[WIRE_BURST];
    const unsigned n = rte_eth_rx_burst(port, (uint16_t)w, m, WIRE_BURST);

    (void)now_us;
    for (unsigned sent = 0; sent < n;)
        sent += rte_eth_tx_burst(port, (uint16_t)w, m + sent, (uint16_t)(n - sent));
    return n;
}

static unsigned macswap_turn(void *self, unsigned w, uint64_t now_us)
{
    const struct bench *b = self;
    const uint16_t port = (uint16_t)b->wire[0].port_id;
    struct rte_mbuf *m[WIRE_BURST];
    const unsigned n = rte_eth_rx_burst(port, (uint16_t)w, m, WIRE_BURST);

    (void)now_us;
    for (unsigned i = 0; i < n; i++) {
        if (i + SWAP_AHEAD < n)
            rte_prefetch0(rte_pktmbuf_mtod(m[i + SWAP_AHEAD], void *));
        frame_swap_macs(m[i]);
    }
    for (unsigned sent = 0; sent < n;)
        sent += rte_eth_tx_burst(port, (uint16_t)w, m + sent, (uint16_t)(n - sent));
    return n;
}

unsigned nat_turn(void *self, unsigned w, uint64_t now_us)
{
    const struct bench *b = self;
    const uint16_t port = (uint16_t)b->wire[0].port_id;
    struct rte_mbuf *m[WIRE_BURST];
    const unsigned n = rte_eth_rx_burst(port, (uint16_t)w, m, WIRE_BURST);

    nat_burst(w, m, n, (uint32_t)now_us);
    for (unsigned sent = 0; sent < n;)
        sent += rte_eth_tx_burst(port, (uint16_t)w, m + sent, (uint16_t)(n - sent));
    return n;
}

static int run_pipe(struct bench *b, struct load *load, struct feed *const *feeds)
{
    struct bench_clock clock = { 0 };
    struct pipe pipe = { .bench = b, .feed = feeds[0], .load = load, .clock = &clock,
                         .pace = PIPE_FULL, .warm_s = pipe_warm_s(b->options.seconds),
                         .seconds = b->options.seconds, .least_packets = PIPE_LEAST_PACKETS };

    return pipe_run(&pipe);
}

static int run_twin(struct bench *b, struct load *load, struct feed *const *feeds)
{
    struct twin twin = { .bench = b, .load = load, .feed = { feeds[0], feeds[1] },
                         .n_workers = b->n_workers, .warm_s = pipe_warm_s(b->options.seconds),
                         .seconds = b->options.seconds };
    const int error = twin_run(&twin);

    if (b->n_workers > 1)
        measure_merge(&measures[0], &measures[1]);
    return error;
}

static int measure_one_port(struct bench *b, struct report *r,
                            unsigned (*turn)(void *, unsigned, uint64_t))
{
    struct load load = { .self = b, .n_ports = 1, .full = { WIRE_BURST }, .fill = nat_fill,
                         .turn = turn, .measure = { &measures[0], &measures[1] } };
    struct feed *feeds[WIRE_WORKERS] = { NULL };
    const bool self_fed = b->n_workers > 1 || b->options.self_fed != 0;

    for (unsigned w = 0; w < b->n_workers; w++) {
        feeds[w] = feed_create(b, w);
        if (!feeds[w])
            return -1;
    }
    if (self_fed ? run_twin(b, &load, feeds) : run_pipe(b, &load, feeds))
        return -1;
    result_packets(r, feeds, b->n_workers);
    return result_cycles(r, b, &measures[0]);
}

int io_run(struct bench *b, struct report *r)
{
    return nat_setup(b) ? -1 : measure_one_port(b, r, io_turn);
}

int macswap_run(struct bench *b, struct report *r)
{
    return nat_setup(b) ? -1 : measure_one_port(b, r, macswap_turn);
}

int nat_run(struct bench *b, struct report *r)
{
    if (nat_setup(b) || measure_one_port(b, r, nat_turn))
        return -1;
    report_count(r, "rewritten", nat_rewritten(b));
    return 0;
}
