/* nat.h - bare NAT: the reference, as the parts of a load. */
#ifndef DPVS_BENCH_NAT_H
#define DPVS_BENCH_NAT_H

#include <stdbool.h>

#include "scenario.h"

/* A table a worker, and port 0. 0, or -1 and a message. */
int nat_setup(struct bench *b);
bool nat_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w);
unsigned nat_turn(void *self, unsigned w, uint64_t now_us);
/* Packets that matched a flow so far. */
uint64_t nat_rewritten(const struct bench *b);

#endif
