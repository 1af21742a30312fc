/* sched.h - which dest gets a new connection: one row a scheduler.
 *
 * pick() reserves the connection's place below the dest's threshold. What follows is either
 * sched_load_changed(), after the worker's counters of the dest have gone up, or sched_undo();
 * between the two the worker makes and ends nothing else on that dest.
 */
#ifndef DPVS_LB_SCHED_H
#define DPVS_LB_SCHED_H

#include <stdbool.h>

#include "lb/service.h"

struct worker;

struct sched_ops {
    const char *name;
    /* Prepare a service that is being built; false: no memory. May be NULL. */
    bool (*prepare)(struct core *core, struct service *s);
    /* Give back what prepare made (service.plan). May be NULL. */
    void (*release)(struct core *core, struct service *s);
    /* NULL: no dest with weight and below its threshold. */
    const struct dest *(*pick)(struct worker *w, const struct service *s);
    /* Whom pick would probably give now; NULL: nobody, or it would take long to say. May be NULL. */
    const struct dest *(*turn)(const struct service *s);
};

extern const struct sched_ops sched_rr, sched_wrr, sched_wlc;
extern const struct sched_ops *const sched_table[CORE_N_SCHEDS];

/* A connection of the dest was made, ended, or became active or inactive: the worker's counters of
 * the dest have changed just now. */
void sched_load_changed(struct worker *w, uint32_t dest_id);
/* The connection for which the dest was picked could not be made. */
void sched_undo(struct worker *w, const struct dest *d);

/* Of a service whose dests were all found full: not looked at again in this step of the worker, so
 * that a flood towards it costs one look at every dest a step, not one a packet. */
bool sched_known_full(const struct worker *w, const struct service *s);
void sched_note_full(struct worker *w, const struct service *s);

#endif
