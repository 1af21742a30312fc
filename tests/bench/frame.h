/* frame.h - the packets of the benches: who speaks, and the bytes of it.
 *
 * A packet carries a tag (the flow's number), so that what comes out is known again whatever the
 * director has replaced: after the header in UDP, in fields nobody looks at in TCP (identification
 * and urgent pointer).
 */
#ifndef DPVS_BENCH_FRAME_H
#define DPVS_BENCH_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_mbuf.h>

/* The stations of the bench, numbered from 0 in an address block of their own. */
enum place_kind { PLACE_CLIENT, PLACE_VIP, PLACE_SERVER, PLACE_LADDR, PLACE_GATEWAY, N_PLACES };

struct place {
    enum place_kind kind;
    uint32_t index;
};

/* As the core's API takes addresses; `af` is 4 or 6. */
void place_addr(uint8_t out[16], uint8_t af, struct place place);
/* The block that holds all servers and local addresses: 16 bytes and its length. */
uint8_t place_inside_prefix(uint8_t out[16], uint8_t af);

struct frame_spec {
    uint8_t af, proto;
    uint8_t tcp_flags;
    struct place src, dst;
    uint16_t sport_be, dport_be;
    uint32_t seq, ack;          /* host order */
    uint32_t tag;
    uint32_t n_bytes;           /* of the frame */
    uint32_t payload_bytes;     /* TCP: as many; UDP: all that fits */
    const uint8_t *mac;         /* of the station it goes to */
};

/* The least bytes of a frame that carries the tag. */
uint32_t frame_min_bytes(uint8_t af, uint8_t proto);
/* Every byte of the headers, and right checksums of IP; those of UDP and TCP are any number: they
 * change by difference. */
void frame_write(struct rte_mbuf *m, const struct frame_spec *spec);
/* A frame of Ethernet, IPv4 and UDP with everything but addresses and ports. */
void frame_blank(uint8_t *frame, uint32_t n_bytes);

/* What came out. */
struct frame_view {
    uint32_t tag;
    uint32_t src_index, dst_index; /* within their blocks */
    uint16_t sport_be, dport_be;
    uint32_t seq;
};

/* Of a tunnelled packet, IPv4 in IPv4, the inner one. False: not a TCP or UDP packet of this family (a stray: a reset, say, carries no tag). */
bool frame_read(const struct rte_mbuf *m, uint8_t af, uint8_t proto, struct frame_view *view);
static inline void frame_swap_macs(struct rte_mbuf *m)
{
    uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
    uint8_t dst[6];

    memcpy(dst, frame, 6);
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, dst, 6);
}

/* Room in a UDP frame for a time stamp, after the tag. */
uint8_t *frame_stamp(const struct rte_mbuf *m, uint8_t af);

#endif
