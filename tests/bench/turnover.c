/* turnover.c - connections that begin and end: clock, samples, and whether all add up. */
#include "turnover.h"

#include <stdio.h>

#include "lb/conn_table.h"

enum { LEAST_WINDOW_PACKETS = 1000 };

uint64_t turnover_ns_per_packet(uint32_t n_flows, unsigned packets_a_connection)
{
    return TURNOVER_TIMEOUT_S * 1000000000ull / ((uint64_t)n_flows * packets_a_connection) + 1;
}

uint64_t turnover_window(uint64_t ns_per_packet)
{
    const uint64_t tick_ns = 1000000ull << WHEEL_SHIFT_MS;

    return RTE_MAX(tick_ns / ns_per_packet, (uint64_t)LEAST_WINDOW_PACKETS);
}

int turnover_report(struct director *d, struct report *r, uint64_t begun, uint64_t now_us)
{
    struct director_sums then, left;

    director_sums(d, &then);
    director_expire_all(d, now_us);
    director_sums(d, &left);
    report_count(r, "connections_made", then.made);
    report_count(r, "connections_ended", then.made - then.live);
    report_count(r, "connections_live", then.live);
    report_count(r, "connections_left", left.live);
    report_count(r, "ports_left", left.ports_used);
    report_count(r, "dropped", then.dropped);
    if (then.made == begun && then.counted_live == then.live && then.ports_used == then.live &&
        !then.dropped && !left.live && !left.counted_live && !left.ports_used)
        return 0;
    fprintf(stderr, "%llu connections begun, %llu made, %llu live (%llu by the dests' counters), "
            "%llu ports held, %llu packets dropped; at the end %llu live, %llu ports held\n",
            (unsigned long long)begun, (unsigned long long)then.made,
            (unsigned long long)then.live, (unsigned long long)then.counted_live,
            (unsigned long long)then.ports_used, (unsigned long long)then.dropped,
            (unsigned long long)left.live, (unsigned long long)left.ports_used);
    director_blame(d);
    return -1;
}
