/* laddr_list.h - the local addresses of services, one array for all that have the same.
 *
 * Groups of local addresses are few where services are many: so what first packets read of a group
 * stays near, and 10,000 services with 200 addresses do not take 16 MB for them. A list is found
 * again by its ids in a small table of the last ones; one that lost its entry there is not shared
 * any further, no more. O(n) to take, as a copy of its own would be. The master's; workers read
 * the addresses of a published service.
 */
#ifndef DPVS_LB_LADDR_LIST_H
#define DPVS_LB_LADDR_LIST_H

#include <stdint.h>

struct core;
struct laddr;

struct laddr_list {
    uint32_t n, n_services;     /* versions of services that have it */
    uint32_t memo_id;           /* where it stands in the table, if another did not take that */
    struct laddr *laddr[];
};

enum { LADDR_LIST_MEMOS = 256 };

struct laddr_lists {
    struct laddr_list *memo[LADDR_LIST_MEMOS]; /* by ids; NULL: none */
};

/* For one service more; ids are of addresses that exist. NULL: no memory. */
struct laddr_list *laddr_list_take(struct core *core, const uint32_t *ids, uint32_t n);
/* One service less; freed with the last one, which no worker can see. */
void laddr_list_give(struct core *core, struct laddr_list *list);

#endif
