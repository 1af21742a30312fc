/* bucket.h - token bucket: at most `rate_pps` a second on average, a tenth of that at once. */
#ifndef DPVS_BASE_BUCKET_H
#define DPVS_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
    uint64_t filled_us;         /* up to when tokens were earned; 0: never used, so full */
    uint32_t tokens;
};

static inline void bucket_fill(struct token_bucket *b, uint32_t rate_pps, uint64_t now_us)
{
    const uint32_t burst = rate_pps / 10 + 1;
    const uint64_t elapsed_us = now_us - b->filled_us;
    uint64_t earned;

    if (!b->filled_us || elapsed_us >= 1000000) {
        b->tokens = burst;
        b->filled_us = now_us;
        return;
    }
    earned = elapsed_us * rate_pps / 1000000;
    b->filled_us += earned * 1000000 / rate_pps;
    b->tokens = b->tokens + earned > burst ? burst : (uint32_t)(b->tokens + earned);
}

/* Take a token if there is one; a rate of 0 gives none. */
static inline bool bucket_take(struct token_bucket *b, uint32_t rate_pps, uint64_t now_us)
{
    if (!rate_pps)
        return false;
    bucket_fill(b, rate_pps, now_us);
    if (!b->tokens)
        return false;
    b->tokens--;
    return true;
}

#endif
