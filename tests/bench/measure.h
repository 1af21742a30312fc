/* measure.h - cycles a packet, as a distribution over bursts: preemption moves the tail only. */
#ifndef DPVS_BENCH_MEASURE_H
#define DPVS_BENCH_MEASURE_H

#include <stdint.h>

enum { MEASURE_BINS = 8192, MEASURE_BIN_CYCLES = 1 };

struct measure {
    uint64_t bin[MEASURE_BINS]; /* by cycles a packet; the last holds all above */
    uint64_t n_bursts, n_packets;
};

static inline void measure_add(struct measure *m, uint64_t cycles, unsigned n_packets)
{
    const uint64_t each = cycles / n_packets / MEASURE_BIN_CYCLES;

    m->bin[each < MEASURE_BINS ? each : MEASURE_BINS - 1]++;
    m->n_bursts++;
    m->n_packets += n_packets;
}

/* Cycles a packet below which `pct` percent of the bursts were. */
static inline double measure_percentile(const struct measure *m, double pct)
{
    uint64_t seen = 0;

    for (unsigned i = 0; i < MEASURE_BINS; i++) {
        seen += m->bin[i];
        if ((double)seen >= (double)m->n_bursts * pct / 100)
            return i + 0.5;
    }
    return MEASURE_BINS;
}

#endif
