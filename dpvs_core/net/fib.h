/* fib.h - our addresses and our routes, one immutable table swapped by pointer.
 *
 * Local addresses are a hash; routes are one hash a prefix length in use, longest first. A lookup
 * costs a probe a length: routes serve first packets and transit, known connections carry their
 * next hop. O(n) to build, in the master.
 */
#ifndef DPVS_NET_FIB_H
#define DPVS_NET_FIB_H

#include <stdint.h>

#include "base/env.h"
#include "dpvs_core.h"

struct fib;

struct fib_addr {
    uint8_t addr[16];
    uint8_t af, kind;           /* enum core_addr_kind */
    uint16_t dev;
    uint32_t laddr_id;          /* CORE_NO_ID: none */
    uint8_t flags;              /* enum core_addr_flag */
};

struct fib_route {
    uint8_t prefix[16], gateway[16], src[16];
    uint8_t af, kind, plen;
    uint16_t dev, mtu;
};

struct fib *fib_build(struct env *env, const struct core_addr *addrs, uint32_t n_addrs,
                      const struct core_route *routes, uint32_t n_routes);
void fib_free(struct env *env, struct fib *fib);

/* NULL: not an address of ours. */
const struct fib_addr *fib_addr(const struct fib *fib, uint8_t af, const uint8_t addr[16]);
/* The longest match, or NULL. */
const struct fib_route *fib_route(const struct fib *fib, uint8_t af, const uint8_t addr[16]);
/* An address of the device to send from (first configured, not a local address of FNAT first
 * choice), for ARP requests and ICMP errors; NULL: the device has none. */
const struct fib_addr *fib_source(const struct fib *fib, uint8_t af, uint16_t dev);
/* The addresses one by one, in the order of configuration: the one after `a` (NULL: the first), or
 * NULL at the end. */
const struct fib_addr *fib_addr_after(const struct fib *fib, const struct fib_addr *a);
/* Changes with each build; a connection's next hops looked up under another are looked up anew. */
uint32_t fib_epoch(const struct fib *fib);
/* The same in 16 bits, never 0; comes round after 65535 publications. */
static inline uint16_t fib_short_epoch(const struct fib *fib)
{
    return (uint16_t)(fib_epoch(fib) % 0xffff + 1);
}

#endif
