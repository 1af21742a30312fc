/* load.h - what is sent to the measured worker, and its turn that is timed. */
#ifndef DPVS_BENCH_LOAD_H
#define DPVS_BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "measure.h"
#include "wire.h"

/* Not full after so long: the turn is taken all the same (the generator may have been preempted,
 * or have nothing more to send). */
enum { LOAD_PATIENCE_US = 50 };

struct load {
    void *self;
    unsigned n_ports;           /* fed: 0 to n_ports - 1 */
    uint16_t full[WIRE_PORTS];  /* packets that must wait at a port before a timed turn */
    /* Write a packet for port p of worker w; false: there is none now. */
    bool (*fill)(void *self, struct rte_mbuf *m, unsigned p, unsigned w);
    /* A packet came out of port p of worker w. NULL: nobody asks. */
    void (*took)(void *self, struct rte_mbuf *m, unsigned p, unsigned w);
    /* One turn of worker w: receive, work, send; packets that came in by its ports. */
    unsigned (*turn)(void *self, unsigned w, uint64_t now_us);
    /* After each turn, outside the timed part. NULL: nothing. */
    void (*after)(void *self, unsigned w);
    struct measure *measure[WIRE_WORKERS]; /* where a worker's next turn is added */
} __rte_cache_aligned;

static inline unsigned load_full_packets(const struct load *load)
{
    unsigned n = 0;

    for (unsigned p = 0; p < load->n_ports; p++)
        n += load->full[p];
    return n;
}

#endif
