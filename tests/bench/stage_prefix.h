/* stage_prefix.h - the fast path cut off after a stage. */
#ifndef DPVS_BENCH_STAGE_PREFIX_H
#define DPVS_BENCH_STAGE_PREFIX_H

#include "worker/worker.h"

/* What has been done when the prefix ends; the last is the shipped worker_step itself. */
enum stage { STAGE_RX, STAGE_PARSE, STAGE_LOOKUP, STAGE_STATE, STAGE_REWRITE, STAGE_ALL, N_STAGES };

extern const char *const stage_names[N_STAGES];

/* A burst of device `dev` up to and including the stage (below STAGE_ALL). The packets stay in
 * `mbufs`; their number is returned. */
unsigned stage_prefix(struct worker *w, unsigned dev, enum stage last, struct rte_mbuf **mbufs);

#endif
