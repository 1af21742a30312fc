/* fragment.h - fragments of balanced packets: whose they are, and after the first one. */
#ifndef DPVS_WORKER_FRAGMENT_H
#define DPVS_WORKER_FRAGMENT_H

#include "lb/frag_table.h"
#include "pkt/pkt.h"
#include "worker/worker.h"

struct conn_side;

/* An identification that no other worker gives, for the packets that are sent from here. */
static inline uint32_t fragment_id(struct worker *w)
{
    return w->frags->next_id++ * w->core->conf.n_workers + w->id;
}

/* A fragment is about to be forwarded from this side: its identification is replaced where its
 * addresses will be. */
void fragment_renumber(const struct conn_side *in, struct pkt *p);
/* Its identification becomes one of ours, the same for all fragments of its packet. */
void fragment_set_id(struct pkt *p);
/* The next fragment that need not wait any more, as if it had just been received; false: none. */
bool fragment_next(struct worker *w, struct pkt *p);

unsigned fragments_drop_expired(struct worker *w);

/* Drop what has waited for too long, a bounded number; returns how many. */
static inline unsigned fragments_expire_some(struct worker *w)
{
    return unlikely(w->frags->n_waiting) ? fragments_drop_expired(w) : 0;
}

#endif
