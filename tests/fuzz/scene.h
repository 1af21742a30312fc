/* scene.h - the director that is fuzzed: every row of lb/fwd.c behind addresses of its own.
 *
 * dpdk0 leads to clients (10.0.0.0/16, 2001:db8::/32), dpdk1 to servers (192.168.100.0/24,
 * fd00:64::/32). Row i of fwd_table is served at the VIP ending in i + 1, at a port for each of `enum
 * scene_kind`, by one server ending in 10 + i; SNAT's rows are match services for what comes from
 * servers. SCTP's own rows are behind the services of their mode. hosts.py has the same numbers.
 */
#ifndef FUZZ_SCENE_H
#define FUZZ_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "dpvs_core.h"
#include "lb/fwd.h"

enum { TO_CLIENTS, TO_SERVERS, N_DEVICES };
/* What a row serves: UDP's second port without connections, a packet at a time. */
enum scene_kind { KIND_TCP, KIND_UDP, KIND_SCTP, KIND_ONE_PACKET, N_KINDS };
enum { SCENE_TCP_PORT = 80, SCENE_UDP_PORT = 53, SCENE_SCTP_PORT = 36412, SCENE_ONE_PACKET_PORT = 514 };
enum {
    SCENE_ROWS = 14,            /* of fwd_table for all protocols: those behind them are SCTP's */
    SCENE_N_DESTS = SCENE_ROWS * N_KINDS, SCENE_N_LADDRS = 4, SCENE_TTL = 77,
};

/* First byte of an input. */
enum scene_option {
    SCENE_THREE_WORKERS = 1,
    SCENE_XMIT_TTL = 2,
    SCENE_FORWARDING = 4,
    SCENE_SMALL_SERVERS_MTU = 8,
    SCENE_SMALL_CLIENTS_MTU = 16,
    SCENE_DEFENCE = 32,
    SCENE_ONE_SENDS = 64,       /* only worker 0 has transmit queues */
    SCENE_VERIFIED = 128,       /* IPv6 addresses are verified first */
};

/* Second byte. */
enum scene_scarcity {
    SCARCE_RATES = 1,           /* ICMP, ARP, resets, fragments, Linux: a few a second */
    SCARCE_PACKETS = 2,
    SCARCE_CONNS = 4,
    SCARCE_TX = 8,
    SCENE_NIC_RSS = 16,
    SCENE_NIC_FLOW = 32,
    SCENE_CAPTURE = 64,
    SCENE_NO_NAT = 128,         /* nor SNAT: owners by the address are remembered */
};

struct scene {
    struct core *core;
    uint8_t options, scarcity;
    uint32_t n_workers;
    uint64_t now_us;
    uint16_t mtu[N_DEVICES];
    bool has_vips;
    uint16_t route_mtu;         /* towards servers; 0: the device's */
};

extern const uint8_t scene_mac[N_DEVICES][6];

void scene_create(struct scene *s, uint8_t options, uint8_t scarcity);
void scene_destroy(struct scene *s);

/* Something that an operator or another director does (a: which). */
void scene_change(struct scene *s, uint8_t what, uint8_t a);
/* Every thread's turn, n times over. */
void scene_turns(struct scene *s, unsigned n);

/* An address of the scene by number, IPv4 or IPv6: for mutations. */
void scene_addr(uint8_t af, uint8_t number, uint8_t out[16]);

#endif
