/* toeplitz.c - keys and tables. */
#include "base/toeplitz.h"

enum { GROUPS = 1 << TOEPLITZ_GROUP_BITS };

/* 32 bits of the key from a bit on. */
static uint32_t key_window(const uint8_t *key, unsigned bit)
{
    const uint8_t *k = key + bit / 8;
    const uint64_t five = (uint64_t)k[0] << 32 | (uint64_t)k[1] << 24 | (uint64_t)k[2] << 16 |
                          (uint64_t)k[3] << 8 | k[4];

    return (uint32_t)(five >> (8 - bit % 8));
}

uint32_t toeplitz_hash(const uint8_t *key, const void *tuple, unsigned n_bytes)
{
    const uint8_t *byte = tuple;
    uint32_t hash = 0;

    for (unsigned bit = 0; bit < 8 * n_bytes; bit++)
        if (byte[bit / 8] & 0x80 >> bit % 8)
            hash ^= key_window(key, bit);
    return hash;
}

static void fill_table(struct toeplitz *t)
{
    for (unsigned i = 0; i < 2 * TOEPLITZ_TUPLE6_BYTES; i++)
        for (unsigned value = 0; value < 16; value++) {
            uint8_t low = 0;

            for (unsigned bit = 0; bit < 4; bit++)
                if (value & 8u >> bit)
                    low ^= (uint8_t)key_window(t->key, 4 * i + bit) & (GROUPS - 1);
            t->low[i][value] = low;
        }
}

static bool neighbours_reach_all(const struct toeplitz *t, unsigned n_bytes)
{
    uint64_t seen = 0;

    for (unsigned block = 0; block < GROUPS; block++)
        seen |= 1ull << toeplitz_dport(t, n_bytes, (uint16_t)(block << TOEPLITZ_GROUP_BITS));
    return seen == ~0ull;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* About one key in four will do. */
void toeplitz_make(struct toeplitz *t, uint32_t seed)
{
    uint64_t state = seed;

    do {
        for (unsigned i = 0; i < TOEPLITZ_MAX_KEY_BYTES; i++)
            t->key[i] = (uint8_t)(next_random(&state) >> 56);
        fill_table(t);
    } while (!neighbours_reach_all(t, TOEPLITZ_TUPLE4_BYTES) ||
             !neighbours_reach_all(t, TOEPLITZ_TUPLE6_BYTES));
}
