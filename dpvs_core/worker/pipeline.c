/* pipeline.c - the way of a packet, as two visible lists.
 *
 * Fast path (fast.c): parse and hash all, prefetch buckets; match tags, prefetch connections;
 * compare, rewrite, transmit. It decides packets of known connections.
 * Owners (redirect.c): what the fast path could read, but another worker owns, goes there as it is.
 * Ahead (ahead.c): what the others will wait for is fetched for all of them.
 * Slow stages, for every other packet, in this order: each returns a verdict, or V_CONTINUE.
 */
#include "worker/pipeline.h"

#include "lb/life.h"
#include "worker/fragment.h"

static stage_fn *const slow_stages[] = {
    stage_link,                 /* for this station? ARP, foreign protocols */
    stage_ip,                   /* header, checksum, multicast */
    stage_icmp_related,         /* ICMP errors about connections */
    stage_fragment,             /* of balanced packets: whose, and after the first one */
    stage_balance,              /* owner, services, new connections */
    stage_local,                /* our addresses: echo, the kernel's packets */
    stage_transit,              /* routed on, or to the kernel */
};

static void slow_path(struct worker *w, struct pkt *p)
{
    enum verdict v = V_CONTINUE;

    for (unsigned i = 0; v == V_CONTINUE; i++)
        v = slow_stages[i](w, p); /* the last one always decides */
    if (unlikely(p->flags & PKT_COUNT6))
        ip6_count_judged(w->ip6_counts, p->l3_len, v);
    finish(w, p, v);
}

/* Fragments whose first one has come follow it. */
static void slow_fragments(struct worker *w)
{
    struct pkt p;

    while (fragment_next(w, &p))
        slow_path(w, &p);
}

void pipeline(struct worker *w, struct pkt *pkts, unsigned n)
{
    const struct service *service[BURST];
    bool knows;

    n = fast_path(w, pkts, n);
    n = redirect(w, pkts, n);
    if (likely(!n))
        return;
    knows = fetch_ahead(w, pkts, n, service);
    for (unsigned i = 0; i < n; i++) {
        w->likely_service = knows ? service[i] : NULL;
        slow_path(w, &pkts[i]);
        if (unlikely(pkts[i].flags & PKT_FRAGMENT))
            slow_fragments(w);
    }
    conn_index_begun(w);
    w->likely_service = NULL;   /* it may be gone in the next turn */
}
