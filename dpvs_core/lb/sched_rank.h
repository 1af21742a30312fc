/* sched_rank.h - of a permutation of 0..n-1: the r-th smallest among its first m numbers.
 *
 * A wavelet tree: at each level, numbers are split by one bit, keeping their order; a level holds,
 * for each number, how many of its node up to it went to the lower half. Because every number
 * occurs once, the node of the numbers from v on begins at place v. n * log2(n) counts of two
 * bytes; O(n log n) to build, O(log n) to ask. Memory is the caller's.
 */
#ifndef DPVS_LB_SCHED_RANK_H
#define DPVS_LB_SCHED_RANK_H

#include "lb/sched_index.h"

struct rank {
    uint32_t n, n_levels;
    struct index_array lower;   /* [n_levels][n] */
};

size_t rank_bytes(uint32_t n);
/* `order` and `spare`, n numbers each, are overwritten; memory: rank_bytes(n). */
struct rank rank_build(uint32_t n, uint32_t *order, uint32_t *spare, void *memory);

/* r < m <= n */
static inline uint32_t rank_find(const struct rank *rank, uint32_t m, uint32_t r)
{
    uint32_t v = 0;

    for (uint32_t level = rank->n_levels; level-- > 0;) {
        const uint32_t z = index_get(&rank->lower, (size_t)level * rank->n + v + m - 1);

        if (r < z) {
            m = z;
        } else {
            r -= z;
            m -= z;
            v += 1u << level;
        }
    }
    return v;
}

/* How many of the first m are smaller than `number`, which is < n. */
uint32_t rank_below(const struct rank *rank, uint32_t m, uint32_t number);

#endif
