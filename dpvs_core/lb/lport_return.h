/* lport_return.h - local ports whose answers a network card gives to the right worker.
 *
 * With RSS by our key, the queue of server:port -> local:port is that of the group which the
 * Toeplitz hash of this tuple gives; a worker wants the local ports of its flow group for which
 * that is a group of its own. The hash is a sum, so the ports of a word of blocks (lport.h) that
 * will do depend on one number of six bits: what the rest of the tuple, the flow group and the
 * word's place add up to. A table by that number, 528 bytes a worker and family, answers for 64
 * ports at once. A hint: owner() finds the worker of any port.
 */
#ifndef DPVS_LB_LPORT_RETURN_H
#define DPVS_LB_LPORT_RETURN_H

#include "lb/lport.h"

struct core;
struct dest;
struct worker;

enum { LPORT_RETURN_FAMILIES = 2 };

/* Tables of all workers for core->toeplitz and core->group_worker; 0 or -ENOMEM. */
int lport_return_make(struct core *core);
void lport_return_drop(struct core *core);

/* What worker w wishes for a port of `group`, towards the dest from l; the tables are there. */
struct lport_wish lport_return_wish(const struct worker *w, const struct laddr *l,
                                    const struct dest *d, uint8_t group);

#endif
