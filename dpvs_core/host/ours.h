/* ours.h - what is the core's own, of either family: addresses, MACs, links, and what to send
 * from. What ARP and neighbour discovery ask before they answer or learn. */
#ifndef DPVS_HOST_OURS_H
#define DPVS_HOST_OURS_H

#include "host/state.h"
#include "net/fib.h"

/* A local address of the core, on whatever device, in whatever state; a link-local one on dev;
 * NULL: it is none. */
const struct fib_addr *ours_addr(const struct host *host, uint16_t dev, uint8_t af,
                                 const uint8_t addr[16]);
/* Could a neighbour on dev have the address? */
bool ours_is_on_link(const struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16]);
/* Two of our ports on one wire hear each other. */
bool ours_is_mac(const struct core *core, const uint8_t mac[MAC_BYTES]);
/* The address to ask target from: the route's, the device's that fits best, or any of ours that is
 * on the link; NULL: there is none. */
const uint8_t *ours_source(const struct host *host, uint16_t dev, uint8_t af,
                           const uint8_t target[16]);
/* A station that is not ours uses our address: if it came by the address's device, it is noted for
 * the master and counted as `v`, and true. */
bool ours_claimed(struct host *host, uint16_t dev, const struct fib_addr *ours,
                  const uint8_t mac[MAC_BYTES], enum verdict v);

#endif
