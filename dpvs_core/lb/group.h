/* group.h - the flow group of a client's tuple: which of the 64 owns it.
 *
 * Today the table's own hash; where a port's RSS agrees with it, a Toeplitz hash of the tuple. Asked
 * for first packets and misses only.
 */
#ifndef DPVS_LB_GROUP_H
#define DPVS_LB_GROUP_H

#include "base/hash.h"
#include "pkt/pkt.h"

struct core;

/* `hash`: the tuple's, as in struct pkt. */
static inline uint8_t flow_group4(const struct core *core, const struct key4 *key, uint32_t hash)
{
    (void)core;
    (void)key;
    return hash_group(hash);
}

static inline uint8_t flow_group6(const struct core *core, const struct key6 *key, uint32_t hash)
{
    (void)core;
    (void)key;
    return hash_group(hash);
}

static inline uint8_t flow_group(const struct core *core, uint8_t af, const union key *key,
                                 uint32_t hash)
{
    return af == 4 ? flow_group4(core, &key->v4, hash) : flow_group6(core, &key->v6, hash);
}

#endif
