/* core_eal.h - EAL and its ports (port/eal.c; not in a plain core). */
#ifndef DPVS_CORE_EAL_H
#define DPVS_CORE_EAL_H

#include "core_base.h"

struct eal_port {
    char name[64];
    char driver[CORE_NAME_BYTES];
    uint8_t mac[6];
    uint8_t up, full_duplex, autoneg;
    uint16_t max_rx_queues, max_tx_queues;
    uint16_t mtu;
    int32_t socket;
    uint32_t speed_mbps;
    uint64_t rx_offloads, tx_offloads; /* capabilities, RTE_ETH_RX_OFFLOAD_* */
};

const char *eal_version(void);
/* rte_eal_init; 0, or -errno with a sentence in err[CORE_ERR_BYTES]. */
int eal_start(int argc, char **argv, char *err);
int eal_stop(void);
/* Make a vdev after the start, e.g. ("net_tap0", "iface=dpdk0.kni,persist"); port id or -errno. */
int eal_vdev_add(const char *name, const char *args, char *err);
int eal_vdev_del(const char *name);
int eal_port_count(void);
int eal_port_by_name(const char *name); /* port id or -ENODEV */
int eal_port_get(int port_id, struct eal_port *out);
int eal_lcores(uint32_t *out, int max); /* enabled lcores but the main one, ascending */
int eal_lcore_cpus(uint32_t lcore, uint32_t *out, int max); /* that its thread may run on */

#endif
