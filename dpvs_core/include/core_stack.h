/* core_stack.h - the stack: addresses and routes published as one table; neighbours. */
#ifndef DPVS_CORE_STACK_H
#define DPVS_CORE_STACK_H

#include "core_base.h"

enum core_addr_kind {
    CORE_ADDR_LOCAL,            /* answered for here: ARP, echo */
    CORE_ADDR_KERNEL,           /* belongs to the kernel port (scope kni_host) */
};
enum core_addr_flag {
    CORE_ADDR_NODAD = 1,        /* used at once; else an IPv6 address is verified (RFC 4862 5.4),
                                   and either family's announced when its link comes up */
    CORE_ADDR_DEPRECATED = 2,   /* answered for, but sent from only where there is no other */
};
enum core_route_kind { CORE_ROUTE_LINK, CORE_ROUTE_GATEWAY };

struct core_addr {
    uint8_t af, kind;
    uint16_t dev;
    uint32_t laddr_id;          /* CORE_NO_ID: not a local address of FNAT */
    uint8_t addr[16];
    uint8_t flags;              /* enum core_addr_flag */
};

struct core_route {
    uint8_t af, kind, plen;
    uint16_t dev, mtu;          /* mtu 0: the device's */
    uint8_t prefix[16], gateway[16], src[16]; /* src all zero: chosen by device */
};

int core_fib_publish(struct core *core, const struct core_addr *addrs, uint32_t n_addrs,
                     const struct core_route *routes, uint32_t n_routes);

/* Duplicate address detection of local IPv6 addresses without CORE_ADDR_NODAD. A tentative address
 * is not answered for by neighbour discovery nor sent from; a failed one neither, until it was away
 * from one publication. */
enum core_dad_state { CORE_DAD_TENTATIVE, CORE_DAD_PREFERRED, CORE_DAD_FAILED };
enum { CORE_MAX_DAD = 4096 };   /* such addresses; core_fib_publish: -ENOSPC beyond it */
enum { CORE_MAX_GROUPS = 4096 }; /* IPv6 multicast groups reported (MLD), all devices */

struct core_addr_state {
    uint8_t af, state;          /* enum core_dad_state */
    uint16_t dev;
    uint8_t addr[16];
};

/* Rows from *cursor on (0 at first, 0 again at the end); returns their number. An address that is
 * not listed is used without verification, or was published a moment ago. Who has a failed one is
 * told by core_conflicts. */
int core_addr_states(struct core *core, uint32_t *cursor, struct core_addr_state *out,
                     uint32_t max);

enum core_neigh_state {         /* F-207 */
    CORE_NEIGH_NONE, CORE_NEIGH_SEND, CORE_NEIGH_REACHABLE, CORE_NEIGH_PROBE, CORE_NEIGH_DELAY,
};

struct core_neigh {
    uint8_t af, state, is_static, has_mac;
    uint16_t dev;
    uint8_t addr[16];
    uint8_t mac[6];
};

/* Rows from *cursor on (0 at first, 0 again at the end); returns their number. */
int core_neigh_list(struct core *core, uint32_t *cursor, struct core_neigh *out, uint32_t max);
int core_neigh_add(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr,
                   const uint8_t *mac);
int core_neigh_del(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr);

struct core_conflict {          /* another station claims a local address (RFC 5227, 4862 5.4) */
    uint8_t af;
    uint16_t dev;
    uint8_t addr[16];
    uint8_t mac[6];
    uint32_t n_seen;            /* since the core's start */
};

/* Claims seen since the last call: their number, at most `max` (the rest with the next call). */
int core_conflicts(struct core *core, struct core_conflict *out, uint32_t max);
/* Announce an address of a device: a gratuitous ARP request, or an unsolicited neighbour
 * advertisement to all nodes. -EAGAIN: too many waiting. */
int core_garp(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr);

#endif
