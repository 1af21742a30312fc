/* wire.c - net_ring ports. */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>

static struct rte_ring *wire_ring(const char *direction, unsigned index, uint32_t queue)
{
    char name[32];

    snprintf(name, sizeof name, "%s%u_%u", direction, index, queue);
    return rte_ring_create(name, WIRE_SLOTS, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

int wire_create(struct wire *wire, unsigned index, uint32_t n_queues)
{
    char name[32];

    wire->n_queues = n_queues;
    for (uint32_t q = 0; q < n_queues; q++) {
        wire->to_dut[q] = wire_ring("to_dut", index, q);
        wire->from_dut[q] = wire_ring("from_dut", index, q);
        if (!wire->to_dut[q] || !wire->from_dut[q])
            return -1;
    }
    snprintf(name, sizeof name, "wire%u", index);
    wire->port_id = rte_eth_from_rings(name, wire->to_dut, n_queues, wire->from_dut, n_queues, 0);
    return wire->port_id < 0 ? -1 : 0;
}

int wire_start(const struct wire *wire, struct rte_mempool *pool)
{
    const uint16_t port = (uint16_t)wire->port_id, n_queues = (uint16_t)wire->n_queues;
    struct rte_eth_conf conf;
    int error;

    memset(&conf, 0, sizeof conf);
    error = rte_eth_dev_configure(port, n_queues, n_queues, &conf);
    for (uint16_t q = 0; !error && q < n_queues; q++) {
        error = rte_eth_rx_queue_setup(port, q, WIRE_SLOTS, 0, NULL, pool);
        if (!error)
            error = rte_eth_tx_queue_setup(port, q, WIRE_SLOTS, 0, NULL);
    }
    return error ? error : rte_eth_dev_start(port);
}
