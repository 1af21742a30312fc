/* nat.h - bare NAT: its table, its packets, its work on a burst. */
#ifndef DPVS_BENCH_NAT_H
#define DPVS_BENCH_NAT_H

#include <stdbool.h>

#include "scenario.h"

/* A table a worker, and port 0. 0, or -1 and a message. */
int nat_setup(struct bench *b);
bool nat_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w);
/* Rewrite a burst of worker w in place; what matches no flow stays as it is. */
void nat_burst(unsigned w, struct rte_mbuf **m, unsigned n, uint32_t now);
/* Packets that matched a flow so far. */
uint64_t nat_rewritten(const struct bench *b);

#endif
