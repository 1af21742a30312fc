/* owner.h - which flow group a packet belongs to, and so which worker. The only place that knows.
 *
 * To a service: the hash of the tuple. To a local address: the low bits of the port, because a
 * connection takes a port whose low bits are its group. An ICMP error: the rule on the packet
 * inside, reversed. Where there is NAT: to a service that has such dests the hash of the client's
 * address and port alone; from one of its real servers, to nobody here, the same of the
 * destination. What goes through, once there was a service by match (SNAT): the hash of the tuple;
 * of ICMP queries too, whose ids are ports. Asked only for packets that match no connection of the
 * receiving worker.
 */
#ifndef DPVS_WORKER_OWNER_H
#define DPVS_WORKER_OWNER_H

#include "lb/group.h"
#include "lb/lport.h"
#include "pkt/pkt.h"
#include "worker/worker.h"

enum { NO_GROUP = -1, NO_WORKER = -1 };

struct lb_vip;
struct service;

/* What the destination of a tuple is here; NULL: it is no such thing. Where there is a service, its
 * address is not looked up. */
struct target {
    const struct service *service;
    const struct laddr *laddr;  /* in use or not: connections outlive the address's time here */
    const struct lb_vip *vip;
    bool answers;               /* it is none, and comes from a real server of NAT */
    bool through;               /* it is none, and hosts inside have, or had, SNAT */
};

static inline bool target_is_ours(const struct target *to)
{
    return to->service || to->vip || to->laddr || to->answers || to->through;
}

struct target target_of(const struct worker *w, uint8_t af, const union key *key);
/* Group of a packet with this tuple, whose target is `to`; NO_GROUP: any worker's. */
int owner_group(const struct worker *w, uint8_t af, const union key *key, uint32_t hash,
                const struct target *to);

/* --- the same for a whole TCP or UDP packet, as a question ------------------------------------
 *
 * What addresses are here is remembered for a millisecond. That may be out of date, and so is only
 * good for sending a packet to a worker that looks for itself, or for not sending it.
 */

void owner_look_up(struct worker *w, struct owner_hint *hint, uint8_t af,
                   const struct addr16 *addr);
bool owner_is_service(const struct worker *w, uint8_t af, const union key *key);

static inline uint64_t owner_stamp(const struct worker *w, uint8_t af)
{
    return (uint64_t)w->now_ms << 8 | af;
}

static inline const struct owner_hint *owner_hint_of(struct worker *w, uint8_t af,
                                                     const union key *key)
{
    const struct addr16 dst = key_dst(af, key);
    struct owner_hint *hint = &w->owner_hint[(dst.byte[3] ^ dst.byte[15]) % OWNER_HINTS];

    if (unlikely(hint->stamp != owner_stamp(w, af) || memcmp(&hint->addr, &dst, sizeof dst)))
        owner_look_up(w, hint, af, &dst);
    return hint;
}

/* By the rule itself: where there is NAT, a tuple's flow says little. */
int owner_looked_up(const struct worker *w, const struct pkt *p);

/* The other worker that owns p; NO_WORKER: this one does, or any. Mostly both rules that may hold
 * name this worker, and then nothing is looked up. */
static inline int owner_elsewhere(struct worker *w, const struct pkt *p)
{
    const uint16_t port = rte_be_to_cpu_16(p->key.dport_be);
    const uint8_t by_port = w->group_worker[port % CORE_GROUPS];
    const uint8_t by_flow = w->group_worker[flow_group(w->core, p->af, &p->key, p->hash)];
    const bool may_be_lport = port >= LPORT_FIRST;
    const struct owner_hint *hint;
    int owner;

    if (unlikely(w->lb->n_nat_servers))
        return owner_looked_up(w, p);
    if (by_flow == w->id && (!may_be_lport || by_port == w->id))
        return NO_WORKER;
    hint = owner_hint_of(w, p->af, &p->key);
    if (may_be_lport && hint->is_laddr)
        owner = hint->is_vip && owner_is_service(w, p->af, &p->key) ? by_flow : by_port;
    else
        owner = hint->is_vip ? by_flow : NO_WORKER;
    return owner == (int)w->id ? NO_WORKER : owner;
}

#endif
