/* history.h - the last frames that arrived and that left, for those made out of them. */
#ifndef FUZZ_HISTORY_H
#define FUZZ_HISTORY_H

#include <stdint.h>

enum { FRAME_MAX_BYTES = 4096, HISTORY_FRAMES = 16 };

struct frame {
    uint32_t n_bytes;
    uint8_t dev;
    uint8_t bytes[FRAME_MAX_BYTES];
};

struct past {
    uint32_t n;                 /* ever */
    struct frame frame[HISTORY_FRAMES];
};

static inline struct frame *past_next(struct past *past)
{
    return &past->frame[past->n++ % HISTORY_FRAMES];
}

/* The `back`-th before the last; NULL: there was none. */
static inline const struct frame *past_frame(const struct past *past, uint8_t back)
{
    const uint32_t n = past->n < HISTORY_FRAMES ? past->n : HISTORY_FRAMES;

    return n ? &past->frame[(past->n - 1 - back % n) % HISTORY_FRAMES] : (const struct frame *)0;
}

#endif
