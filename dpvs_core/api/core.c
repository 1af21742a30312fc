/* core.c - making and unmaking the core (dpvs_core.h). */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "api/io_plain.h"
#include "api/steer.h"
#include "host/host.h"
#include "lb/lport.h"
#include "lb/nat_servers.h"
#include "lb/service.h"
#include "net/fib.h"
#include "port/env_eal.h"
#include "worker/worker.h"

enum { RING_SLOTS = 1024, PEER_RING_SLOTS = 2048, NH_INDEX_FACTOR = 4 };

/* --- rings ------------------------------------------------------------------------------- */

static struct rte_ring *ring_create(struct core *core, unsigned slot_bytes, unsigned slots)
{
    const ssize_t n_bytes = rte_ring_get_memsize_elem(slot_bytes, slots);
    struct rte_ring *ring = core->env.ops->zalloc((size_t)n_bytes);

    if (ring && rte_ring_init(ring, "dpvs", slots, RING_F_SP_ENQ | RING_F_SC_DEQ)) {
        core->env.ops->free(ring);
        return NULL;
    }
    return ring;
}

static bool create_rings(struct core *core)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        for (unsigned class = 0; class < HOST_CLASSES; class++) {
            core->to_host[w][class] = ring_create(core, sizeof(void *), RING_SLOTS);
            core->from_host[w][class] = ring_create(core, sizeof(void *), RING_SLOTS);
            if (!core->to_host[w][class] || !core->from_host[w][class])
                return false;
        }
        for (uint32_t to = 0; to < core->conf.n_workers; to++) {
            core->peer[w][to] = ring_create(core, sizeof(struct handed), PEER_RING_SLOTS);
            if (!core->peer[w][to])
                return false;
        }
    }
    return true;
}

static void destroy_ring(struct core *core, struct rte_ring *ring)
{
    void *m;

    while (ring && !rte_ring_sc_dequeue(ring, &m))
        pkt_free(&core->env, m);
    core->env.ops->free(ring);
}

static void destroy_peer_ring(struct core *core, struct rte_ring *ring)
{
    struct handed packet;

    while (ring && !rte_ring_sc_dequeue_elem(ring, &packet, sizeof packet))
        pkt_free(&core->env, packet.m);
    core->env.ops->free(ring);
}

static void destroy_rings(struct core *core)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        for (unsigned class = 0; class < HOST_CLASSES; class++) {
            destroy_ring(core, core->to_host[w][class]);
            destroy_ring(core, core->from_host[w][class]);
        }
        for (uint32_t to = 0; to < core->conf.n_workers; to++)
            destroy_peer_ring(core, core->peer[w][to]);
    }
}

/* --- tables -------------------------------------------------------------------------------- */

static bool create_nexthops(struct core *core)
{
    struct nexthops *t = &core->nexthops;
    uint32_t slots = 16;

    while (slots < NH_INDEX_FACTOR * core->conf.max_nexthops)
        slots *= 2;
    t->n = core->conf.max_nexthops;
    t->index_mask = slots - 1;
    t->entry = core->env.ops->zalloc((t->n + 1) * sizeof(*t->entry));
    t->used = core->env.ops->zalloc(t->n + 1);
    t->index = core->env.ops->zalloc(slots * sizeof(*t->index));
    return t->entry && t->used && t->index;
}

static bool create_published(struct core *core)
{
    const struct env_ops *ops = core->env.ops;

    core->settings = ops->zalloc(sizeof(*core->settings));
    core->fib = fib_build(&core->env, NULL, 0, NULL, 0);
    core->lb = lb_create(core);
    core->group_worker = ops->zalloc(sizeof(*core->group_worker));
    core->laddr = ops->zalloc((core->conf.max_laddrs + 1) * sizeof(struct laddr *));
    core->laddr_uses = ops->zalloc((core->conf.max_laddrs + 1) * sizeof(*core->laddr_uses));
    core->dest_flags = ops->zalloc(core->conf.max_dests + 1);
    core->dest_limit = ops->zalloc(core->conf.max_dests * sizeof(*core->dest_limit));
    if (!core->settings || !core->fib || !core->lb || !core->group_worker || !core->laddr ||
        !core->laddr_uses || !core->dest_flags || !core->dest_limit ||
        laddr_index_create(&core->env, &core->laddr_by_addr, core->conf.max_laddrs))
        return false;
    core_settings_default(core->settings);
    for (unsigned g = 0; g < CORE_GROUPS; g++)
        (*core->group_worker)[g] = (uint8_t)(g % core->conf.n_workers);
    return true;
}

static bool create_rcu(struct core *core)
{
    const uint32_t n_readers = core->conf.n_workers + 1;

    core->rcu = core->env.ops->zalloc(rte_rcu_qsbr_get_memsize(n_readers));
    if (!core->rcu || rte_rcu_qsbr_init(core->rcu, n_readers))
        return false;
    for (uint32_t i = 0; core->conf.plain && i < n_readers; i++) {
        rte_rcu_qsbr_thread_register(core->rcu, i);
        rte_rcu_qsbr_thread_online(core->rcu, i);
    }
    return true;
}

static bool create_threads(struct core *core)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        core->worker[w] = worker_create(core, w);
        if (!core->worker[w])
            return false;
    }
    core->host = host_create(core);
    return core->host != NULL;
}

/* --- life ---------------------------------------------------------------------------------- */

static const char *conf_error(const struct core_conf *conf)
{
    if (conf->n_workers < 1 || conf->n_workers > CORE_MAX_WORKERS)
        return "n_workers must be 1 to 64";
    if (!conf->conn_pool || conf->conn_pool >= 0x40000000u)
        return "conn_pool must be 1 to 2^30 - 1";
    if (!conf->max_dests)
        return "max_dests must be at least 1";
    if (!conf->lport_pools || conf->lport_pools > LPORT_MAX_POOLS)
        return "lport_pools must be 1 to 256";
    if (!conf->max_nexthops || conf->max_nexthops > 65534)
        return "max_nexthops must be 1 to 65534";
    if (conf->max_laddrs > 65534)
        return "max_laddrs must be at most 65534";
    return NULL;
}

static bool create_env(struct core *core)
{
    core->env.ops = core->conf.plain ? &env_plain : &env_eal;
    core->env.max_pkts = core->conf.n_mbufs;
    core->io = core->conf.plain ? &io_plain : &io_eal;
    return core->conf.plain ||
           !env_eal_init(&core->env, core->conf.n_mbufs, core->conf.mbuf_cache);
}

struct core *core_create(const struct core_conf *conf, char *err)
{
    const char *wrong = conf_error(conf);
    struct core *core;

    err[0] = 0;
    if (wrong) {
        snprintf(err, CORE_ERR_BYTES, "%s", wrong);
        return NULL;
    }
    core = (conf->plain ? &env_plain : &env_eal)->zalloc(sizeof(*core));
    if (core) {
        core->conf = *conf;
        core->master = pthread_self();
        core->host_eventfd = -1;
        if (create_env(core) && create_rings(core) && create_nexthops(core) &&
            create_published(core) && create_rcu(core) && create_threads(core))
            return core;
    }
    snprintf(err, CORE_ERR_BYTES,
             "not enough memory for %u workers with %u connections each and %u packets",
             conf->n_workers, conf->conn_pool, conf->n_mbufs);
    core_destroy(core);
    return NULL;
}

void core_destroy(struct core *core)
{
    const struct env_ops *ops;

    if (!core)
        return;
    ops = core->env.ops;
    if (!ops)
        return;
    if (core->capture)
        core_capture_stop(core);
    for (uint32_t i = 0; core->rcu && i <= core->conf.n_workers; i++)
        rte_rcu_qsbr_thread_offline(core->rcu, i);
    while (core_release(core))
        ;                       /* nobody reads any more: frees all that waited */
    if (core->host)
        host_destroy(core);
    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        worker_destroy(core->worker[w]);
    steer_destroy(core);
    if (core->conf.plain)
        io_plain_destroy(core);
    destroy_rings(core);
    lb_destroy(core, core->lb);
    nat_gone_free(core, &core->nat_gone);
    for (uint32_t i = 0; core->laddr && i < core->conf.max_laddrs; i++)
        laddr_destroy(&core->env, core->laddr[i]);
    fib_free(&core->env, core->fib);
    ops->free(core->settings);
    ops->free(core->group_worker);
    laddr_index_destroy(&core->env, &core->laddr_by_addr);
    ops->free(core->laddr);
    ops->free(core->laddr_uses);
    ops->free(core->dest_flags);
    ops->free(core->dest_limit);
    ops->free(core->nexthops.entry);
    ops->free(core->nexthops.used);
    ops->free(core->nexthops.index);
    ops->free(core->rcu);
    ops->free(core);
}
