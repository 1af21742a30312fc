/* mutate.h - changes to scripts that keep them scripts. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "script.h"

struct dice {
    uint64_t state;
};

/* 0 to n - 1. */
uint32_t dice_roll(struct dice *dice, uint32_t n);

/* One change of records as a whole, or of a record's fields; false: none was possible. */
bool mutate_records(struct script *script, struct dice *dice);
/* One change within a frame, which stays one mostly (mutate_frame.c). */
bool mutate_frame(struct entry *e, struct dice *dice);

size_t LLVMFuzzerMutate(uint8_t *data, size_t n_bytes, size_t max_bytes);

#endif
