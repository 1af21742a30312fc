/* mld.h - which IPv6 multicast groups the core listens to, told to routers and to switches that
 * snoop (RFC 3810 for hosts, RFC 2710 beside an old querier).
 *
 * The groups are the solicited-node groups of the fib's local addresses: without them nobody's
 * neighbour solicitation reaches us where a switch does not flood. All nodes is never reported;
 * what Linux joins on its kernel port it reports itself, IPv4's groups too. Host thread only.
 */
#ifndef DPVS_HOST_MLD_H
#define DPVS_HOST_MLD_H

#include "host/state.h"

int mld_create(struct host *host);
void mld_destroy(struct host *host);
/* When another fib was published: new groups are joined, those of no address left. O(addresses). */
void mld_follow_fib(struct host *host);
/* JOB_MLD: a query; noted, and handed to Linux, which has groups of its own. */
void mld_receive(struct host *host, struct rte_mbuf *m);
unsigned mld_timers(struct host *host);
/* Say again what is joined on dev: its link has come up, or it has a link-local address now. */
void mld_tell_again(struct host *host, uint16_t dev);

#endif
