/* device.c - the core's devices: a port each, or none in a plain core. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/check.h"
#include "host/command.h"
#include "port/ethdev.h"
#include "port/nic_plain.h"
#include "worker/worker.h"

/* Ports on a Linux interface hear only frames for its own address unless told otherwise; the
 * addresses that VRRP and Linux's multicast use are not programmed into them. */
static const char *const promiscuous_drivers[] = { "net_tap", "net_af_packet" };

static int check(const struct core *core, const struct core_device_conf *conf, char *err)
{
    const char *wrong = NULL;

    CHECK_MASTER(core);
    if (core->running)
        wrong = "devices are added before the core runs";
    else if (core->n_devices == CORE_MAX_DEVICES)
        wrong = "too many devices";
    else if ((conf->port_id < 0) != core->conf.plain)
        wrong = core->conf.plain ? "a plain core has no ports" : "the device has no port";
    else if (conf->port_id >= 0 && !rte_eth_dev_is_valid_port((uint16_t)conf->port_id))
        wrong = "there is no such port";
    else if (!conf->n_rxq || !conf->n_txq)
        wrong = "at least one receive and one transmit queue";
    if (!wrong)
        return 0;
    snprintf(err, CORE_ERR_BYTES, "device %.31s: %s", conf->name, wrong);
    return -EINVAL;
}

static bool wants_promisc(const char *driver)
{
    for (unsigned i = 0; i < RTE_DIM(promiscuous_drivers); i++)
        if (!strcmp(driver, promiscuous_drivers[i]))
            return true;
    return false;
}

static int start_port(const struct core *core, struct device *d,
                      const struct core_device_conf *conf, char *err)
{
    const uint16_t port_id = (uint16_t)conf->port_id;
    const struct ethdev_conf eth = {
        .n_rxq = conf->n_rxq, .n_txq = conf->n_txq, .n_rxd = conf->n_rxd, .n_txd = conf->n_txd,
        .mtu = d->mtu, .rss = true, .pool = core->env.pool,
        .tx_offloads = conf->fast_free ? RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE : 0,
    };
    struct rte_eth_dev_info info;
    struct rte_ether_addr mac;
    int error = ethdev_start(port_id, &eth, err);

    if (error)
        return error;
    error = rte_eth_dev_info_get(port_id, &info);
    if (error)
        return ethdev_fail(err, port_id, error, "cannot be asked");
    d->tx_offloads = eth.tx_offloads & info.tx_offload_capa;
    d->promisc = conf->promisc || wants_promisc(info.driver_name);
    /* Neighbour discovery, VRRP and OSPF of Linux live on groups nobody programs into the port. */
    d->allmulticast |= !d->promisc;
    error = d->promisc ? rte_eth_promiscuous_enable(port_id) : 0;
    if (!error && d->allmulticast)
        error = rte_eth_allmulticast_enable(port_id);
    if (error && error != -ENOTSUP)
        return ethdev_fail(err, port_id, error, "cannot be set promiscuous");
    error = rte_eth_macaddr_get(port_id, &mac);
    if (error)
        return ethdev_fail(err, port_id, error, "does not tell its address");
    memcpy(d->mac, mac.addr_bytes, sizeof d->mac);
    return 0;
}

int core_device_add(struct core *core, const struct core_device_conf *conf, char *err)
{
    struct device *d = &core->device[core->n_devices];
    int error;

    err[0] = 0;
    error = check(core, conf, err);
    if (error)
        return error;
    *d = (struct device){
        .mtu = conf->mtu ? conf->mtu : RTE_ETHER_MTU, .port_id = conf->port_id,
        .kernel_port_id = -1, .promisc = conf->promisc, .allmulticast = conf->allmulticast,
        .up = 1, .n_rxq = conf->n_rxq, .n_txq = conf->n_txq, .n_txd = conf->n_txd,
    };
    snprintf(d->name, sizeof d->name, "%s", conf->name);
    memcpy(d->mac, conf->mac, sizeof d->mac);
    for (unsigned w = 0; w < CORE_MAX_WORKERS; w++)
        d->rxq[w] = d->txq[w] = -1;
    if (conf->port_id < 0) {
        d->plain_nic = plain_nic_create(conf->plain_nic, conf->plain_max_rules, conf->n_rxq);
        error = d->plain_nic ? 0 : -ENOMEM;
    } else {
        error = start_port(core, d, conf, err);
    }
    return error ? error : (int)core->n_devices++;
}

/* A queue has one user: rings of descriptors know no locks. */
static bool is_taken(const struct core *core, const int16_t *queue_of, uint32_t w, int queue)
{
    for (uint32_t i = 0; queue >= 0 && i < core->conf.n_workers; i++)
        if (i != w && queue_of[i] == queue)
            return true;
    return false;
}

int core_device_poll(struct core *core, uint32_t w, uint32_t dev, int rxq, int txq)
{
    struct device *d = &core->device[dev];

    CHECK_MASTER(core);
    if (w >= core->conf.n_workers || dev >= core->n_devices || rxq < -1 || txq < -1 ||
        rxq >= d->n_rxq || txq >= d->n_txq)
        return -EINVAL;
    if (core->running || (!core->conf.plain && (is_taken(core, d->rxq, w, rxq) ||
                                                is_taken(core, d->txq, w, txq))))
        return -EBUSY;
    d->rxq[w] = (int16_t)rxq;
    d->txq[w] = (int16_t)txq;
    core->worker[w]->tx[dev].has_queue = txq >= 0;
    return 0;
}

/* --- changes while running ------------------------------------------------------------------ */

static int set_mtu(struct core *core, uint32_t dev, uint32_t mtu)
{
    struct device *d = &core->device[dev];
    int error = 0;

    if (mtu < 68 || mtu > UINT16_MAX)
        return -EINVAL;
    if (d->port_id >= 0)
        error = rte_eth_dev_set_mtu((uint16_t)d->port_id, (uint16_t)mtu);
    if (error)
        return error;
    d->mtu = (uint16_t)mtu;
    return host_device_changed(core, (uint16_t)dev);
}

static int set_promisc(uint16_t port_id, bool on)
{
    return on ? rte_eth_promiscuous_enable(port_id) : rte_eth_promiscuous_disable(port_id);
}

static int set_allmulticast(uint16_t port_id, bool on)
{
    return on ? rte_eth_allmulticast_enable(port_id) : rte_eth_allmulticast_disable(port_id);
}

static int set_up(uint16_t port_id, bool on)
{
    return on ? rte_eth_dev_set_link_up(port_id) : rte_eth_dev_set_link_down(port_id);
}

int core_device_set(struct core *core, uint32_t dev, enum core_link_item item, uint32_t value)
{
    static int (*const set[])(uint16_t, bool) = {
        [CORE_LINK_PROMISC] = set_promisc,
        [CORE_LINK_ALLMULTICAST] = set_allmulticast,
        [CORE_LINK_UP] = set_up,
    };
    struct device *d = &core->device[dev];
    int error = 0;

    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    if (item == CORE_LINK_MTU)
        return set_mtu(core, dev, value);
    if ((unsigned)item >= RTE_DIM(set))
        return -EINVAL;
    if (d->port_id >= 0)
        error = set[item]((uint16_t)d->port_id, value != 0);
    if (error)
        return error;
    *(item == CORE_LINK_PROMISC ? &d->promisc : item == CORE_LINK_UP ? &d->up : &d->allmulticast) =
        value != 0;
    return 0;
}

int core_device_mac(struct core *core, uint32_t dev, const uint8_t *mac)
{
    struct device *d = &core->device[dev];
    struct rte_ether_addr addr;

    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    memcpy(addr.addr_bytes, mac, sizeof addr.addr_bytes);
    if (!rte_is_valid_assigned_ether_addr(&addr))
        return -EINVAL;
    if (d->port_id >= 0) {
        const int error = rte_eth_dev_default_mac_addr_set((uint16_t)d->port_id, &addr);

        if (error)
            return error;
    }
    memcpy(d->mac, mac, sizeof d->mac);
    return host_device_changed(core, (uint16_t)dev);
}
