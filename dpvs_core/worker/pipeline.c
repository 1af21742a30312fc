/* pipeline.c - the way of a packet, as two visible lists.
 *
 * Fast path (fast.c): parse and hash all, prefetch buckets; match tags, prefetch connections;
 * compare, rewrite, transmit. It decides packets of known connections.
 * Ahead (ahead.c): what the others will wait for is fetched for all of them.
 * Slow stages, for every other packet, in this order: each returns a verdict, or V_CONTINUE.
 */
#include "worker/pipeline.h"

static stage_fn *const slow_stages[] = {
    stage_link,                 /* for this station? ARP, foreign protocols */
    stage_ip,                   /* header, checksum, multicast */
    stage_icmp_related,         /* ICMP errors about connections */
    stage_balance,              /* owner, services, new connections */
    stage_local,                /* our addresses: echo, the kernel's packets */
    stage_transit,              /* routed on, or to the kernel */
};

static void slow_path(struct worker *w, struct pkt *p)
{
    enum verdict v = V_CONTINUE;

    for (unsigned i = 0; v == V_CONTINUE; i++)
        v = slow_stages[i](w, p); /* the last one always decides */
    worker_count(w, v);
    if (verdict_info[v].is_drop) {
        pkt_free(&w->core->env, p->m);
        w->stats.dropped++;
    }
}

void pipeline(struct worker *w, struct rte_mbuf **mbufs, unsigned n, uint16_t dev, uint8_t flags)
{
    struct pkt pkts[BURST];
    unsigned n_slow;

    for (unsigned i = 0; i < n; i++) {
        pkts[i].m = mbufs[i];
        pkts[i].dev = flags & PKT_REDIRECTED ? pkt_meta(mbufs[i])->dev : dev;
        pkts[i].flags = flags;
    }
    n_slow = fast_path(w, pkts, n);
    fetch_ahead(w, pkts, n_slow);
    for (unsigned i = 0; i < n_slow; i++)
        slow_path(w, &pkts[i]);
}
