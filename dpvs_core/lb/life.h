/* life.h - a connection's life on its worker: made for a first packet, followed, ended. */
#ifndef DPVS_LB_LIFE_H
#define DPVS_LB_LIFE_H

#include <stdbool.h>

#include "lb/conn.h"
#include "pkt/verdict.h"

struct service;
struct worker;

enum { EXPIRE_BUDGET = 64 };    /* wheel entries looked at in one turn of a worker */

/* Choose a dest, bind by its forwarding mode. V_CONTINUE and *made, or a drop. The caller indexes it
 * (conn_begun) behind its first packet, or ends it (one-packet scheduling). */
enum verdict conn_make(struct worker *w, struct pkt *p, const struct service *s,
                       struct conn **made);
/* Its first packet is out: it is indexed behind the next one's, by when the buckets that were fetched
 * for it have long come. */
void conn_begun(struct worker *w, struct conn *c);
/* Now: before the table is asked for any tuple, and at the end of a burst. */
void conn_index_begun(struct worker *w);
/* Off the table; counts, ports and thresholds given back. */
void conn_end(struct worker *w, struct conn *c);
/* End what timed out, a bounded number; returns how many. */
unsigned conn_expire_some(struct worker *w);
/* Resets to client and server, as each would accept them. */
void conn_reset_both(struct worker *w, struct conn *c);
/* The same of SCTP: an ABORT to each whose tag is known. */
void conn_abort_both(struct worker *w, struct conn *c);

void conn_set_active(struct worker *w, struct conn *c, bool active);
/* Also files the connection anew where it may now end sooner. */
void conn_set_timeout(struct worker *w, struct conn *c, uint32_t timeout_ms);

#endif
