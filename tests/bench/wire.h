/* wire.h - in-memory ports between a generator and the worker that is measured.
 *
 * Each port is a net_ring ethdev over SPSC rings, one pair a worker. The generator writes every
 * header anew, so the measured worker is the first to touch it, as it would be behind a NIC.
 */
#ifndef DPVS_BENCH_WIRE_H
#define DPVS_BENCH_WIRE_H

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

enum { WIRE_BURST = 32, WIRE_PORTS = 2, WIRE_WORKERS = 2, WIRE_SLOTS = 1024 };

struct wire {
    struct rte_ring *to_dut[WIRE_WORKERS], *from_dut[WIRE_WORKERS]; /* as the generator sees it */
    uint32_t n_queues;          /* one a worker */
    int port_id;
};

/* 0, or -1: rings or port cannot be made. */
int wire_create(struct wire *wire, unsigned index, uint32_t n_queues);
/* Configure and start the ethdev (a core does that by itself). */
int wire_start(const struct wire *wire, struct rte_mempool *pool);

#endif
