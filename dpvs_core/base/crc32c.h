/* crc32c.h - CRC32c (Castagnoli) by the processor's instruction, which all that DPDK runs on
 * have.
 *
 * It is linear: what a change of some bytes changes in the sum follows from the change and from how
 * much is behind it, whatever that is.
 */
#ifndef DPVS_BASE_CRC32C_H
#define DPVS_BASE_CRC32C_H

#include <nmmintrin.h>
#include <stdint.h>
#include <string.h>

/* Of n_bytes more; a sum begins with CRC32C_BEGIN, and is written as its complement. */
enum { CRC32C_BEGIN = -1 };

static inline uint32_t crc32c(uint32_t crc, const void *data, uint32_t n_bytes)
{
    const uint8_t *p = data;
    uint64_t sum = crc, word;

    for (; n_bytes >= sizeof word; p += sizeof word, n_bytes -= (uint32_t)sizeof word) {
        memcpy(&word, p, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; n_bytes; p++, n_bytes--)
        sum = _mm_crc32_u8((uint32_t)sum, *p);
    return (uint32_t)sum;
}

/* What four bytes that change by `change` (old ^ new) with n_bytes behind them change in the sum;
 * log(n_bytes) steps of about 100 cycles. */
uint32_t crc32c_change(uint32_t change, uint32_t n_bytes);

#endif
