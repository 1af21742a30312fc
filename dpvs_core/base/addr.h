/* addr.h - an IPv4 address as the 16 bytes that tables of both families are asked with. */
#ifndef DPVS_BASE_ADDR_H
#define DPVS_BASE_ADDR_H

#include <stdint.h>
#include <string.h>

struct addr16 {
    uint8_t byte[16];
};

static inline struct addr16 addr4(uint32_t addr_be)
{
    struct addr16 addr = { 0 };

    memcpy(addr.byte, &addr_be, sizeof addr_be);
    return addr;
}

#endif
