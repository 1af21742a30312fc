/* turnover.h - scenarios in which connections begin and end, as many of the one as of the other. */
#ifndef DPVS_BENCH_TURNOVER_H
#define DPVS_BENCH_TURNOVER_H

#include "director.h"
#include "feed.h"

/* How long connections that are over wait on the scenario's clock: UDP without an answer, and
 * TIME_WAIT. The clock moves with the packets, by so much that --flows connections wait. */
enum { TURNOVER_TIMEOUT_S = 7, TURNOVER_LEAST_WINDOWS = 16 };

uint64_t turnover_ns_per_packet(uint32_t n_flows, unsigned packets_a_connection);
/* Packets in which the expiry wheel moves on by one slot, but at least a thousand: a sample. */
uint64_t turnover_window(uint64_t ns_per_packet);
/* After the run: counts, then the clock moves until all are over. `begun` connections were begun by
 * the generator. 0, or -1 and what does not add up. */
int turnover_report(struct director *d, struct report *r, uint64_t begun, uint64_t now_us);

#endif
