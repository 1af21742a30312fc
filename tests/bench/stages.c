/* stages.c - where the cycles of an FNAT packet go: the fast path cut off ever later.
 *
 * The prefixes take turns, a hundred turns each, on the same load; a stage's share is the
 * difference of two medians. Packets of a cut path go back untimed.
 */
#include "stages.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "established.h"
#include "pipe.h"
#include "pkt/headers.h"
#include "result.h"
#include "stage_prefix.h"

enum { TURNS_A_STAGE = 100, HEADROOM_CONNS = 1024,
       LEAST_PACKETS = 4 * N_STAGES * TURNS_A_STAGE * WIRE_PORTS * WIRE_BURST };

struct stages {
    struct established base;    /* first: established.c's functions get the same pointer */
    struct bench *bench;
    struct load load;
    uint32_t n_turns;
    enum stage now;
    struct rte_mbuf *held[WIRE_PORTS][WIRE_BURST]; /* of a cut turn, by the port they came from */
    unsigned n_held[WIRE_PORTS];
};

static_assert(offsetof(struct stages, base) == 0, "a pointer to stages is one to its base");

static struct stages stages;
static struct measure measures[N_STAGES];

static unsigned stages_turn(void *self, unsigned w, uint64_t now_us)
{
    struct stages *s = self;
    struct worker *worker = s->base.director.core->worker[w];
    unsigned total = 0;

    if (s->now == STAGE_ALL)
        return director_turn(&s->base.director, w, now_us);
    for (unsigned dev = 0; dev < WIRE_PORTS; dev++) {
        s->n_held[dev] = stage_prefix(worker, dev, s->now, s->held[dev]);
        total += s->n_held[dev];
    }
    return total;
}

static void stages_after(void *self, unsigned w)
{
    struct stages *s = self;

    for (unsigned dev = 0; dev < WIRE_PORTS; dev++) {
        struct rte_ring *ring = s->bench->wire[1 - dev].from_dut[w];
        unsigned sent = 0;

        while (sent < s->n_held[dev])
            sent += rte_ring_sp_enqueue_burst(ring, (void **)(s->held[dev] + sent),
                                              s->n_held[dev] - sent, NULL);
        s->n_held[dev] = 0;
    }
    if (++s->n_turns % TURNS_A_STAGE == 0) {
        s->now = (s->now + 1) % N_STAGES;
        s->load.measure[0] = &measures[s->now];
    }
}

static void report_stages(struct report *r)
{
    double before = 0;

    report_list(r, "stages");
    for (unsigned i = 0; i < N_STAGES; i++) {
        const double upto = measure_percentile(&measures[i], 50);

        report_open(r);
        report_word(r, "stage", stage_names[i]);
        report_number(r, "cycles", upto - before);
        report_number(r, "cumulative", upto);
        report_close(r);
        before = upto;
    }
    report_list_end(r);
}

int stages_run(struct bench *b, struct report *r)
{
    const struct director_conf conf = { .af = 4, .proto = PROTO_UDP,
                                        .n_conns = b->n_flows + HEADROOM_CONNS };
    struct bench_clock clock = { 0 };
    struct pipe pipe = { .bench = b, .load = &stages.load, .clock = &clock, .pace = PIPE_FULL,
                         .warm_s = b->options.seconds / 4, .seconds = b->options.seconds,
                         .least_packets = LEAST_PACKETS };

    if (established_setup(&stages.base, b, &conf))
        return -1;
    stages.bench = b;
    stages.load = established_load(&stages.base, measures);
    stages.load.self = &stages;
    stages.load.turn = stages_turn;
    stages.load.after = stages_after;
    pipe.feed = stages.base.feed[0];
    if (pipe_run(&pipe))
        return -1;
    for (unsigned i = 0; i < N_STAGES; i++)
        if (!measures[i].n_bursts) {
            fprintf(stderr, "no full burst up to \"%s\" was measured: longer\n", stage_names[i]);
            return -1;
        }
    if (result_cycles(r, b, &measures[STAGE_ALL]))
        return -1;
    report_stages(r);
    return established_report(&stages.base, b, r);
}
