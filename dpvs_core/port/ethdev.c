/* ethdev.c - configure, queues, start: the same for data ports and kernel ports.
 *
 * What a driver lacks is left out where the packets' way does not depend on it (RSS, its own MTU
 * setting), and refused with a sentence where it does.
 */
#include "port/ethdev.h"

#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>

#include "dpvs_core.h"

enum { DEFAULT_DESCRIPTORS = 512, L2_OVERHEAD_BYTES = 14 + 4 };

int ethdev_fail(char *err, uint16_t port_id, int error, const char *what)
{
    char name[RTE_ETH_NAME_MAX_LEN] = "?";

    rte_eth_dev_get_name_by_port(port_id, name);
    snprintf(err, CORE_ERR_BYTES, "port %s: %s: %s", name, what, rte_strerror(-error));
    return error;
}

static int check(uint16_t port_id, const struct ethdev_conf *conf,
                 const struct rte_eth_dev_info *info, char *err)
{
    const unsigned room = rte_pktmbuf_data_room_size(conf->pool) - RTE_PKTMBUF_HEADROOM;

    if (conf->n_rxq > info->max_rx_queues || conf->n_txq > info->max_tx_queues)
        return ethdev_fail(err, port_id, -EINVAL, "it has fewer queues than are asked for");
    if (conf->mtu + (unsigned)L2_OVERHEAD_BYTES > room)
        return ethdev_fail(err, port_id, -EINVAL, "its MTU is larger than a packet buffer");
    return 0;
}

static int configure(uint16_t port_id, const struct ethdev_conf *conf,
                     const struct rte_eth_dev_info *info)
{
    struct rte_eth_conf eth = { .rxmode.mq_mode = RTE_ETH_MQ_RX_NONE };
    int error;

    eth.rxmode.mtu = conf->mtu;
    eth.txmode.offloads = conf->tx_offloads & info->tx_offload_capa;
    eth.intr_conf.rxq = conf->rx_interrupt;
    if (conf->rss && conf->n_rxq > 1 && info->flow_type_rss_offloads) {
        eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        eth.rx_adv_conf.rss_conf.rss_hf =
            (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP) & info->flow_type_rss_offloads;
    }
    error = rte_eth_dev_configure(port_id, conf->n_rxq, conf->n_txq, &eth);
    if (error && eth.rxmode.mq_mode != RTE_ETH_MQ_RX_NONE) {
        eth.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE; /* owner() does not need it */
        eth.rx_adv_conf.rss_conf.rss_hf = 0;
        error = rte_eth_dev_configure(port_id, conf->n_rxq, conf->n_txq, &eth);
    }
    return error;
}

static int set_up_queues(uint16_t port_id, const struct ethdev_conf *conf)
{
    const int at = rte_eth_dev_socket_id(port_id);
    const unsigned socket = at < 0 ? (unsigned)SOCKET_ID_ANY : (unsigned)at;
    uint16_t n_rxd = conf->n_rxd ? conf->n_rxd : DEFAULT_DESCRIPTORS;
    uint16_t n_txd = conf->n_txd ? conf->n_txd : DEFAULT_DESCRIPTORS;
    int error = rte_eth_dev_adjust_nb_rx_tx_desc(port_id, &n_rxd, &n_txd);

    for (uint16_t q = 0; !error && q < conf->n_rxq; q++)
        error = rte_eth_rx_queue_setup(port_id, q, n_rxd, socket, NULL, conf->pool);
    for (uint16_t q = 0; !error && q < conf->n_txq; q++)
        error = rte_eth_tx_queue_setup(port_id, q, n_txd, socket, NULL);
    return error;
}

int ethdev_start(uint16_t port_id, const struct ethdev_conf *conf, char *err)
{
    struct rte_eth_dev_info info;
    uint16_t mtu = 0;
    int error = rte_eth_dev_info_get(port_id, &info);

    if (error)
        return ethdev_fail(err, port_id, error, "cannot be asked");
    error = check(port_id, conf, &info, err);
    if (error)
        return error;
    error = configure(port_id, conf, &info);
    if (error)
        return ethdev_fail(err, port_id, error, "cannot be configured");
    error = set_up_queues(port_id, conf);
    if (error)
        return ethdev_fail(err, port_id, error, "its queues cannot be set up");
    rte_eth_dev_get_mtu(port_id, &mtu);
    if (conf->mtu && mtu != conf->mtu) {
        error = rte_eth_dev_set_mtu(port_id, conf->mtu);
        if (error && error != -ENOTSUP)
            return ethdev_fail(err, port_id, error, "does not take its MTU");
    }
    error = rte_eth_dev_start(port_id);
    return error ? ethdev_fail(err, port_id, error, "did not start") : 0;
}
