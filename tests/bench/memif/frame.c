/* frame.c - make test packets and judge those that come back. */
#include "frame.h"

#include <string.h>

#include <rte_byteorder.h>

enum { TTL = 64, UDP = 17 };

void frame_init(struct udp_frame *frame, unsigned n_bytes)
{
    const unsigned n_ip = n_bytes - sizeof frame->eth;

    memset(frame, 0, n_bytes);
    frame->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
    frame->ip.version_ihl = 0x45;
    frame->ip.total_length = rte_cpu_to_be_16((uint16_t)n_ip);
    frame->ip.time_to_live = TTL;
    frame->ip.next_proto_id = UDP;
    frame->udp.dgram_len = rte_cpu_to_be_16((uint16_t)(n_ip - sizeof frame->ip));
    frame->mark.magic = MEMIF_MAGIC;
}

static uint16_t udp_sum(const struct udp_frame *frame)
{
    uint32_t sum = rte_ipv4_phdr_cksum(&frame->ip, 0);

    sum += rte_raw_cksum(&frame->udp, sizeof frame->udp + sizeof frame->mark);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

void frame_seal(struct udp_frame *frame)
{
    uint16_t sum;

    frame->ip.hdr_checksum = 0;
    frame->ip.hdr_checksum = rte_ipv4_cksum(&frame->ip);
    frame->udp.dgram_cksum = 0;
    sum = udp_sum(frame);
    frame->udp.dgram_cksum = sum ? sum : 0xffff;
}

bool frame_is_right(const struct udp_frame *frame, unsigned n_bytes)
{
    return n_bytes >= sizeof *frame && frame->eth.ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)
        && frame->ip.version_ihl == 0x45 && frame->ip.next_proto_id == UDP
        && frame->mark.magic == MEMIF_MAGIC
        && rte_raw_cksum(&frame->ip, sizeof frame->ip) == 0xffff && udp_sum(frame) == 0;
}
