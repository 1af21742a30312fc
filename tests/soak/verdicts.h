/* verdicts.h - the core's counters of verdicts, by name and summed over its threads. */
#ifndef SOAK_VERDICTS_H
#define SOAK_VERDICTS_H

#include "dpvs_core.h"
#include "scene.h"

enum { VERDICTS_MAX = 128 };

/* All verdicts, of workers and host thread; core_n_verdicts() are filled. */
void verdicts_sum(struct core *core, const struct scene *s, uint64_t sum[VERDICTS_MAX]);
/* Connections that began since the start: the verdict `scheduled`. */
uint64_t verdicts_scheduled(struct core *core, const struct scene *s);

#endif
