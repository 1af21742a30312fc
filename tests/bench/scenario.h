/* scenario.h - what the measured lcore does with a burst, and what the generator sends it. */
#ifndef DPVS_BENCH_SCENARIO_H
#define DPVS_BENCH_SCENARIO_H

#include <stdint.h>

#include "wire.h"

struct bench {
    uint32_t n_flows;
    struct wire wire[WIRE_PORTS];
    struct rte_mempool *pool;
    uint64_t hz;
};

struct scenario {
    const char *name;
    unsigned n_ports;           /* that the generator feeds, 1 or 2 */
    /* Tables and ports; 0, or -1 and a message on stderr. */
    int (*setup)(struct bench *b);
    /* Once both lcores run: make connections and the like, from the generator's side. */
    int (*warm)(struct bench *b);
    /* Write the header of a packet of flow i into a frame for port p. */
    void (*fill)(const struct bench *b, uint8_t *frame, unsigned p, uint32_t flow);
    /* One turn of the measured lcore: receive, work, send; the number of packets. */
    unsigned (*turn)(struct bench *b, uint64_t now_us);
};

extern const struct scenario scenario_io, scenario_macswap, scenario_nat, scenario_fnat;

#endif
