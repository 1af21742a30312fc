/* port.c - memif ports and ARP. */
#include "port.h"

#include <stdio.h>
#include <string.h>

#include <rte_arp.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

struct arp_frame {
    struct rte_ether_hdr eth;
    struct rte_arp_hdr arp;
} __attribute__((packed, aligned(2)));

struct rte_mempool *port_pool(void)
{
    struct rte_mempool *pool = rte_pktmbuf_pool_create("packets", PORT_BUFFERS, 256, 0,
                                                       RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);

    if (!pool)
        fprintf(stderr, "no memory for %d packets: %s\n", PORT_BUFFERS, rte_strerror(rte_errno));
    return pool;
}

int port_open(struct port *port, uint16_t id, struct rte_mempool *pool)
{
    const struct rte_eth_conf conf = { 0 };
    int error = rte_eth_dev_configure(id, 1, 1, &conf);

    port->id = id;
    if (!error)
        error = rte_eth_rx_queue_setup(id, 0, PORT_SLOTS, SOCKET_ID_ANY, NULL, pool);
    if (!error)
        error = rte_eth_tx_queue_setup(id, 0, PORT_SLOTS, SOCKET_ID_ANY, NULL);
    if (!error)
        error = rte_eth_dev_start(id);
    if (!error)
        error = rte_eth_macaddr_get(id, &port->mac);
    if (error)
        fprintf(stderr, "memif port %u: %s\n", id, rte_strerror(-error));
    return error ? -1 : 0;
}

bool port_is_up(const struct port *port)
{
    struct rte_eth_link link = { 0 };

    return rte_eth_link_get_nowait(port->id, &link) == 0 && link.link_status;
}

unsigned port_send(const struct port *port, struct rte_mbuf **packets, unsigned n)
{
    const unsigned n_sent = rte_eth_tx_burst(port->id, 0, packets, (uint16_t)n);

    if (n_sent < n)
        rte_pktmbuf_free_bulk(packets + n_sent, n - n_sent);
    return n_sent;
}

/* The frame if it is ARP about IPv4 with this operation. */
static struct arp_frame *arp_of(const struct rte_mbuf *packet, uint16_t operation)
{
    struct arp_frame *frame = rte_pktmbuf_mtod(packet, struct arp_frame *);

    if (rte_pktmbuf_data_len(packet) < sizeof *frame ||
        frame->eth.ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP) ||
        frame->arp.arp_opcode != rte_cpu_to_be_16(operation))
        return NULL;
    return frame;
}

static void fill(struct arp_frame *frame, const struct port *port, uint16_t operation)
{
    frame->eth.src_addr = port->mac;
    frame->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP);
    frame->arp.arp_hardware = rte_cpu_to_be_16(RTE_ARP_HRD_ETHER);
    frame->arp.arp_protocol = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
    frame->arp.arp_hlen = RTE_ETHER_ADDR_LEN;
    frame->arp.arp_plen = sizeof(uint32_t);
    frame->arp.arp_opcode = rte_cpu_to_be_16(operation);
    frame->arp.arp_data.arp_sha = port->mac;
}

bool port_arp(const struct port *port, struct rte_mbuf *packet)
{
    struct arp_frame *frame = arp_of(packet, RTE_ARP_OP_REQUEST);
    uint32_t asker_be, target_be, target;

    if (!frame)
        return false;
    asker_be = frame->arp.arp_data.arp_sip;
    target_be = frame->arp.arp_data.arp_tip;
    target = rte_be_to_cpu_32(target_be);
    if (!asker_be || asker_be == target_be || target < port->first_addr ||
        target > port->last_addr) {
        rte_pktmbuf_free(packet);
        return true;
    }
    frame->eth.dst_addr = frame->arp.arp_data.arp_sha;
    frame->arp.arp_data.arp_tha = frame->arp.arp_data.arp_sha;
    frame->arp.arp_data.arp_tip = asker_be;
    frame->arp.arp_data.arp_sip = target_be;
    fill(frame, port, RTE_ARP_OP_REPLY);
    port_send(port, &packet, 1);
    return true;
}

void port_ask(const struct port *port, struct rte_mempool *pool, uint32_t sender, uint32_t target)
{
    struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
    struct arp_frame *frame;

    if (!packet)
        return;
    frame = (struct arp_frame *)rte_pktmbuf_append(packet, 60);
    memset(frame, 0, 60);
    fill(frame, port, RTE_ARP_OP_REQUEST);
    memset(&frame->eth.dst_addr, 0xff, sizeof frame->eth.dst_addr);
    frame->arp.arp_data.arp_sip = rte_cpu_to_be_32(sender);
    frame->arp.arp_data.arp_tip = rte_cpu_to_be_32(target);
    port_send(port, &packet, 1);
}

bool port_told(const struct rte_mbuf *packet, uint32_t target, struct rte_ether_addr *mac)
{
    const struct arp_frame *frame = arp_of(packet, RTE_ARP_OP_REPLY);

    if (!frame || frame->arp.arp_data.arp_sip != rte_cpu_to_be_32(target))
        return false;
    *mac = frame->arp.arp_data.arp_sha;
    return true;
}
