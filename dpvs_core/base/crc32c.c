/* crc32c.c - sums as polynomials modulo CRC32c's (RFC 9260 appendix A): the highest bit is x^0. */
#include "base/crc32c.h"

enum { X_TO_THE_8 = 1 << (31 - 8) };
static const uint32_t polynomial = 0x82f63b78; /* without x^32 */

static uint32_t times(uint32_t a, uint32_t b)
{
    uint32_t product = 0;

    for (; a; a <<= 1) {
        product ^= b & -(a >> 31);
        b = b >> 1 ^ (polynomial & -(b & 1));
    }
    return product;
}

uint32_t crc32c_change(uint32_t change, uint32_t n_bytes)
{
    uint32_t crc = crc32c(0, &change, sizeof change);

    for (uint32_t power = X_TO_THE_8; n_bytes; n_bytes >>= 1, power = times(power, power))
        if (n_bytes & 1)
            crc = times(crc, power);
    return crc;
}
