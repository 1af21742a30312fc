/* oracle_rewrite.h - what a packet of a flow must have become: its headers, written anew. */
#ifndef SOAK_ORACLE_REWRITE_H
#define SOAK_ORACLE_REWRITE_H

#include "oracle_flow.h"
#include "wire.h"

enum { HEADERS_MAX_BYTES = ETH_HDR_BYTES + 60 + 60 };

/* Everything before the payload, with checksums 0. */
struct headers {
    uint16_t n_bytes, l3_at, l4_at;
    uint8_t toa_due, toa_sent;  /* due: on this segment; sent: there was room */
    uint8_t bytes[HEADERS_MAX_BYTES];
};

void rewrite_expect(struct headers *h, const struct scene *s, const struct flow *f, unsigned side,
                    const struct view *in);

#endif
