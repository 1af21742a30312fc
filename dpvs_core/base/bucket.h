/* bucket.h - token bucket: at most `rate_pps` a second on average, a tenth of that at once. */
#ifndef DPVS_BASE_BUCKET_H
#define DPVS_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
    uint64_t filled_us;
    uint32_t tokens;
};

static inline bool bucket_take(struct token_bucket *b, uint32_t rate_pps, uint64_t now_us)
{
    uint32_t burst = rate_pps / 10 + 1;
    uint64_t elapsed_us = now_us - b->filled_us;
    uint64_t earned = elapsed_us > 1000000 ? burst : elapsed_us * rate_pps / 1000000;

    if (earned || !b->filled_us) {
        uint64_t tokens = b->filled_us ? b->tokens + earned : burst;
        b->tokens = tokens > burst ? burst : (uint32_t)tokens;
        b->filled_us = now_us;
    }
    if (!b->tokens)
        return false;
    b->tokens--;
    return true;
}

#endif
