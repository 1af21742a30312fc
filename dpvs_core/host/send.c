/* send.c - the host thread's only way out: a worker's ring, control or bulk. */
#include "host/state.h"

/* The n-th worker with a transmit queue, n = hash modulo their number; -1: nobody has one. */
static int sender(const struct core *core, uint16_t dev, uint32_t flow_hash)
{
    const int16_t *txq = core->device[dev].txq;
    uint32_t n = 0;

    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        n += txq[w] >= 0;
    if (!n)
        return -1;
    n = flow_hash % n;
    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        if (txq[w] >= 0 && n-- == 0)
            return (int)w;
    return -1;
}

void host_hand_back(struct host *host, struct rte_mbuf *m, uint32_t flow_hash)
{
    struct pkt_meta *meta = pkt_meta(m);
    const int w = sender(host->core, meta->dev, flow_hash);

    meta->job = JOB_UNREACHED;
    if (w < 0 || rte_ring_sp_enqueue(host->core->from_host[w][CLASS_BULK], m))
        pkt_free(&host->core->env, m); /* nobody is told */
}

void host_send(struct host *host, struct rte_mbuf *m, uint16_t dev, enum host_class class,
               uint32_t flow_hash)
{
    const int w = sender(host->core, dev, flow_hash);

    *pkt_meta(m) = (struct pkt_meta){ .job = JOB_TRANSMIT, .dev = dev };
    if (w < 0 || rte_ring_sp_enqueue(host->core->from_host[w][class], m))
        host_drop(host, m, V_DROP_PEER_RING);
}

void host_send_ip6(struct host *host, struct rte_mbuf *m, uint16_t dev)
{
    const struct ip6_header *ip = rte_pktmbuf_mtod_offset(m, const struct ip6_header *,
                                                          ETH_HDR_BYTES);

    ip6_count_made(host->ip6_counts, ip->dst, rte_pktmbuf_data_len(m) - (uint32_t)ETH_HDR_BYTES,
                   V_FROM_HOST);
    host_send(host, m, dev, CLASS_CONTROL, 0);
}
