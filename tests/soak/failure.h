/* failure.h - the end of a run: what was wrong, with all that is needed to see it again. */
#ifndef SOAK_FAILURE_H
#define SOAK_FAILURE_H

#include "batch.h"

/* Said with every failure. */
void failure_seed(uint64_t seed);
/* Print the packet in and out as hex and the sentence; exit 1. `p` may be NULL. */
_Noreturn void failure(const struct packet *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for a frame that belongs to no packet. */
_Noreturn void failure_frame(const uint8_t *bytes, uint32_t n_bytes, const char *sentence);

#endif
