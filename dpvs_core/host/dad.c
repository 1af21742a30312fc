/* dad.c - duplicate address detection: only its interface so far. */
#include <errno.h>

#include "dpvs_core.h"

/* Nothing is verified yet, and so there are no states to tell. */
int core_addr_states(struct core *core, uint32_t *cursor, struct core_addr_state *out, uint32_t max)
{
    return -EOPNOTSUPP;
}
