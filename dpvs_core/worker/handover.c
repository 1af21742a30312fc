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

enum verdict handover_to_worker(struct worker *w, struct pkt *p, uint32_t to)
{
    *pkt_meta(p->m) = (struct pkt_meta){ .job = JOB_RECEIVE, .dev = p->dev };
    if (rte_ring_sp_enqueue(w->core->peer[w->id][to], p->m))
        return V_DROP_PEER_RING;
    w->stats.redirected++;
    return V_REDIRECTED;
}

void handover_to_sender(struct worker *w, uint16_t dev, struct rte_mbuf *m)
{
    const struct core *core = w->core;
    uint32_t to = 0;

    while (to < core->conf.n_workers && core->device[dev].txq[to] < 0)
        to++;
    *pkt_meta(m) = (struct pkt_meta){ .job = JOB_TRANSMIT, .dev = dev };
    if (to == core->conf.n_workers || rte_ring_sp_enqueue(core->peer[w->id][to], m)) {
        pkt_free(&w->core->env, m);
        worker_count(w, V_DROP_PEER_RING);
    }
}
