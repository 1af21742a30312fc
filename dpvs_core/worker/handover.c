/* handover.c - rings between threads; every one bounded, every refusal counted. */
#include "worker/handover.h"

#include "pkt/classify.h"

enum verdict handover_to_host(struct worker *w, struct rte_mbuf *m, enum host_class class,
                              enum verdict ok)
{
    struct core *core = w->core;

    if (rte_ring_sp_enqueue(core->to_host[w->id][class], m))
        return class == CLASS_CONTROL ? V_DROP_HOST_RING_CONTROL : V_DROP_HOST_RING;
    core->io->wake_host(core);
    return ok;
}

enum verdict handover_to_kernel(struct worker *w, struct pkt *p)
{
    const uint8_t *frame = rte_pktmbuf_mtod(p->m, const uint8_t *);
    const enum host_class class = pkt_class(frame, rte_pktmbuf_data_len(p->m));

    if (!w->core->device[p->dev].has_kernel || !w->settings->kernel_ports)
        return V_DROP_NO_KERNEL_PORT;
    if (class == CLASS_BULK &&
        !bucket_take(&w->kernel_bulk, w->settings->kernel_bulk_pps, w->now_us))
        return V_DROP_KERNEL_RATE;
    *pkt_meta(p->m) = (struct pkt_meta){ .job = JOB_KERNEL, .dev = p->dev };
    return handover_to_host(w, p->m, class,
                            class == CLASS_CONTROL ? V_TO_KERNEL_CONTROL : V_TO_KERNEL);
}

void handover_flush_peer(struct worker *w, uint32_t to)
{
    struct peer_buffer *b = &w->peer[to];

    /* there is room: it was counted packet by packet, and only this worker fills the ring */
    rte_ring_sp_enqueue_bulk_elem(w->core->peer[w->id][to], b->out, sizeof b->out[0], b->n, NULL);
    b->n = 0;
}

void handover_count_room(struct worker *w, uint32_t to)
{
    struct peer_buffer *b = &w->peer[to];

    b->n_free = rte_ring_free_count(w->core->peer[w->id][to]) - b->n;
}

void handover_flush(struct worker *w)
{
    for (uint64_t left = w->peers_waiting; left; left &= left - 1)
        handover_flush_peer(w, (uint32_t)__builtin_ctzll(left));
    w->peers_waiting = 0;
}

/* Worker that sends on a device for those without a queue; conf.n_workers: nobody does. */
static uint32_t sender_on(const struct core *core, uint32_t dev)
{
    uint32_t w = 0;

    while (w < core->conf.n_workers && core->device[dev].txq[w] < 0)
        w++;
    return w;
}

void handover_to_sender(struct worker *w, uint16_t dev, struct rte_mbuf *m)
{
    const uint32_t to = sender_on(w->core, dev);

    if (to < w->core->conf.n_workers &&
        handover_put(w, to, (struct handed){ .m = m, .dev = (uint8_t)dev, .as = HANDED_OUTGOING }))
        return;
    pkt_free(&w->core->env, m);
    worker_count(w, V_DROP_PEER_RING);
}

bool handover_has_room(struct worker *w, uint32_t n)
{
    for (uint32_t dev = 0; dev < w->core->n_devices; dev++) {
        const uint32_t to = w->tx[dev].has_queue ? w->core->conf.n_workers
                                                 : sender_on(w->core, dev);

        if (to == w->core->conf.n_workers || w->peer[to].n_free >= n)
            continue;
        handover_count_room(w, to);
        if (w->peer[to].n_free < n)
            return false;
    }
    return true;
}
