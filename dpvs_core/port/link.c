/* link.c - how a device is: link, settings, the port's own counters. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>

#include "worker/check.h"

static void add_port(uint16_t port_id, struct core_link *out)
{
    struct rte_eth_dev_info info;
    struct rte_eth_link link;
    struct rte_eth_stats stats;

    if (!rte_eth_dev_info_get(port_id, &info))
        snprintf(out->driver, sizeof out->driver, "%s", info.driver_name);
    if (!rte_eth_link_get_nowait(port_id, &link)) {
        out->up = out->up && link.link_status;
        out->full_duplex = link.link_duplex;
        out->autoneg = link.link_autoneg;
        out->speed_mbps = link.link_speed;
    }
    out->socket = rte_eth_dev_socket_id(port_id);
    if (rte_eth_stats_get(port_id, &stats))
        return;
    out->ipackets = stats.ipackets;
    out->opackets = stats.opackets;
    out->ibytes = stats.ibytes;
    out->obytes = stats.obytes;
    out->ierrors = stats.ierrors;
    out->oerrors = stats.oerrors;
    out->imissed = stats.imissed;
    out->rx_nombuf = stats.rx_nombuf;
}

int core_device_link(struct core *core, uint32_t dev, struct core_link *out)
{
    const struct device *d = &core->device[dev];

    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    *out = (struct core_link){
        .up = d->up, .promisc = d->promisc, .allmulticast = d->allmulticast, .mtu = d->mtu,
        .n_rxq = d->n_rxq, .n_txq = d->n_txq, .driver = "plain",
        .tx_offloads = d->tx_offloads, /* of the receive side none is asked for */
    };
    memcpy(out->mac, d->mac, sizeof out->mac);
    if (d->port_id >= 0)
        add_port((uint16_t)d->port_id, out);
    if (core->env.pool) {
        out->mbuf_avail = rte_mempool_avail_count(core->env.pool);
        out->mbuf_inuse = rte_mempool_in_use_count(core->env.pool);
    }
    return 0;
}
