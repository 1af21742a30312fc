/* shuffle.h - all flows in an order that looks random, again and again, each time another.
 *
 * x -> x * odd + offset is a permutation of the numbers below a power of two; those beyond the
 * last flow are left out. So no flow waits longer than two rounds, and nothing is stored.
 */
#ifndef DPVS_BENCH_SHUFFLE_H
#define DPVS_BENCH_SHUFFLE_H

#include <stdint.h>

#include <rte_common.h>

#include "rng.h"

struct shuffle {
    struct rng rng;
    uint32_t n, mask, at;
    uint32_t factor, offset;
    uint32_t n_rounds;          /* begun */
};

static inline struct shuffle shuffle_of(uint32_t n)
{
    return (struct shuffle){ .rng = rng_of(1), .n = n, .mask = rte_align32pow2(n) - 1,
                             .factor = 1 };
}

static inline uint32_t shuffle_next(struct shuffle *s)
{
    for (;;) {
        const uint32_t x = s->at++ & s->mask;
        uint32_t i;

        if (x == 0) {
            s->factor = rng_below(&s->rng, UINT32_MAX) | 1;
            s->offset = rng_below(&s->rng, UINT32_MAX);
            s->n_rounds++;
        }
        i = (x * s->factor + s->offset) & s->mask;
        if (i < s->n)
            return i;
    }
}

#endif
