/* steer.c - steering as a whole: each device's way, and the flow groups that follow (dpvs_core.h).
 *
 * One device that spreads by our key is enough for groups to be computed so, and local ports to be
 * chosen by where their answers arrive: to the others one hash is as good as another.
 */
#include "api/steer.h"

#include <errno.h>

#include "base/toeplitz.h"
#include "lb/lport.h"
#include "lb/lport_return.h"
#include "port/nic_plain.h"
#include "port/steer.h"
#include "worker/check.h"

static void forget_toeplitz(struct core *core)
{
    lport_return_drop(core);
    core->env.ops->free(core->toeplitz);
    core->toeplitz = NULL;
}

void steer_destroy(struct core *core)
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        steer_rules_drop(core, &core->device[dev]);
        plain_nic_destroy(core->device[dev].plain_nic);
    }
    forget_toeplitz(core);
}

static bool any_device_hashes(const struct core *core)
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++)
        if (core->device[dev].steering.kind == CORE_STEER_RSS)
            return true;
    return false;
}

int core_steer(struct core *core)
{
    CHECK_MASTER(core);
    if (core->running)
        return -EBUSY;
    forget_toeplitz(core);
    core->toeplitz = core->env.ops->zalloc(sizeof(*core->toeplitz));
    if (!core->toeplitz)
        return -ENOMEM;
    toeplitz_make(core->toeplitz, core->conf.hash_key);
    for (uint32_t dev = 0; dev < core->n_devices; dev++)
        steer_device(core, &core->device[dev], core->toeplitz);
    for (uint32_t id = 0; id < core->conf.max_laddrs; id++)
        if (core->laddr[id])
            steer_laddr_add(core, id, core->laddr[id]->af, core->laddr[id]->addr);
    if (any_device_hashes(core))
        return lport_return_make(core);
    forget_toeplitz(core);
    return 0;
}

int core_device_steering(struct core *core, uint32_t dev, struct core_steering *out)
{
    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    *out = core->device[dev].steering;
    return 0;
}

int core_steer_queue(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes)
{
    if (!core->conf.plain || dev >= core->n_devices)
        return -EINVAL;
    return plain_nic_queue(core->device[dev].plain_nic, frame, n_bytes);
}
