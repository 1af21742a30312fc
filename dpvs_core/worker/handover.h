/* handover.h - packets that another thread goes on with: the host thread, or another worker.
 *
 * What goes to a worker is collected and put on its ring when a burst is full and at the end of
 * the turn. The ring's free slots are counted down here and asked for again only when the count is
 * used up, so that a packet that finds no room is known, and counted, when it is handed over.
 */
#ifndef DPVS_WORKER_HANDOVER_H
#define DPVS_WORKER_HANDOVER_H

#include "pkt/pkt.h"
#include "worker/worker.h"

/* meta is filled; `ok` if the ring took it, else the drop that says which ring was full. */
enum verdict handover_to_host(struct worker *w, struct rte_mbuf *m, enum host_class class,
                              enum verdict ok);
/* For Linux: by class, bulk policed. */
enum verdict handover_to_kernel(struct worker *w, struct pkt *p);
/* This worker has no transmit queue on the device: a worker that has sends it. */
void handover_to_sender(struct worker *w, uint16_t dev, struct rte_mbuf *m);
/* So many packets of this worker's own, for any devices, would all reach those that send them. */
bool handover_has_room(struct worker *w, uint32_t n);
/* What is collected goes onto the rings. */
void handover_flush(struct worker *w);

/* --- between workers ------------------------------------------------------------------------- */

void handover_flush_peer(struct worker *w, uint32_t to);
/* How much the ring takes beside what is collected. */
void handover_count_room(struct worker *w, uint32_t to);

/* False: the ring is full. */
static inline bool handover_put(struct worker *w, uint32_t to, struct handed packet)
{
    struct peer_buffer *b = &w->peer[to];

    if (unlikely(!b->n_free)) {
        handover_count_room(w, to);
        if (!b->n_free)
            return false;
    }
    b->n_free--;
    b->out[b->n++] = packet;
    w->peers_waiting |= 1ull << to;
    if (unlikely(b->n == BURST))
        handover_flush_peer(w, to);
    return true;
}

/* To the owner of its flow group, once. */
static inline enum verdict handover_to_worker(struct worker *w, const struct pkt *p, uint32_t to)
{
    const struct handed handed = {
        .m = p->m, .hash = p->hash, .dev = (uint8_t)p->dev,
        .frame_at = (uint16_t)((uintptr_t)p->l3 - ETH_HDR_BYTES - (uintptr_t)p->m),
        .as = p->flags & PKT_READ ? p->af : HANDED_UNREAD,
    };

    if (unlikely(!handover_put(w, to, handed)))
        return V_DROP_PEER_RING;
    w->stats.redirected++;
    return V_REDIRECTED;
}

/* The other end: what worker `from` has handed over, at most BURST. */
static inline unsigned handover_take(struct worker *w, uint32_t from, struct handed *out)
{
    return rte_ring_sc_dequeue_burst_elem(w->core->peer[from][w->id], out, sizeof(*out), BURST,
                                          NULL);
}

#endif
