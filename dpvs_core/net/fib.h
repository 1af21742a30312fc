/* fib.h - our addresses and our routes, one table swapped by pointer, immutable but for how far
 * each new IPv6 address is verified (host/dad.c).
 *
 * Local addresses are a hash; routes are one hash a prefix length in use, longest first. A lookup
 * costs a probe a length: routes serve first packets and transit, known connections carry their
 * next hop. O(n) to build, in the master.
 */
#ifndef DPVS_NET_FIB_H
#define DPVS_NET_FIB_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/env.h"
#include "dpvs_core.h"

struct fib;

/* A state beside enum core_dad_state: the host thread comes to it. */
enum { FIB_DAD_NEW = 0xff };

struct fib_addr {
    uint8_t addr[16];
    uint8_t af, kind;           /* enum core_addr_kind */
    uint16_t dev;
    uint32_t laddr_id;          /* CORE_NO_ID: none */
    uint8_t flags;              /* enum core_addr_flag */
    uint8_t dad;                /* enum core_dad_state or FIB_DAD_NEW; the host thread's, atomic */
    uint16_t dad_id;            /* the host thread's */
};

struct fib_route {
    uint8_t prefix[16], gateway[16], src[16];
    uint8_t af, kind, plen;
    uint16_t dev, mtu;
};

struct fib *fib_build(struct env *env, const struct core_addr *addrs, uint32_t n_addrs,
                      const struct core_route *routes, uint32_t n_routes);
void fib_free(struct env *env, struct fib *fib);

static inline uint8_t fib_addr_dad(const struct fib_addr *a)
{
    return __atomic_load_n(&a->dad, __ATOMIC_RELAXED);
}

/* Verified, or never to be: it may be answered for and sent from. */
static inline bool fib_addr_is_usable(const struct fib_addr *a)
{
    return fib_addr_dad(a) == CORE_DAD_PREFERRED;
}

/* Are such addresses verified before use? */
static inline bool fib_wants_dad(uint8_t af, uint8_t kind, uint8_t flags)
{
    return af == 6 && kind == CORE_ADDR_LOCAL && !(flags & CORE_ADDR_NODAD);
}

/* fe80::/10, which means something on one link only. */
static inline bool fib_is_link_local(uint8_t af, const uint8_t addr[16])
{
    return af == 6 && addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/* The i-th of all addresses, and how many they are. */
const struct fib_addr *fib_addr_at(const struct fib *fib, uint32_t i);
uint32_t fib_n_addrs(const struct fib *fib);
/* Host thread: how far address `a` of this fib is, and its own id for it. */
void fib_addr_set_dad(const struct fib *fib, const struct fib_addr *a, uint8_t dad,
                      uint16_t dad_id);

/* NULL: not an address of ours. */
const struct fib_addr *fib_addr(const struct fib *fib, uint8_t af, const uint8_t addr[16]);
/* The same; but of a link-local address, which other devices may have too, the one on dev. */
const struct fib_addr *fib_addr_on(const struct fib *fib, uint16_t dev, uint8_t af,
                                   const uint8_t addr[16]);
/* The longest match, or NULL. Not for link-local addresses, which are neighbours of a device that
 * the address does not tell. The address as the two words that it is in memory. */
const struct fib_route *fib_route_words(const struct fib *fib, uint8_t af, uint64_t first,
                                        uint64_t second);

static inline const struct fib_route *fib_route(const struct fib *fib, uint8_t af,
                                                const uint8_t addr[16])
{
    uint64_t words[2];

    memcpy(words, addr, sizeof words);
    return fib_route_words(fib, af, words[0], words[1]);
}

/* A usable address of the device to send from to `to`, for ARP, neighbour discovery and ICMP
 * errors: of equal scope (link-local or not) before others (RFC 6724 5, rule 2), preferred before
 * deprecated (rule 3), not a local address of FNAT before those, IPv6: with more leading bits of
 * `to` before less (rule 8), then first configured; NULL: the device has none (rule 5: only its
 * own). */
const struct fib_addr *fib_source(const struct fib *fib, uint8_t af, uint16_t dev,
                                  const uint8_t to[16]);
/* The addresses one by one, in the order of configuration: the one after `a` (NULL: the first), or
 * NULL at the end. */
const struct fib_addr *fib_addr_after(const struct fib *fib, const struct fib_addr *a);
/* Changes with each build; a connection's next hops looked up under another are looked up anew. */
uint32_t fib_epoch(const struct fib *fib);
/* The same in 16 bits, never 0; comes round after 65535 publications. */
static inline uint16_t fib_short_epoch(uint32_t epoch)
{
    return (uint16_t)(epoch % 0xffff + 1);
}

#endif
