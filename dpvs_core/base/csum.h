/* csum.h - Internet checksums (RFC 1071) and their update by difference (RFC 1624 eqn 3).
 *
 * All sums are over 16-bit words as they lie in memory, so nothing here swaps bytes. A *delta* is
 * the one's complement sum of the new words and the complements of the old ones: one prepared
 * delta is added to a header's checksum in two instructions.
 */
#ifndef DPVS_BASE_CSUM_H
#define DPVS_BASE_CSUM_H

#include <stdint.h>
#include <string.h>

static inline uint16_t csum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* The unfolded sum of n_bytes; an odd last byte counts as if followed by zero. */
static inline uint64_t csum_words(const void *data, uint32_t n_bytes, uint64_t sum)
{
    const uint8_t *p = data;
    uint32_t w32;
    uint16_t w16 = 0;

    for (; n_bytes >= 4; p += 4, n_bytes -= 4) {
        memcpy(&w32, p, 4);
        sum += w32;
    }
    if (n_bytes >= 2) {
        memcpy(&w16, p, 2);
        sum += w16;
        p += 2;
        n_bytes -= 2;
    }
    if (n_bytes) {
        w16 = 0;
        memcpy(&w16, p, 1);
        sum += w16;
    }
    return sum;
}

/* The checksum to write: over n_bytes whose own checksum field is zero. */
static inline uint16_t csum_of(const void *data, uint32_t n_bytes)
{
    return (uint16_t)~csum_fold(csum_words(data, n_bytes, 0));
}

/* Delta of one 32-bit (network order) field that changes. */
static inline uint64_t csum_delta32(uint32_t was_be, uint32_t now_be)
{
    return (uint64_t)(uint32_t)~was_be + now_be;
}

static inline uint64_t csum_delta16(uint16_t was_be, uint16_t now_be)
{
    return (uint64_t)(uint16_t)~was_be + now_be;
}

/* What takes a folded delta back; like those, never 0. */
static inline uint16_t csum_negative(uint16_t delta)
{
    return delta == 0xffff ? delta : (uint16_t)~delta;
}

/* The same for a delta that is folded already: a complement's sum is a difference, with one borrow
 * at most. */
static inline uint16_t csum_apply16(uint16_t csum, uint16_t delta)
{
    const uint32_t difference = (uint32_t)csum - delta;

    return (uint16_t)(difference - (difference >> 31));
}

static inline uint16_t csum_apply(uint16_t csum, uint64_t delta)
{
    return (uint16_t)~csum_fold((uint64_t)(uint16_t)~csum + delta);
}

#endif
