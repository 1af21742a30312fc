/* nat_servers.h - real servers of NAT: whose answers, for the clients' own addresses, come through
 * here (worker/owner.h).
 *
 * The set has a row an address, with the number of NAT dests that it is. A dest that goes is counted
 * on while connections count on it (dest_count), which are looked at with each commit: so the last
 * answers find their worker, and then the address is any host's again. Costs O(dests) a change of a
 * service, and a bounded look a commit; memory is the master's.
 */
#ifndef DPVS_LB_NAT_SERVERS_H
#define DPVS_LB_NAT_SERVERS_H

#include <stdint.h>

struct core;
struct lb_edit;
struct nat_gone_dest;
struct service;

/* Dests that went, in the order they did. */
struct nat_gone {
    struct nat_gone_dest *row;
    uint32_t n, room;
};

/* A version takes the place of another; either may be NULL. 0 or -ENOMEM. Should the edit's call
 * fail later, nat_servers_keep says that the other stays; what was counted does too, which does no
 * harm: nothing arrives from such servers. */
int nat_servers_change(struct lb_edit *edit, const struct service *s, const struct service *old);
void nat_servers_keep(struct lb_edit *edit, uint32_t n_gone);
/* The edit is about to be published: forget who has no connection left. */
void nat_servers_settle(struct lb_edit *edit);
/* It was published. */
void nat_servers_published(struct lb_edit *edit);

void nat_gone_free(struct core *core, struct nat_gone *gone);

#endif
