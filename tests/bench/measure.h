/* measure.h - cycles a packet, as a distribution over bursts: preemption moves the tail only.
 *
 * Where not every turn costs the same (connections end in clumps) a sample is a window of so many
 * packets, all their turns added up, but for turns that no work explains: there the kernel ran
 * something else.
 */
#ifndef DPVS_BENCH_MEASURE_H
#define DPVS_BENCH_MEASURE_H

#include <stdint.h>

enum { MEASURE_BINS = 32768, MEASURE_PREEMPTED_CYCLES = 1000000 };

struct measure {
    uint64_t bin[MEASURE_BINS]; /* by cycles a packet; the last holds all above */
    uint64_t n_bursts, n_packets;
    uint64_t window_packets;    /* 0: every burst is a sample */
    uint64_t open_cycles, open_packets; /* of the window that is not full yet */
    uint64_t n_preempted;       /* turns left out of windows */
};

static inline void measure_sample(struct measure *m, uint64_t cycles, uint64_t n_packets)
{
    const uint64_t each = cycles / n_packets;

    m->bin[each < MEASURE_BINS ? each : MEASURE_BINS - 1]++;
    m->n_bursts++;
    m->n_packets += n_packets;
}

/* A turn of so many cycles; without packets only where there is a window. */
static inline void measure_add(struct measure *m, uint64_t cycles, unsigned n_packets)
{
    if (m->window_packets && cycles > MEASURE_PREEMPTED_CYCLES) {
        m->n_preempted++;
        return;
    }
    m->open_cycles += cycles;
    m->open_packets += n_packets;
    if (!m->open_packets || m->open_packets < m->window_packets)
        return;
    measure_sample(m, m->open_cycles, m->open_packets);
    m->open_cycles = m->open_packets = 0;
}

static inline void measure_merge(struct measure *into, const struct measure *from)
{
    for (unsigned i = 0; i < MEASURE_BINS; i++)
        into->bin[i] += from->bin[i];
    into->n_bursts += from->n_bursts;
    into->n_packets += from->n_packets;
    into->n_preempted += from->n_preempted;
}

/* Cycles a packet below which `pct` percent of the samples were; 0: there are none. */
static inline double measure_percentile(const struct measure *m, double pct)
{
    uint64_t seen = 0;

    for (unsigned i = 0; m->n_bursts && i < MEASURE_BINS; i++) {
        seen += m->bin[i];
        if ((double)seen >= (double)m->n_bursts * pct / 100)
            return i + 0.5;
    }
    return m->n_bursts ? MEASURE_BINS : 0;
}

#endif
