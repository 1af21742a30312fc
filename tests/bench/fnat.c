/* fnat.c - packets of connections that stand: the shipped worker's turn; both directions of FNAT and
 * NAT and SNAT, the client's alone of DR and tunnel. */
#include "fnat.h"

#include "established.h"
#include "pipe.h"
#include "pkt/headers.h"
#include "result.h"
#include "twin.h"
#include "worker/worker.h"

enum { HEADROOM_CONNS = 1024, REDIRECT_WINDOW_PACKETS = 16 * 2 * WIRE_BURST,
       PEER_BACKLOG = 512 };

static struct established established;
static struct measure measures[WIRE_WORKERS];

static int set_up(struct bench *b, struct director_conf conf)
{
    conf.n_conns = b->n_flows + HEADROOM_CONNS;
    return established_setup(&established, b, &conf);
}

static int run_pipe(struct bench *b, struct load *load)
{
    struct bench_clock clock = { 0 };
    struct pipe pipe = { .bench = b, .feed = established.feed[0], .load = load, .clock = &clock,
                         .pace = PIPE_FULL, .warm_s = pipe_warm_s(b->options.seconds),
                         .seconds = b->options.seconds, .least_packets = PIPE_LEAST_PACKETS };

    return pipe_run(&pipe);
}

static int run_twin(struct bench *b, struct load *load,
                    enum twin_next (*next)(void *self, unsigned w))
{
    struct twin twin = { .bench = b, .load = load, .n_workers = b->n_workers,
                         .feed = { established.feed[0], established.feed[1] },
                         .warm_s = pipe_warm_s(b->options.seconds), .seconds = b->options.seconds,
                         .next = next };
    const int error = twin_run(&twin);

    if (b->n_workers > 1)
        measure_merge(&measures[0], &measures[1]);
    return error;
}

static int measure_established(struct bench *b, struct report *r, struct director_conf conf)
{
    const bool self_fed = b->n_workers > 1 || b->options.self_fed != 0;
    struct load load;

    if (set_up(b, conf))
        return -1;
    load = established_load(&established, measures);
    if (self_fed ? run_twin(b, &load, NULL) : run_pipe(b, &load))
        return -1;
    return result_cycles(r, b, &measures[0]) || established_report(&established, b, r) ? -1 : 0;
}

int fnat_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_UDP });
}

int fnat_tcp_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_TCP });
}

int fnat6_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 6, .proto = PROTO_UDP });
}

int masq_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_UDP,
                                                             .fwd = CORE_FWD_NAT });
}

int masq_tcp_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_TCP,
                                                             .fwd = CORE_FWD_NAT });
}

int snat_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_UDP,
                                                             .fwd = CORE_FWD_SNAT });
}

int nat64_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 6, .server_af = 4,
                                                             .proto = PROTO_UDP });
}

int dr_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_UDP,
                                                             .fwd = CORE_FWD_DR });
}

int tunnel_run(struct bench *b, struct report *r)
{
    return measure_established(b, r, (struct director_conf){ .af = 4, .proto = PROTO_UDP,
                                                             .fwd = CORE_FWD_TUNNEL });
}

/* No more towards a worker that has so many waiting: its lcore may be held up. */
static enum twin_next redirect_next(void *self, unsigned w)
{
    const struct core *core = ((const struct established *)self)->director.core;

    if (rte_ring_count(core->peer[w][1 - w]) < PEER_BACKLOG)
        return TWIN_FEED;
    return rte_ring_count(core->peer[1 - w][w]) ? TWIN_DRAIN : TWIN_WAIT;
}

/* Windows: a turn takes 64 packets in and hands over about as many as it gets, but not always. */
int redirect_run(struct bench *b, struct report *r)
{
    struct load load;
    uint64_t redirected = 0;

    if (set_up(b, (struct director_conf){ .af = 4, .proto = PROTO_UDP }))
        return -1;
    established.astray_per_mille = (uint32_t)(b->options.redirect_pct * 10);
    for (unsigned w = 0; w < b->n_workers; w++) {
        measures[w].window_packets = REDIRECT_WINDOW_PACKETS;
        redirected -= established.director.core->worker[w]->stats.redirected;
    }
    load = established_load(&established, measures);
    if (run_twin(b, &load, redirect_next) || result_cycles(r, b, &measures[0]))
        return -1;
    for (unsigned w = 0; w < b->n_workers; w++)
        redirected += established.director.core->worker[w]->stats.redirected;
    report_number(r, "redirect_pct", b->options.redirect_pct);
    report_count(r, "redirected", redirected);
    return established_report(&established, b, r);
}
