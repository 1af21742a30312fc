/* conn_setup.c - what a new connection costs: every packet is the first and only one of a flow.
 *
 * Service lookup, scheduling, local port, table, next hop, and later the expiry; --flows
 * connections wait for theirs at any time. Over many services and dests the same.
 */
#include "conn_setup.h"

#include <rte_cycles.h>

#include "frame.h"
#include "pipe.h"
#include "pkt/headers.h"
#include "result.h"
#include "rng.h"
#include "turnover.h"

enum { PORTS = 60000, FIRST_PORT = 1024, HEADROOM_PCT = 50 };

struct setup {
    struct director director;
    uint32_t n_bytes;
    struct rng rng __rte_cache_aligned; /* from here on: written for each packet */
    uint64_t n_begun;
};

static struct setup setup;
static struct measure measures[WIRE_WORKERS];

static bool setup_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct setup *s = self;
    const uint32_t service = rng_below(&s->rng, s->director.n_services);
    const uint64_t i = s->n_begun++;
    const struct frame_spec spec = {
        .af = s->director.conf.af, .proto = PROTO_UDP, .tag = (uint32_t)i, .n_bytes = s->n_bytes,
        .src = { PLACE_CLIENT, (uint32_t)(i / PORTS) }, .dst = director_vip(&s->director, service),
        .sport_be = rte_cpu_to_be_16((uint16_t)(FIRST_PORT + i % PORTS)),
        .dport_be = director_vip_port_be(service), .mac = director_mac(&s->director, 0),
    };

    (void)p;
    (void)w;
    frame_write(m, &spec);
    return true;
}

static unsigned setup_turn(void *self, unsigned w, uint64_t now_us)
{
    struct setup *s = self;

    return director_turn(&s->director, w, now_us);
}

/* Twice the time that fills the table: then as many end as begin. */
static uint64_t warm_packets(const struct bench *b)
{
    return 2ull * b->n_flows;
}

int conn_setup_run(struct bench *b, struct report *r)
{
    const struct director_conf conf = {
        .af = 4, .proto = PROTO_UDP, .timeout_s = TURNOVER_TIMEOUT_S,
        .n_conns = (uint32_t)((uint64_t)b->n_flows * (100 + HEADROOM_PCT) / 100) + 4096,
    };
    struct load load = { .self = &setup, .n_ports = 1, .full = { WIRE_BURST }, .fill = setup_fill,
                         .turn = setup_turn, .measure = { &measures[0] } };
    struct bench_clock clock = { .ns_per_packet = turnover_ns_per_packet(b->n_flows, 1) };
    struct feed *feed = feed_create(b, 0);
    struct pipe pipe = { .bench = b, .feed = feed, .load = &load, .clock = &clock,
                         .pace = PIPE_WINDOW, .seconds = b->options.seconds,
                         .warm_packets = warm_packets(b) };

    if (!feed || director_create(&setup.director, b, &conf))
        return -1;
    setup.rng = rng_of(0);
    setup.n_bytes = b->frame_bytes;
    clock.base_us = rte_rdtsc() / b->cycles_per_us;
    measures[0].window_packets = turnover_window(clock.ns_per_packet);
    pipe.least_packets = TURNOVER_LEAST_WINDOWS * measures[0].window_packets;
    if (pipe_run(&pipe) || result_cycles(r, b, &measures[0]))
        return -1;
    report_number(r, "cycles_per_connection", measure_percentile(&measures[0], 50));
    report_count(r, "services", setup.director.n_services);
    report_count(r, "dests", setup.director.n_dests);
    result_packets(r, &feed, 1);
    return turnover_report(&setup.director, r, setup.n_begun, bench_clock_us(&clock, 0, 1));
}
