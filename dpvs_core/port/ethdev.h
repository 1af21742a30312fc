/* ethdev.h - setting up a DPDK port; files of this folder only. */
#ifndef DPVS_PORT_ETHDEV_H
#define DPVS_PORT_ETHDEV_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

struct ethdev_conf {
    uint16_t n_rxq, n_txq, n_rxd, n_txd;
    uint16_t mtu;               /* 0: leave */
    bool rss, rx_interrupt;
    uint64_t tx_offloads;       /* those that it offers are switched on */
    struct rte_mempool *pool;
};

/* Configure, set up all queues, start. 0, or -errno with a sentence in err[CORE_ERR_BYTES]. */
int ethdev_start(uint16_t port_id, const struct ethdev_conf *conf, char *err);
/* A sentence about a port into err; returns error. */
int ethdev_fail(char *err, uint16_t port_id, int error, const char *what);

#endif
