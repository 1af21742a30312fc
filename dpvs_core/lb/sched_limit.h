/* sched_limit.h - upper and lower threshold of a dest, exact with any number of workers.
 *
 * A dest that ever had a threshold has its connections of all workers in one shared word
 * (core.dest_limit), taken before a connection is made: one compare-and-swap at its first packet
 * and one addition at its end. Dests without touch nothing. At the upper threshold a dest closes
 * until it is below the lower one (ipvsadm -x, -y).
 *
 * The word: connections, how many workers take part, closed. A worker takes part from its first
 * pick on, with all the connections it has by then, so a threshold set later counts older ones
 * too. Those of workers that do not take part yet are read from their own counters, and the swap
 * fails if one joined meanwhile. Connections that a worker makes in the step in which the
 * threshold is published are still without limit.
 *
 * A worker's share (dest_count.limited) is what it has in the word; limit_sync makes it what its
 * counters say, so whoever changes those counters needs to know nothing of thresholds.
 */
#ifndef DPVS_LB_SCHED_LIMIT_H
#define DPVS_LB_SCHED_LIMIT_H

#include <stdbool.h>

#include "lb/service.h"

struct worker;

/* One more connection, if there is room: the dest has an upper threshold. */
bool limit_take(struct worker *w, const struct dest *d);
/* As if it had not been taken. */
void limit_undo(struct worker *w, uint32_t dest_id);
/* Would there be room, as far as can be seen? */
bool limit_has_room(const struct worker *w, const struct dest *d);
/* The counters of a worker that takes part have changed. */
void limit_sync(struct worker *w, uint32_t dest_id);

static inline bool dest_take(struct worker *w, const struct dest *d)
{
    return !d->upper_threshold || limit_take(w, d);
}

static inline bool dest_is_open(const struct worker *w, const struct dest *d)
{
    return d->weight && (!d->upper_threshold || limit_has_room(w, d));
}

#endif
