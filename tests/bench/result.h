/* result.h - the keys that every scenario's report has. */
#ifndef DPVS_BENCH_RESULT_H
#define DPVS_BENCH_RESULT_H

#include "feed.h"
#include "measure.h"
#include "report.h"

/* cycles_per_packet, p10, p90, bursts, mpps_per_cpu_second. -1 and a message: nothing measured. */
int result_cycles(struct report *r, const struct bench *b, const struct measure *m);
/* sent, returned: over all feeds. */
void result_packets(struct report *r, struct feed *const *feeds, unsigned n);

#endif
