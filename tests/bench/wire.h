/* wire.h - in-memory ports between a generator lcore and the lcore that is measured.
 *
 * Each port is a net_ring ethdev over two SPSC rings. The generator writes every header anew, so
 * the measured lcore is the first to touch it, as it would be behind a NIC.
 */
#ifndef DPVS_BENCH_WIRE_H
#define DPVS_BENCH_WIRE_H

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

enum { WIRE_BURST = 32, WIRE_PORTS = 2, WIRE_FRAME_BYTES = 60 };

/* A frame of Ethernet, IPv4 and UDP with everything but addresses and ports. */
void wire_frame(uint8_t *frame);

struct wire {
    struct rte_ring *to_dut, *from_dut; /* as the generator sees it */
    int port_id;
};

/* NULL and a message on stderr where rings, port or pool cannot be made. */
int wire_create(struct wire *wire, unsigned index);
/* Configure and start the ethdev (a core does that by itself). */
int wire_start(const struct wire *wire, struct rte_mempool *pool);

#endif
