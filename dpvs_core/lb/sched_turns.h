/* sched_turns.h - the order of weighted round robin as LVS has it, computed instead of written down.
 *
 * LVS passes over the list with a current weight that begins at the highest and falls by the
 * greatest common divisor; a pass serves the dests whose weight reaches it, in list order. So all
 * passes between two neighbouring weights are alike: a group of them is where it begins, how many
 * dests each pass serves and the highest pass. A turn's group is found by halving, its dest as the
 * r-th in list order among the first m by weight (sched_rank.h). Exact for weights of any size
 * (until one round is 2^31 turns: larger ones are halved, at least 1); O(n log n) to build, O(log n)
 * a turn; 12 bytes for each different weight and 2 log2(n) a dest.
 */
#ifndef DPVS_LB_SCHED_TURNS_H
#define DPVS_LB_SCHED_TURNS_H

#include "lb/sched_rank.h"
#include "lb/service.h"

struct turn_group {
    uint32_t first;             /* turn with which it begins */
    uint32_t n_served;          /* dests in each pass */
    uint32_t highest;           /* current weight of its first pass, in divisors */
};

struct turns {
    uint32_t n_turns;           /* of one round, until all begins anew */
    uint32_t n_groups;
    uint32_t divisor, shift;
    struct turn_group *group;
    struct rank by_weight;
};

struct turn {
    uint32_t pass;              /* its current weight, in divisors */
    uint32_t dest;
};

struct env;

/* NULL: no memory. Some dest has weight. Freed as one piece. */
struct turns *turns_build(struct env *env, const struct dest *dest, uint32_t n_dests);
/* A dest's passes: its weight in divisors. */
uint32_t turns_passes(const struct turns *t, const struct dest *d);
/* at < n_turns */
struct turn turns_at(const struct turns *t, uint32_t at);
/* The turn of a dest in a pass that serves it. */
uint32_t turns_find(const struct turns *t, uint32_t pass, uint32_t dest);

#endif
