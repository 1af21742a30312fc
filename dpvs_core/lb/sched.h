/* sched.h - which dest gets a new connection: one row a scheduler. */
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
};

extern const struct sched_ops sched_rr, sched_wrr, sched_wlc;
extern const struct sched_ops *const sched_table[CORE_N_SCHEDS];

/* Has the dest weight, and room below its threshold? */
bool dest_usable(struct worker *w, const struct dest *d);

/* A connection of the dest was made, ended, or became active or inactive: the worker's counters of
 * the dest have changed just now. */
void sched_load_changed(struct worker *w, uint32_t dest_id);
/* A new connection counts towards the dest's threshold from here on; true: it must be given back
 * with dest_leave (CONN_LIMITED). */
bool dest_enter(struct worker *w, const struct dest *d);
void dest_leave(struct worker *w, uint32_t dest_id);

#endif
