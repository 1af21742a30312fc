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
#include "worker/fragment.h"
#include "worker/pipeline.h"

/* Which packet of a connection. */
enum place { FIRST, KNOWN, LATER };

/* `place`, a constant. LATER: a fragment whose transport header went before; FIRST: the connection
 * was made for it, in the state that follows. */
static __rte_always_inline enum verdict known_packet(struct worker *w, struct conn_side *in,
                                                     struct pkt *p, enum place place)
{
    const unsigned side = side_number(in);
    struct dest_count *count = &w->dest_count[in->dest_id];

    /* not of the first: it was chosen just now, and the flags of all dests are another far line */
    if (place != FIRST && unlikely(w->core->dest_flags[in->dest_id] & DEST_CUT)) {
        conn_end(w, side_conn(in));
        return V_DROP_QUIESCED;
    }
    in->last_seen_ms = w->now_ms;
    if (place == KNOWN && unlikely(!proto_is_steady(in, p)))
        proto_of(in->proto)->track(w, in, p);
    if (side == SIDE_CLIENT) {
        count->inpkts++;
        count->inbytes += p->l3_len;
    } else {
        count->outpkts++;
        count->outbytes += p->l3_len;
    }
    return place == LATER ? fwd_table[in->fwd]->later[side](w, in, p)
                          : fwd_table[in->fwd]->xmit[side](w, in, p);
}

enum verdict conn_packet(struct worker *w, struct conn_side *in, struct pkt *p)
{
    if (unlikely(p->flags & PKT_FRAGMENT)) {
        fragment_renumber(in, p);
        if (p->flags & PKT_LATER)
            return known_packet(w, in, p, LATER);
    }
    return known_packet(w, in, p, KNOWN);
}

enum verdict conn_first_packet(struct worker *w, struct conn *c, struct pkt *p)
{
    if (unlikely(p->flags & PKT_FRAGMENT))
        fragment_renumber(&c->client, p);
    return known_packet(w, &c->client, p, FIRST);
}

/* A client may use a port again as soon as its connection is over here (LVS's conn reuse). */
static bool begins_again(const struct conn_side *in, const struct pkt *p)
{
    return side_number(in) == SIDE_CLIENT && proto_tcp.begins(p) &&
           in->state >= TCP_S_FIN_WAIT && in->state <= TCP_S_LAST_ACK;
}

/* The side that a packet arrived from, if its connection goes on with it. */
static __rte_always_inline struct conn_side *goes_on(struct worker *w, struct conn_side *in,
                                                     const struct pkt *p)
{
    if (unlikely((p->tcp_flags & TCP_SYN) && in && begins_again(in, p))) {
        conn_end(w, side_conn(in));
        return NULL;
    }
    return in;
}

/* The connection that is not indexed yet is asked by its hashes. */
static bool may_have_begun(const struct worker *w, uint32_t hash)
{
    return w->begun && (w->begun->client.hash[SIDE_CLIENT] == hash ||
                        w->begun->client.hash[SIDE_SERVER] == hash);
}

struct conn_side *conn_of(struct worker *w, const struct pkt *p)
{
    if (unlikely(may_have_begun(w, p->hash)))
        conn_index_begun(w);
    return goes_on(w, conn_table_find(w->conns, p->af, p->hash, &p->key), p);
}

static inline bool changes_state(const struct pkt *p)
{
    return p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
}

enum {
    MORE_AHEAD = 4,             /* packets between a fetch and what waits for it */
    GROWTH_BYTES = 20,          /* an address of IPv6 in an option, or a header of IPv6 for IPv4's */
};

/* A burst on its way through the passes. */
struct burst {
    uint8_t af[BURST];          /* 0: the slow stages decide */
    const struct conn_bucket *bucket[BURST];
    struct conn_side *candidate[BURST + MORE_AHEAD]; /* conn_nobody: none */
};

/* Parse all, which one device received; fetch their buckets. */
static inline void parse_all(const struct worker *w, struct pkt *pkts, unsigned n, struct burst *b)
{
    const struct conn_table *t = w->conns;
    const uint64_t spread = hash_spread(t->seed);
    const uint64_t mac = mac_word(w->core->device[pkts[0].dev].mac);

    for (unsigned i = 0; i < n; i++)
        rte_prefetch0(rte_pktmbuf_mtod(pkts[i].m, void *));
    for (unsigned i = 0; i < n; i++) {
        b->af[i] = (uint8_t)parse_fast(&pkts[i], mac, spread);
        if (unlikely(!b->af[i]))
            continue;
        b->bucket[i] = conn_bucket(t, pkts[i].hash);
        rte_prefetch0(b->bucket[i]);
    }
}

/* The same for what another worker has read, all of which was fetched as it came. What it could not
 * read, or did not, the slow stages look at. */
static __rte_noinline void parse_handed(const struct worker *w, struct pkt *pkts, unsigned n,
                                        struct burst *b)
{
    for (unsigned i = 0; i < n; i++) {
        b->af[i] = 0;
        if (unlikely(!(pkts[i].flags & PKT_READ)))
            continue;
        parse_again(&pkts[i]);
        b->af[i] = pkts[i].af;
        b->bucket[i] = conn_bucket(w->conns, pkts[i].hash);
    }
}

/* Match tags, fetch what is likely theirs. */
static inline void match_all(const struct worker *w, const struct pkt *pkts, unsigned n,
                             struct burst *b)
{
    const struct conn_table *t = w->conns;

    for (unsigned i = 0; i < n; i++) {
        const uint32_t hash = pkts[i].hash;
        const bool changes = changes_state(&pkts[i]);

        if (likely(b->af[i] == 4))
            b->candidate[i] = conn_table_candidate(t, b->bucket[i], 4, hash, changes);
        else if (b->af[i] == 6)
            b->candidate[i] = conn_table_candidate(t, b->bucket[i], 6, hash, changes);
        else
            b->candidate[i] = conn_nobody();
    }
    for (unsigned i = n; i < n + MORE_AHEAD; i++)
        b->candidate[i] = conn_nobody();
}

/* What needs more than a side's first line. A client's early segments: the state changes, an option
 * is due. Of an IPv4 side with IPv6 behind it: the new addresses. Both get longer. */
static __rte_noinline void fetch_more(const struct worker *w, const struct conn_side *side,
                                      const struct pkt *p)
{
    if (side->flags & CONN_TOA)
        conn_table_fetch_shared(w->conns, side);
    if (side->flags & SIDE_WIDE4)
        rte_prefetch0(side_wide4_line(side));
    rte_prefetch0(p->l3 - GROWTH_BYTES - ETH_HDR_BYTES);
}

unsigned fast_path(struct worker *w, struct pkt *pkts, unsigned n)
{
    struct burst b;
    unsigned n_slow = 0;

    if (likely(!(pkts[0].flags & PKT_REDIRECTED)))
        parse_all(w, pkts, n, &b);
    else
        parse_handed(w, pkts, n, &b);
    match_all(w, pkts, n, &b);
    for (unsigned i = 0; i < n; i++) {
        struct pkt *p = &pkts[i];
        struct conn_side *in = NULL;

        if (unlikely(b.candidate[i + MORE_AHEAD]->flags & (CONN_TOA | SIDE_WIDE4)))
            fetch_more(w, b.candidate[i + MORE_AHEAD], &pkts[i + MORE_AHEAD]);
        if (likely(b.af[i] == 4))
            in = conn_table_find_candidate(w->conns, b.candidate[i], 4, p->hash, &p->key);
        else if (b.af[i] == 6)
            in = conn_table_find_candidate(w->conns, b.candidate[i], 6, p->hash, &p->key);
        in = goes_on(w, in, p);
        if (likely(in != NULL)) {
            finish(w, p, known_packet(w, in, p, KNOWN));
        } else {
            p->flags |= b.af[i] ? PKT_READ : 0;
            pkts[n_slow++] = *p;
        }
    }
    return n_slow;
}
