/* scenario.h - a scenario: its name, what it takes, and the function that measures it. */
#ifndef DPVS_BENCH_SCENARIO_H
#define DPVS_BENCH_SCENARIO_H

#include <stdint.h>

#include "options.h"
#include "report.h"
#include "wire.h"

/* What every scenario finds: options, two ports, packets, the clock's rate. */
struct bench {
    struct options options;
    uint32_t n_flows, n_workers;
    uint32_t frame_bytes;       /* without the checksum that ends a frame on a wire */
    struct wire wire[WIRE_PORTS];
    struct rte_mempool *pool;
    unsigned second_lcore;      /* beside the main one */
    uint64_t hz, cycles_per_us;
};

struct scenario {
    const char *name, *help;
    uint32_t takes;             /* enum option */
    uint32_t needs;             /* of those: must be given */
    uint32_t min_workers;       /* 0: one will do */
    /* Measure and add the scenario's keys. 0, or -1 and a message on stderr. */
    int (*run)(struct bench *b, struct report *r);
};

/* In the order in which they are listed; a row without a name ends. */
extern const struct scenario scenarios[];

#endif
