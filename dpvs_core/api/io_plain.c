/* io_plain.c - a plain core's packets: lists that the caller fills and empties, and its steps. */
#include <stdlib.h>
#include <string.h>

#include "api/io_plain.h"
#include "host/host.h"
#include "worker/check.h"
#include "worker/worker.h"

/* First in, first out, linked through the packets' metadata. */
struct fifo {
    struct rte_mbuf *head, *tail;
    uint32_t n;
};

struct plain_device {
    struct fifo rx[CORE_MAX_WORKERS], tx, from_kernel, to_kernel;
};

static void fifo_put(struct fifo *f, struct rte_mbuf *m)
{
    pkt_meta(m)->next = NULL;
    if (f->head)
        pkt_meta(f->tail)->next = m;
    else
        f->head = m;
    f->tail = m;
    f->n++;
}

static struct rte_mbuf *fifo_get(struct fifo *f)
{
    struct rte_mbuf *m = f->head;

    if (m) {
        f->head = pkt_meta(m)->next;
        f->n--;
    }
    return m;
}

static struct plain_device *plain_device(struct core *core, uint32_t dev)
{
    struct device *d = &core->device[dev];

    if (!d->plain)
        d->plain = env_plain.zalloc(sizeof(struct plain_device));
    return d->plain;
}

static uint16_t fifo_rx(struct fifo *f, struct rte_mbuf **pkts, uint16_t n)
{
    uint16_t got = 0;

    while (got < n && f->head)
        pkts[got++] = fifo_get(f);
    return got;
}

/* As many as fit into `limit` (0: all). */
static uint16_t fifo_tx(struct fifo *f, uint16_t limit, struct rte_mbuf **pkts, uint16_t n)
{
    uint16_t put = 0;

    while (put < n && (!limit || f->n < limit))
        fifo_put(f, pkts[put++]);
    return put;
}

static uint16_t plain_rx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                         uint16_t n)
{
    return fifo_rx(&plain_device(core, dev)->rx[w], pkts, n);
}

static uint16_t plain_tx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                         uint16_t n)
{
    (void)w;
    return fifo_tx(&plain_device(core, dev)->tx, core->device[dev].n_txd, pkts, n);
}

static uint16_t plain_kernel_rx(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n)
{
    return fifo_rx(&plain_device(core, dev)->from_kernel, pkts, n);
}

static uint16_t plain_kernel_tx(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n)
{
    return fifo_tx(&plain_device(core, dev)->to_kernel, core->device[dev].n_txd, pkts, n);
}

static bool plain_link_is_up(const struct core *core, uint32_t dev)
{
    return core->device[dev].up;
}

static void plain_wake_host(struct core *core)
{
    (void)core;
}

const struct io_ops io_plain = {
    .rx = plain_rx, .tx = plain_tx, .kernel_rx = plain_kernel_rx, .kernel_tx = plain_kernel_tx,
    .link_is_up = plain_link_is_up, .wake_host = plain_wake_host,
};

static void fifo_clear(struct core *core, struct fifo *f)
{
    for (struct rte_mbuf *m; (m = fifo_get(f));)
        pkt_free(&core->env, m);
}

void io_plain_destroy(struct core *core)
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        struct plain_device *d = core->device[dev].plain;

        if (!d)
            continue;
        for (unsigned w = 0; w < CORE_MAX_WORKERS; w++)
            fifo_clear(core, &d->rx[w]);
        fifo_clear(core, &d->tx);
        fifo_clear(core, &d->from_kernel);
        fifo_clear(core, &d->to_kernel);
        env_plain.free(d);
    }
}

/* --- the steps of dpvs_core.h -------------------------------------------------------------- */

/* What does not fit one buffer becomes a chain of two, as some ports hand out jumbo frames. */
static int inject(struct core *core, struct fifo *f, const void *frame, uint32_t n_bytes)
{
    struct rte_mbuf *m = core->env.ops->pkt_alloc(&core->env);
    const uint32_t n_first = m ? RTE_MIN(n_bytes, (uint32_t)rte_pktmbuf_tailroom(m)) : 0;

    if (!m)
        return -ENOMEM;
    memcpy(rte_pktmbuf_append(m, (uint16_t)n_first), frame, n_first);
    if (n_first < n_bytes) {
        const uint32_t n_rest = n_bytes - n_first;
        struct rte_mbuf *rest = core->env.ops->pkt_alloc(&core->env);

        if (!rest || n_rest > rte_pktmbuf_tailroom(rest)) {
            pkt_free(&core->env, m);
            pkt_free(&core->env, rest);
            return rest ? -EMSGSIZE : -ENOMEM;
        }
        memcpy(rte_pktmbuf_append(rest, (uint16_t)n_rest), (const uint8_t *)frame + n_first,
               n_rest);
        m->next = rest;
        m->nb_segs = 2;
        m->pkt_len = n_bytes;
    }
    fifo_put(f, m);
    return 0;
}

static int take(struct core *core, struct fifo *f, void *buf, uint32_t max_bytes)
{
    struct rte_mbuf *m = fifo_get(f);
    uint32_t n_bytes;

    if (!m)
        return 0;
    n_bytes = rte_pktmbuf_data_len(m);
    memcpy(buf, rte_pktmbuf_mtod(m, void *), RTE_MIN(n_bytes, max_bytes));
    pkt_free(&core->env, m);
    return (int)n_bytes;
}

static bool is_device(const struct core *core, uint32_t dev)
{
    return core->conf.plain && dev < core->n_devices;
}

int core_inject(struct core *core, uint32_t w, uint32_t dev, const void *frame, uint32_t n_bytes)
{
    if (!is_device(core, dev) || w >= core->conf.n_workers)
        return -EINVAL;
    return inject(core, &plain_device(core, dev)->rx[w], frame, n_bytes);
}

int core_inject_kernel(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes)
{
    if (!is_device(core, dev))
        return -EINVAL;
    return inject(core, &plain_device(core, dev)->from_kernel, frame, n_bytes);
}

int core_take(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes)
{
    return is_device(core, dev) ? take(core, &plain_device(core, dev)->tx, buf, max_bytes)
                                : -EINVAL;
}

int core_take_kernel(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes)
{
    return is_device(core, dev) ? take(core, &plain_device(core, dev)->to_kernel, buf, max_bytes)
                                : -EINVAL;
}

int core_step_worker(struct core *core, uint32_t w, uint64_t now_us)
{
    unsigned n;

    if (!core->conf.plain || w >= core->conf.n_workers)
        return -EINVAL;
    n = worker_step(core->worker[w], now_us);
    rte_rcu_qsbr_quiescent(core->rcu, w);
    return (int)n;
}

int core_step_host(struct core *core, uint64_t now_us)
{
    unsigned n;

    if (!core->conf.plain)
        return -EINVAL;
    n = host_step(core, now_us);
    rte_rcu_qsbr_quiescent(core->rcu, core_host_reader(core));
    return (int)n;
}

int core_mbufs_in_use(struct core *core)
{
    return core->conf.plain ? (int)core->env.n_pkts_in_use : -EINVAL;
}

int core_memory_pieces(struct core *core)
{
    CHECK_MASTER(core);
    return core->conf.plain ? (int)env_plain_memory.n_pieces : -EINVAL;
}

int core_memory_refuse(struct core *core, uint32_t after)
{
    CHECK_MASTER(core);
    if (!core->conf.plain)
        return -EINVAL;
    env_plain_memory.refuse_after = after;
    return 0;
}
