/* frame.h - the test packet: UDP whose payload says which flow it belongs to and when it left.
 *
 * A flow is a client's address and port, 2^15 ports an address from MEMIF_FIRST_PORT on. What is
 * behind the mark is zero, so that the UDP checksum needs only the mark, at every packet size.
 */
#ifndef DPVS_BENCH_MEMIF_FRAME_H
#define DPVS_BENCH_MEMIF_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_arp.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

enum { MEMIF_FIRST_PORT = 2000, MEMIF_PORT_BITS = 15, MEMIF_MAGIC = 0x6d69664c };

struct mark {
    uint32_t magic, flow;
    uint64_t sent_tsc;
} __attribute__((packed));
static_assert(sizeof(struct mark) == 16, "16 bytes fit into the smallest packet");

struct udp_frame {
    struct rte_ether_hdr eth;
    struct rte_ipv4_hdr ip;
    struct rte_udp_hdr udp;
    struct mark mark;
} __attribute__((packed, aligned(2)));

enum { MEMIF_MIN_BYTES = 60, MEMIF_MAX_BYTES = 1514 };
static_assert(sizeof(struct udp_frame) <= MEMIF_MIN_BYTES, "the mark fits into a short frame");

struct endpoint {
    uint32_t addr_be;
    uint16_t port_be;
};

/* The client side of flow i. */
static inline struct endpoint flow_client(uint32_t first_addr, uint32_t flow)
{
    return (struct endpoint){
        .addr_be = rte_cpu_to_be_32(first_addr + (flow >> MEMIF_PORT_BITS)),
        .port_be = rte_cpu_to_be_16((uint16_t)(MEMIF_FIRST_PORT +
                                               (flow & ((1u << MEMIF_PORT_BITS) - 1)))),
    };
}

/* Everything but addresses, ports, mark and checksums; n_bytes without the frame check sequence. */
void frame_init(struct udp_frame *frame, unsigned n_bytes);
/* Both checksums, from the frame's fields. */
void frame_seal(struct udp_frame *frame);
/* One of ours, whole and with right checksums? */
bool frame_is_right(const struct udp_frame *frame, unsigned n_bytes);

#endif
