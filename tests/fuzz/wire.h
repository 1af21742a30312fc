/* wire.h - a frame's headers as RFC 791, 8200, 9293, 768, 792, 4443 and 9260 have them: read, mended,
 * judged. Shares no code with the core. */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_ETH = 14, WIRE_ICMP = 1, WIRE_TCP = 6, WIRE_UDP = 17, WIRE_ICMP6 = 58,
       WIRE_SCTP = 132 };

struct wire {
    uint8_t af;                 /* 4 or 6 */
    uint8_t proto;              /* of what is at l4 */
    bool is_fragment, more;
    uint32_t offset_bytes, id;  /* of a fragment */
    uint8_t *l3, *l4;
    uint32_t l3_bytes, l4_bytes; /* as the header says */
};

/* The IP packet of at most n bytes at l3; false: it is none, or says more than there is. */
bool wire_read(uint8_t *l3, uint32_t n_bytes, struct wire *out);
bool wire_is_ip(const uint8_t *frame, uint32_t n_bytes);

/* Lengths as what is there wants them, and those of TCP's and UDP's headers where they are absurd. */
void wire_set_lengths(uint8_t *frame, uint32_t n_bytes);
void wire_set_checksums(uint8_t *frame, uint32_t n_bytes);

/* What is wrong with an IP packet (and one inside a tunnel): NULL, nothing. */
const char *wire_wrong(uint8_t *l3, uint32_t n_bytes);
/* The same for a transport segment between these addresses (4 or 16 bytes each). */
const char *wire_wrong_l4(uint8_t af, const uint8_t *addrs, uint8_t proto, const uint8_t *l4,
                          uint32_t n_bytes);

uint8_t *wire_addrs(const struct wire *w);
uint8_t *wire_ttl(const struct wire *w);
static inline uint32_t wire_addr_bytes(uint8_t af)
{
    return af == 4 ? 4 : 16;
}

static inline uint16_t wire_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void wire_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

#endif
