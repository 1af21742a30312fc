/* fetch.h - a line that another core has written lately and this one will write.
 *
 * Fetched for reading it would move twice: once to be read, and again, when it is written, to be
 * taken from the other core. The instruction is spelled out because compilers use it only where
 * they may assume it; processors without it (Intel's before Broadwell) fetch nothing then.
 */
#ifndef DPVS_BASE_FETCH_H
#define DPVS_BASE_FETCH_H

static inline void fetch_for_write(const void *line)
{
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
}

#endif
