/* publish.c - settings, addresses and routes, flow groups: built aside, swapped by pointer. */
#include <string.h>

#include "worker/check.h"
#include "lb/fwd.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "net/fib.h"
#include "port/steer.h"
#include "worker/worker.h"

static const struct core_settings defaults = {
    .tcp_timeout_s = { 2, 90, 3, 30, 7, 7, 3, 7, 7, 120, 30 },
    .udp_timeout_s = { 2, 300, 300 },
    .sctp_timeout_s = { 2, 4, 60, 60, 60, 60, 60, 60, 900, 60, 60, 60, 4, 60 },
    .conn_init_timeout_s = 3,
    .neigh_timeout_s = 60,
    .unres_queue_length = 128,
    .kernel_bulk_pps = 100000,
    .arp_pps = 5000,
    .icmp_pps = 20000,
    .reset_pps = 100000,        /* 100,000 connections of another director end within a second */
    .fragment_pps = 200000,
    .fragment_timeout_ms = 1000,
    .dad_interval_ms = 1000,
    .dad_transmits = 1,
    .idle_sleep_max_us = 200,
    .default_ttl = 64,
    .kernel_ports = 1,
};

void core_settings_default(struct core_settings *out)
{
    *out = defaults;
}

static void release_fib(struct core *core, void *fib)
{
    fib_free(&core->env, fib);
}

int core_settings_set(struct core *core, const struct core_settings *settings)
{
    struct core_settings *next, *old = core->settings;

    CHECK_MASTER(core);
    next = core->env.ops->zalloc(sizeof(*next));
    if (!next)
        return -ENOMEM;
    *next = *settings;
    __atomic_store_n(&core->settings, next, __ATOMIC_RELEASE);
    core_retire(core, old, release_memory);
    return 0;
}

static int fib_check(const struct core *core, const struct core_addr *addrs, uint32_t n_addrs,
                     const struct core_route *routes, uint32_t n_routes)
{
    uint32_t n_dad = 0;

    for (uint32_t i = 0; i < n_addrs; i++) {
        if (addrs[i].dev >= core->n_devices || (addrs[i].af != 4 && addrs[i].af != 6))
            return -EINVAL;
        n_dad += fib_wants_dad(addrs[i].af, addrs[i].kind, addrs[i].flags);
    }
    if (n_dad > CORE_MAX_DAD)
        return -ENOSPC;
    for (uint32_t i = 0; i < n_routes; i++)
        if (routes[i].dev >= core->n_devices || (routes[i].af != 4 && routes[i].af != 6) ||
            routes[i].plen > (routes[i].af == 4 ? 32 : 128))
            return -EINVAL;
    return 0;
}

int core_fib_publish(struct core *core, const struct core_addr *addrs, uint32_t n_addrs,
                     const struct core_route *routes, uint32_t n_routes)
{
    struct fib *next, *old = core->fib;
    int error;

    CHECK_MASTER(core);
    error = fib_check(core, addrs, n_addrs, routes, n_routes);
    if (error)
        return error;
    next = fib_build(&core->env, addrs, n_addrs, routes, n_routes);
    if (!next)
        return -ENOMEM;
    __atomic_store_n(&core->fib, next, __ATOMIC_RELEASE);
    core_retire(core, old, release_fib);
    core->io->wake_host(core);  /* new addresses are to be verified */
    return 0;
}

int core_groups_get(struct core *core, uint8_t *out)
{
    CHECK_MASTER(core);
    memcpy(out, *core->group_worker, CORE_GROUPS);
    return 0;
}

/* Only before the workers run: live groups would have to move with their connections. */
int core_groups_set(struct core *core, const uint8_t *group_worker)
{
    CHECK_MASTER(core);
    if (core->running)
        return -EBUSY;
    for (unsigned g = 0; g < CORE_GROUPS; g++)
        if (group_worker[g] >= core->conf.n_workers)
            return -EINVAL;
    memcpy(*core->group_worker, group_worker, CORE_GROUPS);
    return 0;
}

int core_laddr_add(struct core *core, uint32_t laddr_id, uint8_t af, const uint8_t *addr)
{
    CHECK_MASTER(core);
    if (laddr_id >= core->conf.max_laddrs || (af != 4 && af != 6))
        return -EINVAL;
    if (core->laddr[laddr_id])
        return -EEXIST;
    core->laddr[laddr_id] = laddr_create(&core->env, laddr_id, af, addr, core->conf.lport_pools,
                                         core->conf.isn_key[0]);
    if (!core->laddr[laddr_id])
        return -ENOMEM;
    laddr_index_put(&core->laddr_by_addr, core->laddr[laddr_id]);
    steer_laddr_add(core, laddr_id, af, addr);
    return 0;
}

int core_laddr_active(struct core *core, uint32_t laddr_id, int active)
{
    CHECK_MASTER(core);
    if (laddr_id >= core->conf.max_laddrs || !core->laddr[laddr_id])
        return -ENOENT;
    laddr_set_active(core->laddr[laddr_id], active);
    return 0;
}

/* Versions of services that wait to be freed count too: a worker may still schedule on one. */
static bool laddr_in_use(const struct core *core, const struct laddr *l)
{
    struct core_laddr_stats stats;

    if (core->laddr_uses[l->id])
        return true;
    laddr_count(l, &stats);
    return stats.used != 0;
}

static void release_laddr(struct core *core, void *l)
{
    laddr_destroy(&core->env, l);
}

int core_laddr_del(struct core *core, uint32_t laddr_id)
{
    struct laddr *l;

    CHECK_MASTER(core);
    l = laddr_id < core->conf.max_laddrs ? core->laddr[laddr_id] : NULL;
    if (!l)
        return -ENOENT;
    if (laddr_in_use(core, l))
        return -EBUSY;
    steer_laddr_del(core, laddr_id);
    laddr_index_remove(&core->laddr_by_addr, l);
    core->laddr[laddr_id] = NULL;
    core_retire(core, l, release_laddr);
    return 0;
}

/* --- forwarding ------------------------------------------------------------------------------ */

int core_fwd_supported(enum core_fwd fwd, uint8_t client_af, uint8_t server_af)
{
    return fwd_row((uint8_t)fwd, client_af, server_af) != NO_FWD_ROW;
}
