/* hash_probe.c - base/hash.h for test_hash.py: hashes of n keys of 40 bytes. */
#include "base/hash.h"

void hash_all(const unsigned char *keys, unsigned n, unsigned seed, unsigned *out)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = hash_40(keys + 40 * i, seed);
}

unsigned group_of(unsigned hash)
{
    return hash_group(hash);
}
