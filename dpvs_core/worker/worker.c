/* worker.c - one lcore's turn: receive from ports, peers and the host thread; forward; transmit.
 *
 * Takes no lock, makes no system call, allocates nothing. Cost when idle: one look at each queue
 * and ring.
 */
#include "worker/worker.h"

#include "lb/conn_table.h"
#include "lb/frag_table.h"
#include "lb/life.h"
#include "lb/service.h"
#include "net/fib.h"
#include "worker/capture.h"
#include "worker/fragment.h"
#include "worker/handover.h"
#include "worker/output.h"
#include "worker/pipeline.h"
#include "worker/unreached.h"

enum { EXPIRY_WAIT_MS = 1000 };

struct worker *worker_create(struct core *core, uint32_t id)
{
    struct env *env = &core->env;
    struct worker *w = env->ops->zalloc(sizeof(*w));

    if (!w)
        return NULL;
    w->core = core;
    w->id = id;
    w->conns = conn_table_create(env, core->conf.conn_pool, core->conf.hash_key);
    w->frags = frag_table_create(env, core->conf.frag_sets, core->conf.frag_set_entries);
    w->dest_count = env->ops->zalloc(core->conf.max_dests * sizeof(*w->dest_count));
    core->dest_count[id] = w->dest_count;
    if (!w->conns || !w->frags || !w->dest_count) {
        worker_destroy(w);
        return NULL;
    }
    return w;
}

void worker_destroy(struct worker *w)
{
    struct env *env;

    if (!w)
        return;
    env = &w->core->env;
    conn_table_destroy(env, w->conns);
    frag_table_destroy(env, w->frags);
    env->ops->free(w->dest_count);
    env->ops->free(w);
}

static void received(struct worker *w, struct rte_mbuf **mbufs, unsigned n, uint16_t dev)
{
    struct pkt pkts[BURST];

    for (unsigned i = 0; i < n; i++) {
        pkts[i].m = mbufs[i];
        pkts[i].dev = dev;
        pkts[i].flags = 0;
    }
    pipeline(w, pkts, n);
}

static unsigned from_ports(struct worker *w)
{
    struct core *core = w->core;
    unsigned total = 0;

    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        struct rte_mbuf *pkts[BURST];
        uint16_t n;

        if (core->device[dev].rxq[w->id] < 0)
            continue;
        n = core->io->rx(core, w->id, dev, pkts, BURST);
        w->stats.bursts++;
        if (!n) {
            w->stats.zero_bursts++;
            continue;
        }
        w->stats.full_bursts += n == BURST;
        w->stats.ipackets += n;
        for (unsigned i = 0; i < n; i++)
            w->stats.ibytes += pkts[i]->pkt_len;
        if (unlikely(core->capture != NULL))
            capture_packets(core, dev, 0, w->id, pkts, n);
        received(w, pkts, n, (uint16_t)dev);
        total += n;
    }
    return total;
}

/* Frames to be sent, and what nobody took. */
static void do_jobs(struct worker *w, struct rte_mbuf **pkts, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (pkt_meta(pkts[i])->job == JOB_UNREACHED) {
            unreached(w, pkts[i]);
            continue;
        }
        worker_count(w, V_FROM_HOST);
        output_frame(w, pkt_meta(pkts[i])->dev, pkts[i]);
    }
}

static unsigned from_host(struct worker *w)
{
    unsigned total = 0;

    for (unsigned class = 0; class < HOST_CLASSES; class++) {
        struct rte_mbuf *pkts[BURST];
        unsigned n = rte_ring_sc_dequeue_burst(w->core->from_host[w->id][class], (void **)pkts,
                                               BURST, NULL);

        do_jobs(w, pkts, n);
        total += n;
    }
    return total;
}

/* All that its first steps here wait for, at once: the other worker had the packet in its cache. */
static inline void fetch_handed(const struct worker *w, const struct handed *in)
{
    rte_prefetch0(in->m);
    if (likely(in->as >= HANDED_READ4)) {
        rte_prefetch0((const uint8_t *)in->m + in->frame_at);
        rte_prefetch0(conn_bucket(w->conns, in->hash));
    }
}

/* Packets of my groups that others received, and frames for devices I can send on. */
static void from_peer(struct worker *w, const struct handed *in, unsigned n)
{
    struct pkt mine[BURST];
    unsigned n_mine = 0;

    for (unsigned i = 0; i < n; i++)
        fetch_handed(w, &in[i]);
    for (unsigned i = 0; i < n; i++)
        if (likely(in[i].as != HANDED_OUTGOING)) {
            struct pkt *p = &mine[n_mine++];

            p->m = in[i].m;
            p->dev = in[i].dev;
            p->hash = in[i].hash;
            p->af = in[i].as;
            p->flags = in[i].as ? PKT_REDIRECTED | PKT_READ : PKT_REDIRECTED;
        } else {
            worker_count(w, V_SENT_FOR_PEER);
            output_frame(w, in[i].dev, in[i].m);
        }
    if (n_mine)
        pipeline(w, mine, n_mine);
}

/* From each as much as it can receive in a turn: what comes in at once need not pile up. */
static unsigned from_peers(struct worker *w)
{
    unsigned total = 0;

    for (uint32_t from = 0; from < w->core->conf.n_workers; from++) {
        struct handed in[BURST];
        unsigned n = BURST;

        if (from == w->id)
            continue;
        for (uint32_t bursts = 0; n == BURST && bursts < w->core->n_devices; bursts++) {
            n = handover_take(w, from, in);
            from_peer(w, in, n);
            total += n;
        }
    }
    return total;
}

/* A connection that ends may be told so by two resets. Where others send for this worker, the end
 * waits for room in their rings, though not for ever: a worker that stands still must not keep
 * connections here alive. */
static bool may_expire(struct worker *w)
{
    if (likely(handover_has_room(w, 2 * EXPIRE_BUDGET))) {
        w->had_room_ms = w->now_ms;
        return true;
    }
    return w->now_ms - w->had_room_ms > EXPIRY_WAIT_MS;
}

unsigned worker_step(struct worker *w, uint64_t now_us)
{
    struct core *core = w->core;
    unsigned n;

    w->now_us = now_us;
    w->now_ms = (uint32_t)(now_us / 1000);
    w->settings = __atomic_load_n(&core->settings, __ATOMIC_ACQUIRE);
    w->fib = __atomic_load_n(&core->fib, __ATOMIC_ACQUIRE);
    w->fib_serial = fib_epoch(w->fib);
    w->fib_epoch = fib_short_epoch(w->fib_serial);
    w->steady_epoch = w->settings->xmit_ttl ? NO_STEADY_EPOCH : w->fib_epoch;
    w->nexthops = core->nexthops;
    w->lb = __atomic_load_n(&core->lb, __ATOMIC_ACQUIRE);
    w->group_worker = *__atomic_load_n(&core->group_worker, __ATOMIC_ACQUIRE);

    if (!w->stats.loops)        /* the clock began long before this worker */
        w->conns->wheel_tick = w->now_ms >> WHEEL_SHIFT_MS;
    n = from_host(w);
    n += from_ports(w);
    n += from_peers(w);
    n += fragments_expire_some(w);
    if (likely(may_expire(w)))
        n += conn_expire_some(w);
    handover_flush(w);
    output_flush(w);
    w->stats.loops++;
    return n;
}
