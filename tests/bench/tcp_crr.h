/* tcp_crr.h - TCP connect, request, response, close. */
#ifndef DPVS_BENCH_TCP_CRR_H
#define DPVS_BENCH_TCP_CRR_H

#include "scenario.h"

int tcp_crr_run(struct bench *b, struct report *r);

#endif
