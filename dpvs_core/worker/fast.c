/* fast.c - packets of known connections, in three passes over the burst.
 *
 * Each pass touches what the one before has prefetched, so that a burst of 32 waits for memory
 * about once instead of 32 times.
 */
#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "lb/service.h"
#include "pkt/parse.h"
#include "worker/pipeline.h"

static inline enum verdict known_packet(struct worker *w, struct conn_side *in, struct pkt *p)
{
    const unsigned side = side_number(in);
    struct dest_count *count = &w->dest_count[in->dest_id];

    if (unlikely(w->core->dest_flags[in->dest_id] & DEST_CUT)) {
        conn_end(w, side_conn(in));
        return V_DROP_QUIESCED;
    }
    in->last_seen_ms = w->now_ms;
    if (unlikely(!proto_is_steady(in, p)))
        proto_of(in->proto)->track(w, in, p);
    if (side == SIDE_CLIENT) {
        count->inpkts++;
        count->inbytes += p->l3_len;
    } else {
        count->outpkts++;
        count->outbytes += p->l3_len;
    }
    return fwd_table[in->fwd]->xmit[side](w, in, p);
}

enum verdict conn_packet(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return known_packet(w, in, p);
}

/* A client may use a port again as soon as its connection is over here (LVS's conn reuse). */
static bool begins_again(const struct conn_side *in, const struct pkt *p)
{
    return side_number(in) == SIDE_CLIENT && proto_tcp.begins(p) &&
           in->state >= TCP_S_FIN_WAIT && in->state <= TCP_S_LAST_ACK;
}

static __rte_always_inline struct conn_side *side_of(struct worker *w, const struct pkt *p,
                                                     uint8_t af)
{
    struct conn_side *in = conn_table_find(w->conns, af, p->hash, &p->key);

    if (unlikely((p->tcp_flags & TCP_SYN) && in && begins_again(in, p))) {
        conn_end(w, side_conn(in));
        return NULL;
    }
    return in;
}

struct conn_side *conn_of(struct worker *w, const struct pkt *p)
{
    return side_of(w, p, p->af);
}

static void finish(struct worker *w, struct pkt *p, enum verdict v)
{
    worker_count(w, v);
    if (unlikely(verdict_is_drop(v))) {
        pkt_free(&w->core->env, p->m);
        w->stats.dropped++;
    }
}

static inline bool changes_state(const struct pkt *p)
{
    return p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
}

unsigned fast_path(struct worker *w, struct pkt *pkts, unsigned n)
{
    const struct core *core = w->core;
    const struct conn_table *t = w->conns;
    uint32_t is_ip4 = 0, is_ip6 = 0;
    unsigned n_slow = 0;

    for (unsigned i = 0; i < n; i++)
        rte_prefetch0(rte_pktmbuf_mtod(pkts[i].m, void *));
    for (unsigned i = 0; i < n; i++) {
        const unsigned af = parse_fast(&pkts[i], core->device[pkts[i].dev].mac,
                                       core->conf.hash_key);

        if (likely(af != 0)) {
            rte_prefetch0(conn_bucket(t, pkts[i].hash));
            is_ip4 |= (uint32_t)(af == 4) << i;
            is_ip6 |= (uint32_t)(af == 6) << i;
        }
    }
    for (unsigned i = 0; i < n; i++)
        if (likely(is_ip4 >> i & 1))
            conn_table_prefetch(t, 4, pkts[i].hash, changes_state(&pkts[i]));
        else if (is_ip6 >> i & 1)
            conn_table_prefetch(t, 6, pkts[i].hash, changes_state(&pkts[i]));
    for (unsigned i = 0; i < n; i++) {
        struct conn_side *in = NULL;

        if (likely(is_ip4 >> i & 1))
            in = side_of(w, &pkts[i], 4);
        else if (is_ip6 >> i & 1)
            in = side_of(w, &pkts[i], 6);
        if (likely(in != NULL)) {
            finish(w, &pkts[i], known_packet(w, in, &pkts[i]));
        } else {
            pkts[i].flags |= (is_ip4 | is_ip6) >> i & 1 ? PKT_READ : 0;
            pkts[n_slow++] = pkts[i];
        }
    }
    return n_slow;
}
