/* io_plain.h - the lists of a plain core's devices, freed with the core. */
#ifndef DPVS_API_IO_PLAIN_H
#define DPVS_API_IO_PLAIN_H

struct core;

void io_plain_destroy(struct core *core);

#endif
