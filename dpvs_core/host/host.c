/* host.c - one turn of the host thread.
 *
 * Control before bulk over all workers' rings, then what Linux sends, then timers. A turn is
 * bounded: at most one burst a ring, a port and the wheel.
 */
#include "host/host.h"

#include "host/arp.h"
#include "host/command.h"
#include "host/dad.h"
#include "host/kernel.h"
#include "host/link_up.h"
#include "host/mld.h"
#include "host/nd.h"
#include "host/neigh.h"

struct host *host_create(struct core *core)
{
    struct host *host = core->env.ops->zalloc(sizeof *host);

    if (!host)
        return NULL;
    host->core = core;
    core->host = host;
    host->conflicts = core->env.ops->zalloc(sizeof *host->conflicts);
    if (host->conflicts && !neigh_create(host) && !dad_create(host) && !mld_create(host) &&
        !command_create(host))
        return host;
    host_destroy(core);
    return NULL;
}

void host_destroy(struct core *core)
{
    struct host *host = core->host;

    neigh_destroy(host);
    dad_destroy(host);
    mld_destroy(host);
    command_destroy(host);
    core->env.ops->free(host->conflicts);
    core->env.ops->free(host);
    core->host = NULL;
}

const uint64_t *host_verdicts(const struct core *core)
{
    return core->host->verdicts;
}

const uint64_t *host_ip6_counts(const struct core *core)
{
    return core->host->ip6_counts;
}

static void do_job(struct host *host, struct rte_mbuf *m)
{
    const struct pkt_meta *meta = pkt_meta(m);

    switch ((enum pkt_job)meta->job) {
    case JOB_ARP:
        arp_receive(host, m);
        break;
    case JOB_ND:
        nd_receive(host, m);
        break;
    case JOB_MLD:
        mld_receive(host, m);
        break;
    case JOB_KERNEL:
        kernel_deliver(host, m, meta->dev);
        break;
    case JOB_RESOLVE:
        neigh_resolve(host, m);
        break;
    case JOB_TRANSMIT:          /* workers' jobs: never put on a ring to the host thread */
    case JOB_UNREACHED:
        host_drop(host, m, V_DROP_HOST_RING);
        break;
    }
}

static unsigned from_workers(struct host *host, enum host_class class)
{
    unsigned total = 0;

    for (uint32_t w = 0; w < host->core->conf.n_workers; w++) {
        struct rte_mbuf *pkts[BURST];
        const unsigned n = rte_ring_sc_dequeue_burst(host->core->to_host[w][class],
                                                     (void **)pkts, BURST, NULL);

        for (unsigned i = 0; i < n; i++)
            do_job(host, pkts[i]);
        total += n;
    }
    return total;
}

unsigned host_step(struct core *core, uint64_t now_us)
{
    struct host *host = core->host;
    unsigned n;

    host->now_us = now_us;
    host->settings = __atomic_load_n(&core->settings, __ATOMIC_ACQUIRE);
    host->fib = __atomic_load_n(&core->fib, __ATOMIC_ACQUIRE);

    dad_follow_fib(host);
    mld_follow_fib(host);
    n = command_run(host);
    n += from_workers(host, CLASS_CONTROL);
    n += from_workers(host, CLASS_BULK);
    kernel_flush(host);
    n += kernel_receive(host);
    n += link_up_step(host);
    n += neigh_timers(host);
    n += mld_timers(host);      /* who asks for an address must have joined its group */
    n += dad_timers(host);
    return n;
}

uint64_t host_wait_us(const struct core *core, uint64_t now_us, uint64_t max_us)
{
    const struct host *host = core->host;

    max_us = wheel_wait_us(&host->neighs.wheel, now_us, max_us);
    max_us = wheel_wait_us(&host->mld.wheel, now_us, max_us);
    return wheel_wait_us(&host->dad.wheel, now_us, max_us);
}
