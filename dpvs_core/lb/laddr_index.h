/* laddr_index.h - local addresses by address, in use or not.
 *
 * What arrives for a local address that is not in use here (another director of the pair has it)
 * must be known as such: packets of connections that still have its ports go to their worker, the
 * others are nobody's business here. Open addressing over pointers, four slots an address; the
 * master writes slots in place, workers read beside it and free nothing: a removed address is
 * retired by the master. O(1) expected.
 */
#ifndef DPVS_LB_LADDR_INDEX_H
#define DPVS_LB_LADDR_INDEX_H

#include <stdint.h>

#include "base/addr.h"
#include "base/env.h"

struct laddr;

struct laddr_index {
    const struct laddr **slot;
    uint32_t mask;
};

/* Room for max_laddrs; 0 or -ENOMEM. */
int laddr_index_create(struct env *env, struct laddr_index *index, uint32_t max_laddrs);
void laddr_index_destroy(struct env *env, struct laddr_index *index);
void laddr_index_put(struct laddr_index *index, const struct laddr *l);
void laddr_index_remove(struct laddr_index *index, const struct laddr *l);
/* NULL: no local address. `addr_hash`: hash_addr of it. */
const struct laddr *laddr_find_at(const struct laddr_index *index, uint8_t af,
                                  const uint8_t addr[16], uint32_t addr_hash);

static inline const struct laddr *laddr_find(const struct laddr_index *index, uint8_t af,
                                             const uint8_t addr[16])
{
    return laddr_find_at(index, af, addr, hash_addr(af, addr));
}

#endif
