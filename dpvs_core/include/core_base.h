/* core_base.h - what all parts name: the handle, how much there is of what. */
#ifndef DPVS_CORE_BASE_H
#define DPVS_CORE_BASE_H

#include <stdint.h>

struct core;

enum core_limit {
    CORE_MAX_WORKERS = 64,
    CORE_MAX_DEVICES = 64,
    CORE_GROUPS = 64,           /* flow groups; group_worker[group] owns its connections */
    CORE_NAME_BYTES = 32,
    CORE_ERR_BYTES = 256,
    CORE_NO_ID = 0xffffffff,
    CORE_ANY_DEV = 0xffff,      /* of a match: whatever the device */
};

#endif
