/* io_eal.c - io_ops over ethdev queues, and waking the host thread.
 *
 * Waking without lost wake-ups: the host thread says that it is about to sleep, then looks at its
 * rings once more; a worker puts the packet on the ring, then looks whether the host sleeps. With
 * both orders kept by full fences one of the two sees the other. Only the first packet to a
 * sleeping host thread costs a system call.
 */
#include <sys/eventfd.h>

#include <rte_ethdev.h>

#include "worker/core.h"

static uint16_t eal_rx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                       uint16_t n)
{
    const struct device *d = &core->device[dev];

    return rte_eth_rx_burst((uint16_t)d->port_id, (uint16_t)d->rxq[w], pkts, n);
}

static uint16_t eal_tx(struct core *core, uint32_t w, uint32_t dev, struct rte_mbuf **pkts,
                       uint16_t n)
{
    const struct device *d = &core->device[dev];

    return rte_eth_tx_burst((uint16_t)d->port_id, (uint16_t)d->txq[w], pkts, n);
}

static uint16_t eal_kernel_rx(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n)
{
    return rte_eth_rx_burst((uint16_t)core->device[dev].kernel_port_id, 0, pkts, n);
}

static uint16_t eal_kernel_tx(struct core *core, uint32_t dev, struct rte_mbuf **pkts, uint16_t n)
{
    return rte_eth_tx_burst((uint16_t)core->device[dev].kernel_port_id, 0, pkts, n);
}

/* A port that cannot be asked is thought to be up. */
static bool eal_link_is_up(const struct core *core, uint32_t dev)
{
    const struct device *d = &core->device[dev];
    struct rte_eth_link link;

    return d->up && (rte_eth_link_get_nowait((uint16_t)d->port_id, &link) || link.link_status);
}

static void eal_wake_host(struct core *core)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&core->host_sleeps, __ATOMIC_RELAXED) &&
        __atomic_exchange_n(&core->host_sleeps, 0, __ATOMIC_RELAXED))
        eventfd_write(core->host_eventfd, 1);
}

const struct io_ops io_eal = {
    .rx = eal_rx, .tx = eal_tx, .kernel_rx = eal_kernel_rx, .kernel_tx = eal_kernel_tx,
    .link_is_up = eal_link_is_up, .wake_host = eal_wake_host,
};
