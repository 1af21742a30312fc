/* clock.h - the threads' clock: microseconds from the TSC, one multiplication a reading.
 *
 * All threads of a core count from the same cycle, so that their times compare. Starts at one
 * second: 0 stays free for "never".
 */
#ifndef DPVS_PORT_CLOCK_H
#define DPVS_PORT_CLOCK_H

#include <stdint.h>

#include <rte_cycles.h>

struct clock {
    uint64_t start_cycles;
    uint64_t us_per_cycle_q32;  /* 32 bits behind the point */
};

static inline struct clock clock_start(void)
{
    return (struct clock){ rte_rdtsc(), (1000000ull << 32) / rte_get_tsc_hz() };
}

static inline uint64_t clock_us(const struct clock *clock, uint64_t cycles)
{
    return 1000000 + (uint64_t)((unsigned __int128)(cycles - clock->start_cycles) *
                                clock->us_per_cycle_q32 >> 32);
}

#endif
