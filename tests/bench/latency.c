/* latency.c - time from send to receive at a steady rate, for FNAT and for bare NAT.
 *
 * The generator sends what is due by the clock, whatever came back (an open loop), each packet
 * with the time stamp of its sending; the worker polls as it does behind a NIC. A generator that
 * was held up sends the packets that fell due meanwhile with a later stamp and is counted late.
 */
#include "latency.h"

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "established.h"
#include "nat.h"
#include "pipe.h"
#include "pkt/headers.h"
#include "references.h"
#include "result.h"

enum {
    BINS = 65536, BIN_CYCLES = 32, HEADROOM_CONNS = 1024, LATE_PACKETS = 4 * WIRE_BURST,
};

struct latency {
    struct established base;
    struct bench *bench;
    unsigned n_ports;
    bool is_fnat;
    double cycles_per_packet;   /* of the pace */
    uint64_t began __rte_cache_aligned; /* from here on the generator writes */
    uint64_t n_due_done; /* packets that were due and dealt with */
    uint64_t n_refused;         /* due, but no room at the port: the worker cannot keep up */
    uint64_t n_late;            /* due long before: the generator was held up */
    struct rng rng;
    uint64_t bin[BINS];         /* by cycles; the last holds all above, told as the highest */
    uint64_t n, max_cycles;
};

static struct latency latency;
static struct measure unused[WIRE_WORKERS];

static void stamp(const struct rte_mbuf *m, uint64_t tsc)
{
    memcpy(frame_stamp(m, 4), &tsc, sizeof tsc);
}

static bool latency_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct latency *l = self;

    if (l->is_fnat)
        established_fill(&l->base, m, p, w);
    else
        nat_fill(NULL, m, p, w);
    stamp(m, rte_rdtsc());
    return true;
}

static void latency_took(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct latency *l = self;
    uint64_t sent, cycles;

    (void)p;
    (void)w;
    memcpy(&sent, frame_stamp(m, 4), sizeof sent);
    cycles = rte_rdtsc() - sent;
    l->bin[RTE_MIN(cycles / BIN_CYCLES, (uint64_t)BINS - 1)]++;
    l->max_cycles = RTE_MAX(l->max_cycles, cycles);
    l->n++;
}

static unsigned latency_turn(void *self, unsigned w, uint64_t now_us)
{
    struct latency *l = self;

    return l->is_fnat ? director_turn(&l->base.director, w, now_us) : nat_turn(l->bench, w, now_us);
}

/* What is due by now, each packet to a port by chance; what came back first, to be stamped soon. */
static void paced(struct pipe *pipe, uint64_t tsc)
{
    struct latency *l = pipe->generator;
    uint64_t due;

    while (feed_pull(pipe->feed, pipe->load))
        ;
    if (!l->began)
        l->began = tsc;
    due = (uint64_t)((double)(tsc - l->began) / l->cycles_per_packet);
    if (due - l->n_due_done > LATE_PACKETS)
        l->n_late += due - l->n_due_done;
    for (; l->n_due_done < due; l->n_due_done++) {
        const unsigned p = l->n_ports == 1 ? 0 : rng_below(&l->rng, l->n_ports);

        if (!feed_send(pipe->feed, pipe->load, p)) {
            l->n_refused += due - l->n_due_done;
            l->n_due_done = due;
            return;
        }
    }
}

static double percentile_us(const struct latency *l, double pct, uint64_t hz)
{
    uint64_t seen = 0;

    for (unsigned i = 0; i < BINS - 1; i++) {
        seen += l->bin[i];
        if ((double)seen >= (double)l->n * pct / 100)
            return (i + 0.5) * BIN_CYCLES * 1e6 / (double)hz;
    }
    return (double)l->max_cycles * 1e6 / (double)hz;
}

static int run_at_rate(struct bench *b, struct report *r, struct feed *feed)
{
    struct load load = { .self = &latency, .n_ports = latency.n_ports, .fill = latency_fill,
                         .took = latency_took, .turn = latency_turn, .measure = { unused } };
    struct bench_clock clock = { 0 };
    struct pipe pipe = { .bench = b, .feed = feed, .load = &load, .clock = &clock,
                         .pace = PIPE_FREE, .warm_s = 0, .seconds = b->options.seconds,
                         .generate = paced, .generator = &latency };
    const uint64_t sent_before = feed->n_sent;

    latency.bench = b;
    latency.cycles_per_packet = (double)b->hz / (b->options.rate_mpps * 1e6);
    latency.rng = rng_of(2);
    if (pipe_run(&pipe))
        return -1;
    if (!latency.n) {
        fprintf(stderr, "no packet was due within the time: longer, or a higher rate\n");
        return -1;
    }
    report_number(r, "rate_mpps", b->options.rate_mpps);
    report_number(r, "sent_mpps", (double)(feed->n_sent - sent_before) / b->options.seconds / 1e6);
    report_number(r, "p50_us", percentile_us(&latency, 50, b->hz));
    report_number(r, "p99_us", percentile_us(&latency, 99, b->hz));
    report_number(r, "max_us", (double)latency.max_cycles * 1e6 / (double)b->hz);
    report_count(r, "refused", latency.n_refused);
    report_count(r, "late", latency.n_late);
    return 0;
}

int latency_fnat_run(struct bench *b, struct report *r)
{
    const struct director_conf conf = { .af = 4, .proto = PROTO_UDP,
                                        .n_conns = b->n_flows + HEADROOM_CONNS };

    latency.is_fnat = true;
    latency.n_ports = WIRE_PORTS;
    if (established_setup(&latency.base, b, &conf) ||
        run_at_rate(b, r, latency.base.feed[0]))
        return -1;
    return established_report(&latency.base, b, r);
}

int latency_nat_run(struct bench *b, struct report *r)
{
    struct feed *feed = feed_create(b, 0);

    latency.n_ports = 1;
    if (!feed || nat_setup(b) || run_at_rate(b, r, feed))
        return -1;
    result_packets(r, &feed, 1);
    return 0;
}
