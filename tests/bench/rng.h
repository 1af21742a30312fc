/* rng.h - which flow comes next: xorshift64, one state a generator. */
#ifndef DPVS_BENCH_RNG_H
#define DPVS_BENCH_RNG_H

#include <stdint.h>

struct rng {
    uint64_t x;
};

static inline struct rng rng_of(unsigned seed)
{
    return (struct rng){ 88172645463325252ull + seed };
}

static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
    rng->x ^= rng->x << 13;
    rng->x ^= rng->x >> 7;
    rng->x ^= rng->x << 17;
    return (uint32_t)(((rng->x >> 11 & 0xffffffff) * n) >> 32);
}

#endif
