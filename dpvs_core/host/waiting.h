/* waiting.h - packets on their way to a neighbour: sent when its address is known, until then kept
 * in order, a list a neighbour, linked through the packets' own metadata. */
#ifndef DPVS_HOST_WAITING_H
#define DPVS_HOST_WAITING_H

#include "host/state.h"

/* Is there room for one more: in all, and behind neighbour `id` (0: none yet)? */
bool waiting_has_room(const struct host *host, uint16_t id);
void waiting_put(struct host *host, uint16_t id, struct rte_mbuf *m);
/* Its address is known: send all. */
void waiting_send(struct host *host, uint16_t id);
/* It does not answer: all are counted as dropped, and their senders told. */
void waiting_drop(struct host *host, uint16_t id);
/* At the end: free all, uncounted. */
void waiting_free(struct host *host, uint16_t id);
/* To a usable neighbour at once; counted as unresolved if it just became unusable. */
void waiting_pass(struct host *host, uint16_t id, struct rte_mbuf *m);

#endif
