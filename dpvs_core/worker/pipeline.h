/* pipeline.h - the two ways of a packet through a worker. */
#ifndef DPVS_WORKER_PIPELINE_H
#define DPVS_WORKER_PIPELINE_H

#include "pkt/pkt.h"
#include "worker/worker.h"

struct conn;
struct conn_side;
struct service;

typedef enum verdict stage_fn(struct worker *w, struct pkt *p);

/* What became of a packet. */
static inline void finish(struct worker *w, struct pkt *p, enum verdict v)
{
    worker_count(w, v);
    if (unlikely(verdict_is_drop(v))) {
        pkt_free(&w->core->env, p->m);
        w->stats.dropped++;
    }
}

/* The fast path: packets of known connections, a burst at a time, received by one device, or
 * handed over by one worker. Handled packets are counted and gone; the others are moved to the
 * front of `pkts`, their number returned. */
unsigned fast_path(struct worker *w, struct pkt *pkts, unsigned n);
/* The side of a connection that p arrived from, or NULL; a SYN where a connection is closing ends
 * that one and belongs to none. */
struct conn_side *conn_of(struct worker *w, const struct pkt *p);
/* One packet that arrived from this side of a connection. */
enum verdict conn_packet(struct worker *w, struct conn_side *in, struct pkt *p);

/* The one for which a connection was just made. */
enum verdict conn_first_packet(struct worker *w, struct conn *c, struct pkt *p);

/* Before the slow stages get these packets, one by one: true, and in service[i] what pkts[i] is
 * probably for, or NULL; false: few services, nothing is worth it. */
bool fetch_ahead(const struct worker *w, const struct pkt *pkts, unsigned n,
                 const struct service **service);

stage_fn stage_link, stage_ip, stage_icmp_related, stage_fragment, stage_balance, stage_local,
    stage_transit;

/* Of packets that the table did not know: those that another worker owns are handed to it and
 * counted; the others are moved to the front, their number returned. */
unsigned redirect(struct worker *w, struct pkt *pkts, unsigned n);

/* A burst received by one device, or handed over by one worker (m, dev and flags are set; of what
 * was read there, af and hash): fast path, owners, then the slow stages for what is left. */
void pipeline(struct worker *w, struct pkt *pkts, unsigned n);

#endif
