/* siphash.h - SipHash-2-4 of two 64-bit words (Aumasson, Bernstein 2012): a keyed hash that a
 * sender cannot predict, for initial sequence numbers (RFC 6528). */
#ifndef DPVS_BASE_SIPHASH_H
#define DPVS_BASE_SIPHASH_H

#include <stdint.h>

#define SIP_ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1]; v[1] = SIP_ROTL(v[1], 13); v[1] ^= v[0]; v[0] = SIP_ROTL(v[0], 32);
    v[2] += v[3]; v[3] = SIP_ROTL(v[3], 16); v[3] ^= v[2];
    v[0] += v[3]; v[3] = SIP_ROTL(v[3], 21); v[3] ^= v[0];
    v[2] += v[1]; v[1] = SIP_ROTL(v[1], 17); v[1] ^= v[2]; v[2] = SIP_ROTL(v[2], 32);
}

static inline uint64_t siphash_16(const uint64_t key[2], const uint64_t words[2])
{
    uint64_t v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                      key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u };
    const uint64_t blocks[3] = { words[0], words[1], 16ull << 56 };

    for (int i = 0; i < 3; i++) {
        v[3] ^= blocks[i];
        sip_round(v);
        sip_round(v);
        v[0] ^= blocks[i];
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
