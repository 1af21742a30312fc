/* hash.h - the flow hash: keyed CRC32C of a tuple, spread by a multiplication.
 *
 * One hash and key a director and its pair. Bucket, tag and flow group come from different bits:
 * bucket = low bits, tag = bits 16..31, group = the top six after another multiplication, so that
 * a worker's groups still fill all of its buckets. Cost: about 2 ns for 16 bytes.
 */
#ifndef DPVS_BASE_HASH_H
#define DPVS_BASE_HASH_H

#include <stdint.h>
#include <string.h>

#include <rte_hash_crc.h>

static inline uint32_t hash_mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ h >> 16;
}

static inline uint32_t hash_16(const void *key16, uint32_t seed)
{
    uint64_t w[2];

    memcpy(w, key16, sizeof w);
    return hash_mix(rte_hash_crc_8byte(w[1], rte_hash_crc_8byte(w[0], seed)) + (uint32_t)w[1]);
}

static inline uint8_t hash_group(uint32_t hash)
{
    return (uint8_t)((hash * 0x9e3779b1u) >> 26);
}

#endif
