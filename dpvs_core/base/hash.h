/* hash.h - the flow hash: folded 128-bit products of a tuple and the key.
 *
 * One hash and key a director and its pair. Bucket, tag and flow group come from different bits:
 * bucket = high bits, tag = bits 0..15, group = the top six after another multiplication, so that
 * a worker's groups still fill all of its buckets. Not a CRC, which costs the same: that is linear,
 * so whoever sends from many addresses could pick those that meet in one bucket under every key.
 */
#ifndef DPVS_BASE_HASH_H
#define DPVS_BASE_HASH_H

#include <stdint.h>
#include <string.h>

static inline uint32_t hash_mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ h >> 16;
}

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The seed over all bits, for the functions that take it so: once for many hashes. */
static inline uint64_t hash_spread(uint32_t seed)
{
    return (seed + 1ull) * 0x9e3779b97f4a7c15u;
}

/* 16 bytes, given as the two words they are in memory. */
static inline uint32_t hash_words(uint64_t first, uint64_t second, uint64_t spread)
{
    const uint64_t turned = spread << 32 | spread >> 32;
    const uint64_t h = hash_fold(first ^ spread, second ^ turned ^ 0xa0761d6478bd642fu);

    return hash_mix((uint32_t)(h ^ h >> 32));
}

/* An IPv4 tuple, or an address. */
static inline uint32_t hash_16(const void *key16, uint32_t seed)
{
    uint64_t w[2];

    memcpy(w, key16, sizeof w);
    return hash_words(w[0], w[1], hash_spread(seed));
}

static inline uint64_t hash_word(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* An IPv6 tuple: its addresses, and the word behind them. Word by word: as an array the compiler
 * would copy it first, in larger pieces than it then reads. */
static inline uint32_t hash_32_word(const uint8_t *addrs32, uint64_t word, uint64_t k)
{
    const uint64_t k2 = k << 32 | k >> 32;
    uint64_t h;

    h = hash_fold(hash_word(addrs32) ^ k, hash_word(addrs32 + 8) ^ k2 ^ 0xa0761d6478bd642fu) ^
        hash_fold(hash_word(addrs32 + 16) ^ k ^ 0xe7037ed1a0b428dbu, hash_word(addrs32 + 24) ^ k2);
    h = hash_fold(h ^ k2, word ^ k ^ 0x8ebc6af09c88c6e3u);
    return hash_mix((uint32_t)(h ^ h >> 32));
}

static inline uint32_t hash_40(const void *key40, uint32_t seed)
{
    const uint8_t *bytes = key40;

    return hash_32_word(bytes, hash_word(bytes + 32), hash_spread(seed));
}

static inline uint8_t hash_group(uint32_t hash)
{
    return (uint8_t)((hash * 0x9e3779b1u) >> 26);
}

#endif
