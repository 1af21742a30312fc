/* references.h - scenarios to compare with: ports alone, MAC swap, bare NAT. */
#ifndef DPVS_BENCH_REFERENCES_H
#define DPVS_BENCH_REFERENCES_H

#include "scenario.h"

int io_run(struct bench *b, struct report *r);
int macswap_run(struct bench *b, struct report *r);
int nat_run(struct bench *b, struct report *r);
/* The turn of bare NAT on port 0, as in struct load; `self` is the bench. */
unsigned nat_turn(void *self, unsigned w, uint64_t now_us);

#endif
