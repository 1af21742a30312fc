/* tcp_crr.c - TCP connect, request, response, close: eight packets, and the end of the timers.
 *
 * First all connections are made and their packets timed as they stand, which gives the cost of
 * eight packets. Then each is closed and begun again from the next client port, for ever, in
 * random order: --flows are open and as many wait in TIME_WAIT. A connection's whole cost is
 * that of eight packets of this mixture, expiry and freeing included.
 */
#include "tcp_crr.h"

#include <stdio.h>

#include <rte_cycles.h>

#include "established.h"
#include "pipe.h"
#include "pkt/headers.h"
#include "queue.h"
#include "result.h"
#include "shuffle.h"
#include "turnover.h"

enum {
    TRIES = 16,                 /* flows looked at for one whose turn it is */
    ON_ITS_WAY = 0x80,          /* beside the step: its packet has not come out yet */
    STEP = 0x7f, READY = 64,
    TIME_WAIT_SHARE = 2,        /* connections in the table for one open: itself and one waiting */
    HEADROOM_PCT = 25, WARM_ROUNDS = 3, LEAST_FLOWS = 64,
    FULL_SERVER_BURST = WIRE_BURST / 2, /* three packets of eight come from servers */
};

struct crr {
    struct established base;
    struct shuffle order __rte_cache_aligned;
    struct queue ready[2];      /* whose turn it was, by the side that sends */
    uint64_t n_begun, n_over, n_strays;
};

static struct crr crr;
static struct measure standing[WIRE_WORKERS], whole[WIRE_WORKERS];

/* Each round moves every flow by a step: they begin in different rounds, or all would be at the
 * same step for ever. */
static bool begins_later(const struct crr *c, uint32_t i)
{
    return c->order.n_rounds <= i % TALK_CLOSE_STEPS;
}

/* A flow whose turn it is and which the other side is to speak for waits for that side. */
static bool next_of(struct crr *c, unsigned p, uint32_t *out)
{
    struct flow *flow = c->base.flows.flow;

    if (queue_count(&c->ready[p])) {
        *out = queue_take(&c->ready[p]);
        return true;
    }
    for (unsigned tries = 0; tries < TRIES && queue_count(&c->ready[1 - p]) < READY; tries++) {
        const uint32_t i = shuffle_next(&c->order);

        if (flow[i].step & ON_ITS_WAY || begins_later(c, i))
            continue;
        flow[i].step |= ON_ITS_WAY;
        if (talk_close[flow[i].step & STEP].from == p) {
            *out = i;
            return true;
        }
        queue_put(&c->ready[1 - p], i);
    }
    return false;
}

static bool crr_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct crr *c = self;
    uint8_t step;
    uint32_t i;

    (void)w;
    if (!next_of(c, p, &i))
        return false;
    step = c->base.flows.flow[i].step & STEP;
    flows_write(&c->base.flows, m, i, &talk_close[step]);
    c->n_begun += step == 0;
    return true;
}

static void crr_took(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct crr *c = self;
    struct frame_view view;
    struct flow *flow;
    uint8_t step;

    if (!frame_read(m, c->base.director.conf.af, PROTO_TCP, &view) ||
        view.tag >= c->base.flows.n || !(c->base.flows.flow[view.tag].step & ON_ITS_WAY)) {
        c->n_strays++;
        return;
    }
    flow = &c->base.flows.flow[view.tag];
    step = flow->step & STEP;
    if (talk_close[step].from != 1 - p) {
        c->n_strays++;
        return;
    }
    if (step == 0)
        flows_learn(&c->base.flows, view.tag, &view, w);
    flow->step = (uint8_t)(step + 1);
    if (flow->step == TALK_CLOSE_STEPS) {
        flow->step = 0;
        flow->round++;
        c->n_over++;
    }
}

static unsigned crr_turn(void *self, unsigned w, uint64_t now_us)
{
    struct crr *c = self;

    return director_turn(&c->base.director, w, now_us);
}

static int measure_standing(struct bench *b)
{
    struct load load = established_load(&crr.base, standing);
    struct bench_clock clock = { 0 };
    struct pipe pipe = { .bench = b, .feed = crr.base.feed[0], .load = &load, .clock = &clock,
                         .pace = PIPE_FULL, .warm_s = b->options.seconds / 4,
                         .seconds = b->options.seconds / 2,
                         .least_packets = PIPE_LEAST_PACKETS };

    return pipe_run(&pipe);
}

static int measure_whole(struct bench *b, struct bench_clock *clock)
{
    struct load load = { .self = &crr, .n_ports = WIRE_PORTS,
                         .full = { WIRE_BURST, FULL_SERVER_BURST }, .fill = crr_fill,
                         .took = crr_took, .turn = crr_turn, .measure = { &whole[0] } };
    struct pipe pipe = {
        .bench = b, .feed = crr.base.feed[0], .load = &load, .clock = clock, .pace = PIPE_WINDOW,
        .seconds = b->options.seconds,
        .warm_packets = (uint64_t)WARM_ROUNDS * TALK_CLOSE_STEPS * b->n_flows,
    };

    clock->ns_per_packet = turnover_ns_per_packet(b->n_flows, TALK_CLOSE_STEPS);
    clock->base_us = rte_rdtsc() / b->cycles_per_us;
    whole[0].window_packets = turnover_window(clock->ns_per_packet);
    pipe.least_packets = TURNOVER_LEAST_WINDOWS * whole[0].window_packets;
    crr.order = shuffle_of(b->n_flows);
    for (uint32_t i = 0; i < b->n_flows; i++)
        crr.base.flows.flow[i].step = TALK_CLOSE_FROM;
    crr.n_begun = b->n_flows;
    return pipe_run(&pipe);
}

int tcp_crr_run(struct bench *b, struct report *r)
{
    const struct director_conf conf = {
        .af = 4, .proto = PROTO_TCP, .timeout_s = TURNOVER_TIMEOUT_S,
        .n_conns = (uint32_t)((uint64_t)b->n_flows * TIME_WAIT_SHARE * (100 + HEADROOM_PCT) / 100)
                   + 4096,
    };
    struct bench_clock clock = { 0 };
    double each, connection;

    if (b->n_flows < LEAST_FLOWS) {
        fprintf(stderr, "tcp-crr needs at least %d flows\n", LEAST_FLOWS);
        return -1;
    }
    if (established_setup(&crr.base, b, &conf) || measure_standing(b) ||
        measure_whole(b, &clock) || result_cycles(r, b, &whole[0]))
        return -1;
    each = measure_percentile(&standing[0], 50);
    connection = TALK_CLOSE_STEPS * measure_percentile(&whole[0], 50);
    report_number(r, "established_cycles_per_packet", each);
    report_number(r, "cycles_per_connection", connection);
    report_number(r, "cycles_per_connection_beside_packets", connection - TALK_CLOSE_STEPS * each);
    report_count(r, "connections_over", crr.n_over);
    report_count(r, "strays", crr.n_strays);
    result_packets(r, crr.base.feed, 1);
    if (crr.n_strays || !standing[0].n_bursts) {
        fprintf(stderr, crr.n_strays ? "packets came out that no connection waited for\n"
                                     : "no full burst of established packets was measured\n");
        return -1;
    }
    return turnover_report(&crr.base.director, r, crr.n_begun, bench_clock_us(&clock, 0, 1));
}
