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

static inline enum verdict known_packet(struct worker *w, struct conn *c, unsigned side,
                                        struct pkt *p)
{
    struct conn_side4 *in = &c->side[side];
    struct dest_count *count = &w->dest_count[in->dest_id];

    if (unlikely(w->core->dest_flags[in->dest_id] & DEST_CUT)) {
        conn_end(w, c);
        return V_DROP_QUIESCED;
    }
    in->last_seen_ms = w->now_ms;
    if (unlikely(!proto_is_steady(in, p)))
        proto_of(in->proto)->track(w, c, side, p);
    if (side == SIDE_CLIENT) {
        count->inpkts++;
        count->inbytes += p->l3_len;
    } else {
        count->outpkts++;
        count->outbytes += p->l3_len;
    }
    return fwd_table[in->fwd]->xmit[side](w, c, p);
}

enum verdict conn_packet(struct worker *w, struct conn *c, unsigned side, struct pkt *p)
{
    return known_packet(w, c, side, p);
}

/* A client may use a port again as soon as its connection is over here (LVS's conn reuse). */
static inline bool begins_again(const struct conn *c, unsigned side, const struct pkt *p)
{
    const uint8_t state = c->side[side].state;

    return side == SIDE_CLIENT && (p->tcp_flags & TCP_SYN) && proto_tcp.begins(p) &&
           state >= TCP_S_FIN_WAIT && state <= TCP_S_LAST_ACK;
}

struct conn *conn_of(struct worker *w, const struct pkt *p, unsigned *side)
{
    struct conn *c = conn_table_find(w->conns, p->hash, &p->key, side);

    if (unlikely(c && begins_again(c, *side, p))) {
        conn_end(w, c);
        return NULL;
    }
    return c;
}

static void finish(struct worker *w, struct pkt *p, enum verdict v)
{
    worker_count(w, v);
    if (unlikely(verdict_is_drop(v))) {
        pkt_free(&w->core->env, p->m);
        w->stats.dropped++;
    }
}

unsigned fast_path(struct worker *w, struct pkt *pkts, unsigned n)
{
    const struct core *core = w->core;
    const struct conn_table *t = w->conns;
    uint32_t parsed = 0;
    unsigned n_slow = 0;

    for (unsigned i = 0; i < n; i++)
        rte_prefetch0(rte_pktmbuf_mtod(pkts[i].m, void *));
    for (unsigned i = 0; i < n; i++)
        if (likely(parse_fast4(&pkts[i], core->device[pkts[i].dev].mac, core->conf.hash_key))) {
            rte_prefetch0(conn_bucket(t, pkts[i].hash));
            parsed |= 1u << i;
        }
    for (unsigned i = 0; i < n; i++)
        if (likely(parsed >> i & 1))
            conn_table_prefetch(t, pkts[i].hash);
    for (unsigned i = 0; i < n; i++) {
        unsigned side = 0;
        struct conn *c = parsed >> i & 1 ? conn_of(w, &pkts[i], &side) : NULL;

        if (likely(c != NULL))
            finish(w, &pkts[i], known_packet(w, c, side, &pkts[i]));
        else
            pkts[n_slow++] = pkts[i];
    }
    return n_slow;
}
