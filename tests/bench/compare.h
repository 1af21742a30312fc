/* compare.h - our tables beside the DPDK libraries that would do the job. */
#ifndef DPVS_BENCH_COMPARE_H
#define DPVS_BENCH_COMPARE_H

#include "lb/conn_table.h"
#include "scenario.h"

int compare_hash_run(struct bench *b, struct report *r);
int compare_timer_run(struct bench *b, struct report *r);

enum { COMPARE_SEED = 0x5eed };

/* The tuple of a side of connection i, without looking at the connection. */
union key compare_key(uint32_t i, unsigned side);
/* n connections with these tuples, indexed and filed. NULL and a message: no memory. */
struct conn_table *compare_table(uint32_t n);

#endif
