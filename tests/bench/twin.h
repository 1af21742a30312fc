/* twin.h - each worker feeds itself from a ring of its own: the way to measure two on two CPUs.
 *
 * An lcore fills its worker's rings, untimed, then times the worker's turn on full bursts; both at
 * the same time, on one core with two workers. Headers are near then, for the reference too: the
 * ratio counts. With one worker the same wiring gives the figure that two are compared with.
 */
#ifndef DPVS_BENCH_TWIN_H
#define DPVS_BENCH_TWIN_H

#include "feed.h"

enum twin_next {
    TWIN_FEED,                  /* full bursts, and a turn */
    TWIN_DRAIN,                 /* a turn for what other workers handed over, counted too */
    TWIN_WAIT,                  /* no turn: nothing to do */
};

struct twin {
    struct bench *bench;
    struct load *load;
    struct feed *feed[WIRE_WORKERS];
    uint32_t n_workers;
    double warm_s, seconds;
    /* What worker w does next; NULL: always fed. Where workers hand packets to each other one must
     * not run away from the other. */
    enum twin_next (*next)(void *self, unsigned w);
    /* between the lcores, atomic */
    int counted __rte_cache_aligned;
    int stop, ready;
} __rte_cache_aligned;

/* As pipe_run. */
int twin_run(struct twin *twin);

#endif
