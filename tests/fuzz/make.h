/* make.h - the frame that a record means. */
#ifndef FUZZ_MAKE_H
#define FUZZ_MAKE_H

#include "history.h"
#include "script.h"

/* Into out; 0 bytes: the record means none, as nothing was there to answer. */
void make_frame(const struct entry *e, const struct past *arrived, const struct past *left,
                struct frame *out);

/* Fragments of an IP packet. False: it cannot be cut, and arrives whole. */
struct pieces {
    const struct frame *whole;
    uint32_t head_bytes;        /* Ethernet and IP header, without a fragment header */
    uint32_t n, piece_bytes;
    uint32_t id;
};
bool pieces_begin(struct pieces *pieces, const struct frame *whole, uint8_t size, uint32_t id);
void pieces_make(const struct pieces *pieces, uint32_t i, struct frame *out);

#endif
