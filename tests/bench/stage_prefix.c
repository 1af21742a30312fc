/* stage_prefix.c - the fast path cut off after a stage.
 *
 * The passes of worker/fast.c over the same burst with the same functions, in the same order; the
 * few lines that are static there (state and counters, the order within lb/fwd_fnat.c) are said
 * again here. So the stages up to the last are as near as a copy can be, and their sum is not a
 * copy: STAGE_ALL is the shipped worker_step. What a stage hides from the next by running beside
 * it (memory it fetches ahead) is counted where it is waited for.
 */
#include "stage_prefix.h"

#include "lb/conn_table.h"
#include "lb/proto.h"
#include "lb/rewrite.h"
#include "lb/service.h"
#include "pkt/parse.h"
#include "worker/output.h"

const char *const stage_names[N_STAGES] = {
    [STAGE_RX] = "receive",
    [STAGE_PARSE] = "parse, hash",
    [STAGE_LOOKUP] = "buckets, connections",
    [STAGE_STATE] = "state, counters",
    [STAGE_REWRITE] = "next hop, rewrite",
    [STAGE_ALL] = "transmit, the turn's frame",
};

static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

static uint32_t parse_all(struct worker *w, struct pkt *pkts, unsigned n)
{
    const uint64_t mac = mac_word(w->core->device[pkts[0].dev].mac);
    const uint64_t spread = hash_spread(w->conns->seed);
    uint32_t parsed = 0;

    for (unsigned i = 0; i < n; i++)
        rte_prefetch0(rte_pktmbuf_mtod(pkts[i].m, void *));
    for (unsigned i = 0; i < n; i++)
        if (parse_fast(&pkts[i], mac, spread)) {
            rte_prefetch0(conn_bucket(w->conns, pkts[i].hash));
            parsed |= 1u << i;
        }
    return parsed;
}

static void state_and_counters(struct worker *w, struct conn_side *in, const struct pkt *p)
{
    struct dest_count *count = &w->dest_count[in->dest_id];

    if (unlikely(w->core->dest_flags[in->dest_id] & DEST_CUT) || !proto_is_steady(in, p))
        return;                 /* never here: the flows stand */
    in->last_seen_ms = w->now_ms;
    if (side_number(in) == SIDE_CLIENT) {
        count->inpkts++;
        count->inbytes += p->l3_len;
    } else {
        count->outpkts++;
        count->outbytes += p->l3_len;
    }
}

static void hop_and_rewrite(struct worker *w, const struct conn_side *in, struct pkt *p)
{
    struct known_hop hop;

    if (unlikely(!output_known(w, in, p, 0, &hop)))
        return;                 /* never here: the neighbours are static */
    rewrite4(p, side4(in));
    rewrite_udp(pkt_udp(p), in);
    if (!nexthop_copy_l2(hop.nh, p->l3, hop.seq))
        return;
    output_frame_start(p, hop.nh->l2_len);
    nexthop_mark_used(&w->nexthops, in->nexthop);
}

static void look_up_all(struct worker *w, struct pkt *pkts, unsigned n, uint32_t parsed,
                        enum stage last)
{
    struct conn_side *candidate[BURST];

    for (unsigned i = 0; i < n; i++)
        if (likely(parsed >> i & 1))
            candidate[i] = conn_table_candidate(w->conns,
                                                conn_bucket(w->conns, pkts[i].hash), 4,
                                                pkts[i].hash, false);
    for (unsigned i = 0; i < n; i++) {
        struct conn_side *in = parsed >> i & 1
                                   ? conn_table_find_candidate(w->conns, candidate[i], 4,
                                                               pkts[i].hash, &pkts[i].key)
                                   : NULL;

        keep(in);
        if (!in || last < STAGE_STATE)
            continue;
        state_and_counters(w, in, &pkts[i]);
        if (last >= STAGE_REWRITE)
            hop_and_rewrite(w, in, &pkts[i]);
    }
}

unsigned stage_prefix(struct worker *w, unsigned dev, enum stage last, struct rte_mbuf **mbufs)
{
    struct pkt pkts[BURST];
    const unsigned n = w->core->io->rx(w->core, w->id, dev, mbufs, BURST);
    uint32_t parsed;

    w->stats.ipackets += n;
    for (unsigned i = 0; i < n; i++)
        w->stats.ibytes += mbufs[i]->pkt_len;
    if (last == STAGE_RX)
        return n;
    for (unsigned i = 0; i < n; i++) {
        pkts[i].m = mbufs[i];
        pkts[i].dev = (uint16_t)dev;
        pkts[i].flags = 0;
    }
    parsed = parse_all(w, pkts, n);
    keep(pkts);
    if (last >= STAGE_LOOKUP)
        look_up_all(w, pkts, n, parsed, last);
    return n;
}
