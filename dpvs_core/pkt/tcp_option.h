/* tcp_option.h - changing TCP options of a packet in place, checksum kept by difference. */
#ifndef DPVS_PKT_TCP_OPTION_H
#define DPVS_PKT_TCP_OPTION_H

#include <stdbool.h>

#include "pkt/pkt.h"

enum {
    TCPOPT_END = 0, TCPOPT_NOP = 1, TCPOPT_MSS = 2, TCPOPT_WSCALE = 3, TCPOPT_SACKOK = 4,
    TCPOPT_SACK = 5, TCPOPT_TIMESTAMP = 8, TCPOPT_TOA = 254,
    TCPOPT_MSS_BYTES = 4, TCPOPT_TIMESTAMP_BYTES = 10, TCPOPT_TOA4_BYTES = 8,
    TCPOPT_TOA6_BYTES = 20,
    TCP_HDR_MAX_BYTES = 60,
};

/* Timestamps become NOPs: clients that share a local address have unrelated clocks, and a server's
 * PAWS (RFC 7323) would drop their segments. */
void tcp_strip_timestamp(struct pkt *p);
/* Lower the MSS option by n_bytes, to leave room for what is inserted later. */
void tcp_lower_mss(struct pkt *p, uint16_t n_bytes);
/* Add to every edge of SACK blocks (RFC 2018), host order. */
void tcp_shift_sack(struct pkt *p, uint32_t add);
/* Put option 254 (F-090: port, address of the family) right behind the basic header; options that
 * are not needed make room when header or MTU lack it (F-092). False: no room, packet unchanged. */
bool tcp_insert_toa(struct pkt *p, uint8_t af, const void *addr, uint16_t port_be, uint16_t mtu);

/* Of the option with an address of the family. */
static inline uint16_t toa_bytes(uint8_t af)
{
    return af == 4 ? TCPOPT_TOA4_BYTES : TCPOPT_TOA6_BYTES;
}

#endif
