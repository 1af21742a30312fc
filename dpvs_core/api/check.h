/* check.h - what every call of the API checks first. */
#ifndef DPVS_API_CHECK_H
#define DPVS_API_CHECK_H

#include <errno.h>
#include <pthread.h>

#include "worker/core.h"

/* The master alone changes and reads the core through the API. */
#define CHECK_MASTER(core)                                     \
    do {                                                       \
        if (!pthread_equal((core)->master, pthread_self()))    \
            return -EPERM;                                     \
    } while (0)

/* api/io_plain.c: lists of a plain core's devices. */
void io_plain_destroy(struct core *core);

#endif
