/* exact.h - included before every source: packets whose bytes behind their end may not be touched.
 *
 * A buffer's tail is poisoned for AddressSanitizer. What the core appends by DPDK's function is its
 * own from then on, what it trims is not any more; so a read beyond the frame is found at its first
 * byte, not at the end of 2 kB. The headroom is always the packet's, as in DPDK.
 */
#ifndef FUZZ_EXACT_H
#define FUZZ_EXACT_H

#include <rte_mbuf.h>
#include <sanitizer/asan_interface.h>

static inline char *exact_append(struct rte_mbuf *m, uint16_t n_bytes)
{
    char *tail = rte_pktmbuf_append(m, n_bytes);

    if (tail)
        ASAN_UNPOISON_MEMORY_REGION(tail, n_bytes);
    return tail;
}

static inline int exact_trim(struct rte_mbuf *m, uint16_t n_bytes)
{
    const int result = rte_pktmbuf_trim(m, n_bytes);

    if (!result)
        ASAN_POISON_MEMORY_REGION(rte_pktmbuf_mtod_offset(m, void *, rte_pktmbuf_data_len(m)),
                                  n_bytes);
    return result;
}

/* A chain becomes one piece; its other buffers go back to where they came from (packets.c). */
int exact_linearize(struct rte_mbuf *m);

#define rte_pktmbuf_append exact_append
#define rte_pktmbuf_trim exact_trim
#define rte_pktmbuf_linearize exact_linearize

#endif
