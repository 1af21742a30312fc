/* stages.h - where the cycles of an FNAT packet go. */
#ifndef DPVS_BENCH_STAGES_H
#define DPVS_BENCH_STAGES_H

#include "scenario.h"

int stages_run(struct bench *b, struct report *r);

#endif
