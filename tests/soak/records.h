/* records.h - pairs of packets, in and out, with what the oracle knows of their flow, for another
 * decoder to judge (test_soak.py). Layout: struct record, then both IP packets; little endian.
 */
#ifndef SOAK_RECORDS_H
#define SOAK_RECORDS_H

#include <stdio.h>

#include "oracle.h"
#include "random.h"

struct records {
    FILE *file;
    uint64_t n_wanted, n_written;
};

/* Write some of the batch's forwarded packets; `n_left`: packets that the run still has. */
void records_write(struct records *r, const struct scene *s, const struct oracle *o,
                   const struct batch *b, struct random *random, uint64_t n_left);

#endif
