/* wire.c - net_ring ports. */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>

enum { WIRE_SLOTS = 1024 };

int wire_create(struct wire *wire, unsigned index)
{
    char name[32];

    snprintf(name, sizeof name, "to_dut%u", index);
    wire->to_dut = rte_ring_create(name, WIRE_SLOTS, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
    snprintf(name, sizeof name, "from_dut%u", index);
    wire->from_dut = rte_ring_create(name, WIRE_SLOTS, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (!wire->to_dut || !wire->from_dut)
        return -1;
    snprintf(name, sizeof name, "wire%u", index);
    wire->port_id = rte_eth_from_rings(name, &wire->to_dut, 1, &wire->from_dut, 1, 0);
    return wire->port_id < 0 ? -1 : 0;
}

int wire_start(const struct wire *wire, struct rte_mempool *pool)
{
    const uint16_t port = (uint16_t)wire->port_id;
    struct rte_eth_conf conf;

    memset(&conf, 0, sizeof conf);
    return rte_eth_dev_configure(port, 1, 1, &conf) ||
           rte_eth_rx_queue_setup(port, 0, WIRE_SLOTS, 0, NULL, pool) ||
           rte_eth_tx_queue_setup(port, 0, WIRE_SLOTS, 0, NULL) || rte_eth_dev_start(port);
}
