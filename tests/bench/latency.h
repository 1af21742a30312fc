/* latency.h - time from send to receive at a steady rate. */
#ifndef DPVS_BENCH_LATENCY_H
#define DPVS_BENCH_LATENCY_H

#include "scenario.h"

int latency_fnat_run(struct bench *b, struct report *r);
int latency_nat_run(struct bench *b, struct report *r);

#endif
