/* addr.h - an address as the 16 bytes that tables of both families are asked with: IPv4 in the
 * first four, the rest zero. */
#ifndef DPVS_BASE_ADDR_H
#define DPVS_BASE_ADDR_H

#include <stdint.h>
#include <string.h>

#include "base/hash.h"

struct addr16 {
    uint8_t byte[16];
};

static inline struct addr16 addr4(uint32_t addr_be)
{
    struct addr16 addr = { 0 };

    memcpy(addr.byte, &addr_be, sizeof addr_be);
    return addr;
}

static inline struct addr16 addr6(const uint8_t bytes[16])
{
    struct addr16 addr;

    memcpy(addr.byte, bytes, sizeof addr.byte);
    return addr;
}

/* As every table of addresses has it: who asks several computes it once. */
static inline uint32_t hash_addr(uint8_t af, const uint8_t addr[16])
{
    return hash_16(addr, af);
}

static inline uint32_t addr_to4(struct addr16 addr)
{
    uint32_t addr_be;

    memcpy(&addr_be, addr.byte, sizeof addr_be);
    return addr_be;
}

#endif
