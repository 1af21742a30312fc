/* frame.h - writing frames, checksums summed in full. */
#ifndef SOAK_FRAME_H
#define SOAK_FRAME_H

#include "batch.h"

enum { TCP_OPTIONS_MAX_BYTES = 40 };

/* What a sender decides about one packet. */
struct segment {
    const uint8_t *dst_mac;
    uint8_t src[16], dst[16];
    uint8_t proto, tcp_flags, tos, ttl, n_ip_options, n_pad; /* pad: Ethernet padding behind it */
    uint16_t sport, dport, id, window, n_options, n_payload;
    uint32_t seq, ack;
    uint8_t options[TCP_OPTIONS_MAX_BYTES];
    const uint8_t *payload;
    uint8_t without_csum;       /* UDP only */
};

/* Into FRAME_BYTES of room; the frame's length. */
uint32_t frame_write(uint8_t *out, const struct segment *s);
/* Change a 16-bit field of the IP header; its checksum is made right again. */
void frame_set_ip16(uint8_t *frame, unsigned at, uint16_t value);

#endif
