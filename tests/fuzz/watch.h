/* watch.h - a capture under way while packets pass: any filter, and what the master reads of it. */
#ifndef FUZZ_WATCH_H
#define FUZZ_WATCH_H

#include <stdint.h>

#include "dpvs_core.h"

/* From now on with this program, and no longer with the one before; one that is not valid ends the
 * capture, and none at all keeps everything. */
void watch_begin(struct core *core, uint32_t dev, const uint8_t *program, uint32_t n_bytes);
/* Reads all there is, and judges the records. */
void watch_read(struct core *core);

#endif
