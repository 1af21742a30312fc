/* waiting.c - the lists of waiting packets. O(1) a packet. */
#include "host/waiting.h"

bool waiting_has_room(const struct host *host, uint16_t id)
{
    const struct neigh_table *t = &host->neighs;

    return t->n_waiting < t->max_waiting &&
           (!id || t->neigh[id].n_waiting < host->settings->unres_queue_length);
}

void waiting_put(struct host *host, uint16_t id, struct rte_mbuf *m)
{
    struct neigh *ne = &host->neighs.neigh[id];

    pkt_meta(m)->next = NULL;
    if (ne->first)
        pkt_meta(ne->last)->next = m;
    else
        ne->first = m;
    ne->last = m;
    ne->n_waiting++;
    host->neighs.n_waiting++;
}

static struct rte_mbuf *take_first(struct host *host, uint16_t id)
{
    struct neigh *ne = &host->neighs.neigh[id];
    struct rte_mbuf *m = ne->first;

    if (m) {
        ne->first = pkt_meta(m)->next;
        ne->n_waiting--;
        host->neighs.n_waiting--;
    }
    return m;
}

/* The frame begins with the Ethernet header in front of the IP header, whatever stood there. */
void waiting_pass(struct host *host, uint16_t id, struct rte_mbuf *m)
{
    const struct nexthop *nh = &host->core->nexthops.entry[id];
    const uint16_t l3_off = pkt_meta(m)->l3_off;

    if (!nexthop_write_l2(nh, rte_pktmbuf_mtod_offset(m, uint8_t *, l3_off))) {
        host_drop(host, m, V_DROP_UNRESOLVED);
        return;
    }
    m->data_off = (uint16_t)(m->data_off + l3_off - nh->l2_len);
    m->data_len = (uint16_t)(m->data_len - l3_off + nh->l2_len);
    m->pkt_len = m->pkt_len - l3_off + nh->l2_len;
    host_send(host, m, nh->dev, CLASS_BULK, id);
}

void waiting_send(struct host *host, uint16_t id)
{
    for (struct rte_mbuf *m; (m = take_first(host, id));)
        waiting_pass(host, id, m);
}

void waiting_drop(struct host *host, uint16_t id)
{
    for (struct rte_mbuf *m; (m = take_first(host, id));) {
        host_count(host, V_DROP_UNRESOLVED);
        host_hand_back(host, m, id);
    }
}

void waiting_free(struct host *host, uint16_t id)
{
    for (struct rte_mbuf *m; (m = take_first(host, id));)
        pkt_free(&host->core->env, m);
}
