/* latency.h - times as a histogram of whole microseconds; what took longer is in the last bin. */
#ifndef DPVS_BENCH_MEMIF_LATENCY_H
#define DPVS_BENCH_MEMIF_LATENCY_H

#include <stdint.h>

enum { LATENCY_BINS = 1 << 17 };

struct latency {
    uint64_t bin[LATENCY_BINS];
    uint64_t n, max_us;
};

static inline void latency_add(struct latency *l, uint64_t us)
{
    l->bin[us < LATENCY_BINS ? us : LATENCY_BINS - 1]++;
    l->n++;
    if (us > l->max_us)
        l->max_us = us;
}

/* The time in us that `pct` percent of the packets did not exceed; 0 if there were none. */
static inline uint64_t latency_percentile(const struct latency *l, double pct)
{
    uint64_t seen = 0;

    for (unsigned i = 0; i < LATENCY_BINS; i++) {
        seen += l->bin[i];
        if (l->n && (double)seen >= (double)l->n * pct / 100)
            return i;
    }
    return 0;
}

#endif
