/* owner.h - which flow group a packet belongs to, and so which worker. The only place that knows.
 *
 * To a service: the hash of the tuple. To a local address: the low bits of the port, because a
 * connection takes a port whose low bits are its group. An ICMP error: the rule on the packet
 * inside, reversed. Asked only for packets that match no connection of the receiving worker.
 */
#ifndef DPVS_WORKER_OWNER_H
#define DPVS_WORKER_OWNER_H

#include "pkt/pkt.h"

enum { NO_GROUP = -1 };

struct laddr;
struct lb_vip;
struct service;
struct worker;

/* What the destination of a tuple is here; NULL: it is no such thing. Where there is a service, its
 * address is not looked up. */
struct target {
    const struct service *service;
    const struct laddr *laddr;  /* in use or not: connections outlive the address's time here */
    const struct lb_vip *vip;
};

struct target target_of(const struct worker *w, uint8_t af, const union key *key);
/* Group of a packet with this tuple, whose target is `to`; NO_GROUP: any worker's. */
int owner_group(const struct worker *w, uint8_t af, const union key *key, uint32_t hash,
                const struct target *to);

#endif
