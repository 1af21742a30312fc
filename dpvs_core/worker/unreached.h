/* unreached.h - packets whose next hop did not answer: their senders are told (RFC 792, RFC 4443
 * 3.1; RFC 4861 7.2.2). */
#ifndef DPVS_WORKER_UNREACHED_H
#define DPVS_WORKER_UNREACHED_H

#include "worker/worker.h"

/* JOB_UNREACHED: m waited for its next hop in vain, and is counted; it is gone afterwards. */
void unreached(struct worker *w, struct rte_mbuf *m);

#endif
