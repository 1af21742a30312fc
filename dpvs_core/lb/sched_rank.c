/* sched_rank.c - building the tree of sched_rank.h. */
#include "lb/sched_rank.h"

static uint32_t levels(uint32_t n)
{
    uint32_t n_levels = 0;

    while (1u << n_levels < n)
        n_levels++;
    return n_levels;
}

size_t rank_bytes(uint32_t n)
{
    return index_bytes(n, (size_t)n * levels(n));
}

/* The node of the numbers from `start` to before `end`, split by a bit. */
static void split(const struct rank *rank, uint32_t level, uint32_t start, uint32_t end,
                  const uint32_t *from, uint32_t *to)
{
    uint32_t low = start, high = start + (1u << level);

    for (uint32_t i = start; i < end; i++) {
        if (from[i] >> level & 1)
            to[high++] = from[i];
        else
            to[low++] = from[i];
        index_set(&rank->lower, (size_t)level * rank->n + i, low - start);
    }
}

struct rank rank_build(uint32_t n, uint32_t *order, uint32_t *spare, void *memory)
{
    const struct rank rank = { .n = n, .n_levels = levels(n), .lower = index_array(n, memory) };

    for (uint32_t level = rank.n_levels; level-- > 0;) {
        const uint64_t width = 2ull << level;
        uint32_t *swap = order;

        for (uint64_t start = 0; start < n; start += width)
            split(&rank, level, (uint32_t)start,
                  start + width < n ? (uint32_t)(start + width) : n, order, spare);
        order = spare;
        spare = swap;
    }
    return rank;
}

uint32_t rank_below(const struct rank *rank, uint32_t m, uint32_t number)
{
    uint32_t v = 0, below = 0;

    for (uint32_t level = rank->n_levels; m && level-- > 0;) {
        const uint32_t z = index_get(&rank->lower, (size_t)level * rank->n + v + m - 1);

        if (number >> level & 1) {
            below += z;
            m -= z;
            v += 1u << level;
        } else {
            m = z;
        }
    }
    return below;
}
