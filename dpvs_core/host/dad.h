/* dad.h - duplicate address detection (RFC 4862 5.4) of the fib's IPv6 addresses that want it.
 *
 * A row an address, host thread only; the fib that is published shows the state to workers and
 * master. A new address is asked for `dad_transmits` times, `dad_interval_ms` apart, and is
 * preferred if nobody has answered as long after the last. Choice: no random delay before the
 * first, but for the wheel's tick.
 */
#ifndef DPVS_HOST_DAD_H
#define DPVS_HOST_DAD_H

#include "host/state.h"
#include "net/fib.h"

int dad_create(struct host *host);
void dad_destroy(struct host *host);
/* When another fib was published: states of addresses that stay go on, new ones begin, those that
 * are gone are forgotten. O(addresses). */
void dad_follow_fib(struct host *host);
/* The device's addresses are verified again, and announced when they have passed. */
void dad_restart(struct host *host, uint16_t dev);
unsigned dad_timers(struct host *host);
/* Another station has it, or verifies it at this moment: it fails if it is tentative. */
void dad_lost(struct host *host, const struct fib_addr *ours);

#endif
