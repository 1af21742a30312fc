/* toeplitz.h - the hash by which network cards spread flows over queues (RSS).
 *
 * Source address, destination address, source port, destination port, in network order as they
 * stand in the packet: 12 bytes with IPv4, 36 with IPv6. Each bit that is set adds (XOR) the 32
 * bits of the key that begin at its place; so the hash of a sum is the sum of the hashes. A card
 * indexes its redirection table with the low bits; the low six are the flow group where a card does
 * so with our key. Table-driven by half bytes: 24 or 72 loads out of 384 or 1152 bytes.
 */
#ifndef DPVS_BASE_TOEPLITZ_H
#define DPVS_BASE_TOEPLITZ_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TOEPLITZ_KEY_BYTES = 40,    /* what the longest tuple reads */
    TOEPLITZ_MAX_KEY_BYTES = 64, /* some cards have room for more fields */
    TOEPLITZ_TUPLE4_BYTES = 12, TOEPLITZ_TUPLE6_BYTES = 36,
    TOEPLITZ_GROUP_BITS = 6,
};

struct toeplitz {
    uint8_t key[TOEPLITZ_MAX_KEY_BYTES];
    uint8_t low[2 * TOEPLITZ_TUPLE6_BYTES][16]; /* low six bits of each half byte at its place */
};

/* The whole hash, bit by bit: the definition. */
uint32_t toeplitz_hash(const uint8_t *key, const void *tuple, unsigned n_bytes);

/* A key from a seed, the same for the same seed. For both families the ports of 64 neighbouring
 * blocks (those that differ in bits 6..11) hash to all 64 groups: so a local port can be chosen for
 * the worker that its answers shall reach (lb/lport_return.h). */
void toeplitz_make(struct toeplitz *t, uint32_t seed);

static inline uint8_t toeplitz_group(const struct toeplitz *t, const void *tuple, unsigned n_bytes)
{
    const uint8_t *byte = tuple;
    uint8_t group = 0;

    for (unsigned i = 0; i < n_bytes; i++)
        group ^= t->low[2 * i][byte[i] >> 4] ^ t->low[2 * i + 1][byte[i] & 15];
    return group;
}

/* What a destination port (host order) adds to the group of a tuple of n_bytes. */
static inline uint8_t toeplitz_dport(const struct toeplitz *t, unsigned n_bytes, uint16_t port)
{
    uint8_t group = 0;

    for (unsigned i = 0; i < 4; i++)
        group ^= t->low[2 * n_bytes - 4 + i][port >> (12 - 4 * i) & 15];
    return group;
}

#endif
