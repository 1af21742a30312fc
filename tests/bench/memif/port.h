/* port.h - a memif port of this program, and the ARP it answers.
 *
 * The port is a vdev of the command line (--vdev=net_memif0,...), one queue each way. Memory: the
 * pool is the caller's; nothing is freed before the process ends.
 */
#ifndef DPVS_BENCH_MEMIF_PORT_H
#define DPVS_BENCH_MEMIF_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

enum { PORT_BURST = 32, PORT_SLOTS = 1024, PORT_BUFFERS = 16383 };

struct port {
    uint16_t id;
    struct rte_ether_addr mac;
    uint32_t first_addr, last_addr; /* answered for, host order */
};

struct rte_mempool *port_pool(void);
/* 0, or -1 and a sentence on stderr. */
int port_open(struct port *port, uint16_t id, struct rte_mempool *pool);
/* Whether the other end has connected. */
bool port_is_up(const struct port *port);
/* Send all or free the rest; how many were sent. */
unsigned port_send(const struct port *port, struct rte_mbuf **packets, unsigned n);
/* Answer an ARP request for an address of ours. True: it was ARP, and the packet is gone.
 * Whoever announces or probes an address of its own gets no answer. */
bool port_arp(const struct port *port, struct rte_mbuf *packet);
/* Ask for `target`'s MAC as `sender` (host order). */
void port_ask(const struct port *port, struct rte_mempool *pool, uint32_t sender, uint32_t target);
/* The MAC in an ARP reply about `target`; false if the packet is something else. */
bool port_told(const struct rte_mbuf *packet, uint32_t target, struct rte_ether_addr *mac);

#endif
