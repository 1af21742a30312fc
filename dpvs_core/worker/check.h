/* check.h - what every call of the API checks first. */
#ifndef DPVS_WORKER_CHECK_H
#define DPVS_WORKER_CHECK_H

#include <errno.h>
#include <pthread.h>

#include "worker/core.h"

static inline int is_master(const struct core *core)
{
    return pthread_equal(core->master, pthread_self());
}

/* The master alone changes and reads the core through the API. */
#define CHECK_MASTER(core)                                     \
    do {                                                       \
        if (!is_master(core))                                  \
            return -EPERM;                                     \
    } while (0)

#endif
