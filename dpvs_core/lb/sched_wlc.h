/* sched_wlc.h - what weighted least connection must hear of. */
#ifndef DPVS_LB_SCHED_WLC_H
#define DPVS_LB_SCHED_WLC_H

struct dest_count;
struct worker;

/* The counters have changed, and their seat is of the worker's present set of services. */
void wlc_load_changed(struct worker *w, struct dest_count *count);

#endif
