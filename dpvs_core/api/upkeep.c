/* upkeep.c - what the master looks after a few times a second (dpvs_core.h, core_poll). */
#include "dpvs_core.h"
#include "host/host.h"
#include "worker/core.h"

int core_poll(struct core *core)
{
    host_watch_links(core);
    return (int)core_release(core);
}
