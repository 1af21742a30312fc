/* conn_setup.h - what a new connection costs. */
#ifndef DPVS_BENCH_CONN_SETUP_H
#define DPVS_BENCH_CONN_SETUP_H

#include "scenario.h"

int conn_setup_run(struct bench *b, struct report *r);

#endif
