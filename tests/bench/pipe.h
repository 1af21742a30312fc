/* pipe.h - the generator on the main lcore, worker 0 on the other, rings between them. */
#ifndef DPVS_BENCH_PIPE_H
#define DPVS_BENCH_PIPE_H

#include "feed.h"

/* The worker's clock: the machine's, or one that moves with the packets, so that as many
 * connections end as begin whatever the machine does. */
struct bench_clock {
    uint64_t ns_per_packet;     /* 0: the machine's */
    uint64_t base_us, n_packets; /* else: where it started, and packets since */
};

static inline uint64_t bench_clock_us(const struct bench_clock *c, uint64_t tsc,
                                      uint64_t cycles_per_us)
{
    return c->ns_per_packet ? c->base_us + c->n_packets * c->ns_per_packet / 1000
                            : tsc / cycles_per_us;
}

/* On a machine so busy that the two lcores hardly run together, a short run counts some bursts
 * all the same. */
enum { PIPE_LEAST_PACKETS = 16384, PIPE_WARM_MS = 500 };

/* So long before anything is counted, in a run of so many seconds. */
static inline double pipe_warm_s(double seconds)
{
    return RTE_MIN(seconds / 2, PIPE_WARM_MS / 1000.0);
}

enum pipe_pace {
    PIPE_FULL,                  /* a turn waits for full bursts; others are not counted */
    PIPE_WINDOW,                /* waits for them, but every turn is counted (measure.h) */
    PIPE_FREE,                  /* as a worker does: never waits, nothing is counted */
};

struct pipe {
    struct bench *bench;
    struct feed *feed;
    struct load *load;
    struct bench_clock *clock;  /* read at the start, written back at the end */
    enum pipe_pace pace;
    double warm_s, seconds;
    uint64_t warm_packets, least_packets; /* and so many sent in each of these, at least */
    /* What the generator does in its loop; NULL: feed all ports as fast as they take it. */
    void (*generate)(struct pipe *pipe, uint64_t tsc);
    void *generator;            /* its own state */
    /* between the lcores, atomic: on a line that nobody writes meanwhile */
    int paced __rte_cache_aligned;
    int counted, stop;
} __rte_cache_aligned;

/* Run for warm_s + seconds or longer, then until nothing is in flight. 0, or -1: packets did not
 * come out (feed->n_sent and n_back tell how many). */
int pipe_run(struct pipe *pipe);

#endif
