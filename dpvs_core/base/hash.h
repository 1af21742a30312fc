/* hash.h - the flow hash: keyed CRC32C of an IPv4 tuple, spread by a multiplication; folded
 * 128-bit products of an IPv6 one.
 *
 * One hash and key a director and its pair. Bucket, tag and flow group come from different bits:
 * bucket = high bits, tag = bits 0..15, group = the top six after another multiplication, so that
 * a worker's groups still fill all of its buckets. Cost: about 2 ns for either.
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

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* An IPv6 tuple. Not a CRC: that is linear, so whoever owns a /64 could pick addresses that differ
 * by a word of CRC 0 and meet in one bucket under every key. */
static inline uint32_t hash_40(const void *key40, uint32_t seed)
{
    const uint64_t k = (seed + 1ull) * 0x9e3779b97f4a7c15u, k2 = k << 32 | k >> 32;
    uint64_t w[5], h;

    memcpy(w, key40, sizeof w);
    h = hash_fold(w[0] ^ k, w[1] ^ k2 ^ 0xa0761d6478bd642fu) ^
        hash_fold(w[2] ^ k ^ 0xe7037ed1a0b428dbu, w[3] ^ k2);
    h = hash_fold(h ^ k2, w[4] ^ k ^ 0x8ebc6af09c88c6e3u);
    return hash_mix((uint32_t)(h ^ h >> 32));
}

static inline uint8_t hash_group(uint32_t hash)
{
    return (uint8_t)((hash * 0x9e3779b1u) >> 26);
}

#endif
