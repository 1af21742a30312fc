/* group.h - the flow group of a client's tuple: which of the 64 owns it.
 *
 * Where a port spreads packets by our Toeplitz key and table, the low bits of that hash: so the
 * port's queue is the owner's. Otherwise the table's own hash, which has been computed already. A
 * service with NAT dests hashes the client's address and port alone, which the server's answers
 * name too; no card does so. Asked for first packets and misses only. Decided before the workers
 * run (core_steer).
 */
#ifndef DPVS_LB_GROUP_H
#define DPVS_LB_GROUP_H

#include "base/hash.h"
#include "base/toeplitz.h"
#include "lb/service.h"
#include "pkt/pkt.h"
#include "worker/core.h"

static_assert(offsetof(struct key4, proto) == TOEPLITZ_TUPLE4_BYTES, "a key is a tuple first");
static_assert(offsetof(struct key6, proto) == TOEPLITZ_TUPLE6_BYTES, "a key is a tuple first");
static_assert(CORE_GROUPS == 1 << TOEPLITZ_GROUP_BITS, "a group is the hash's low bits");

/* `hash`: the tuple's, as in struct pkt. */
static inline uint8_t flow_group4(const struct core *core, const struct key4 *key, uint32_t hash)
{
    if (core->toeplitz)
        return toeplitz_group(core->toeplitz, key, TOEPLITZ_TUPLE4_BYTES);
    return hash_group(hash);
}

static inline uint8_t flow_group6(const struct core *core, const struct key6 *key, uint32_t hash)
{
    if (core->toeplitz)
        return toeplitz_group(core->toeplitz, key, TOEPLITZ_TUPLE6_BYTES);
    return hash_group(hash);
}

static inline uint8_t flow_group(const struct core *core, uint8_t af, const union key *key,
                                 uint32_t hash)
{
    return af == 4 ? flow_group4(core, &key->v4, hash) : flow_group6(core, &key->v6, hash);
}

/* Of a client: where the other end does not count. */
static inline uint8_t client_group(const struct core *core, struct addr16 addr, uint16_t port_be,
                                   uint32_t proto)
{
    return hash_group(hash_mix(hash_16(addr.byte, core->conf.hash_key) ^
                               ((uint32_t)port_be << 8 | proto)));
}

/* Of what goes through, from inside with SNAT: a real server of NAT may be such a host too. */
static inline uint8_t through_group(const struct core *core, const struct lb *lb, uint8_t af,
                                    const union key *key, uint32_t hash)
{
    if (lb_is_nat_server(lb, af, key_src(af, key).byte))
        return client_group(core, key_dst(af, key), key->dport_be, key->proto);
    return flow_group(core, af, key, hash);
}

/* Of what arrives for a service. */
static inline uint8_t service_group(const struct core *core, const struct service *s, uint8_t af,
                                    const union key *key, uint32_t hash)
{
    if (unlikely(s->by_client))
        return client_group(core, key_src(af, key), key->sport_be, key->proto);
    return flow_group(core, af, key, hash);
}

#endif
