/* service_build.c - one version of a service: struct, dests and local addresses in one piece.
 *
 * O(dests + local addresses). The positions of its scheduler (`live`) are given by who puts it
 * into a set; both count versions, so that whoever frees the last one frees what they share.
 */
#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

#include "lb/fwd.h"
#include "lb/lport.h"
#include "lb/sched.h"
#include "lb/service.h"
#include "net/fib.h"
#include "worker/core.h"

uint8_t dest_lport_pool(const struct core *core, const struct dest *d)
{
    return (uint8_t)(hash_16(d->addr, d->port_be) % core->conf.lport_pools);
}

static int copy_dests(struct core *core, struct service *s, const struct core_dest *dests)
{
    for (uint32_t i = 0; i < s->n_dests; i++) {
        const struct core_dest *from = &dests[i];
        int row;

        if (from->id >= core->conf.max_dests || from->fwd >= CORE_N_FWDS)
            return -EINVAL;
        if ((from->fwd == CORE_FWD_SNAT) != !!(s->flags & SERVICE_OUTWARD))
            return -EINVAL;     /* of match services, and nothing else there */
        row = fwd_row(from->fwd, s->key.af, from->af);
        if (row == NO_FWD_ROW)
            return -EAFNOSUPPORT;
        if (fwd_table[row]->one_way && from->port && from->port != s->key.port)
            return -EINVAL;     /* the port in the packet stays the client's choice */
        if (fib_is_link_local(from->af, from->addr))
            return -EINVAL;     /* on which link? */
        s->dest[i] = (struct dest){
            .id = from->id, .af = from->af, .fwd = from->fwd,
            .weight = from->flags & CORE_DEST_INHIBITED ? 0 : from->weight,
            .upper_threshold = from->upper_threshold,
            .lower_threshold = from->lower_threshold ? from->lower_threshold
                                                     : from->upper_threshold,
            .port_be = rte_cpu_to_be_16(from->port ? from->port : s->key.port),
        };
        s->by_client |= from->fwd == CORE_FWD_NAT;
        memcpy(s->dest[i].addr, from->addr, 16);
        s->dest[i].lport_pool = dest_lport_pool(core, &s->dest[i]);
    }
    return 0;
}

/* Counted one by one, so that service_free gives back what was counted. */
static int take_laddrs(struct core *core, struct service *s, const uint32_t *ids, uint32_t n)
{
    for (; s->n_laddrs < n; s->n_laddrs++) {
        const uint32_t id = ids[s->n_laddrs];

        if (id >= core->conf.max_laddrs || !core->laddr[id])
            return -ENOENT;
        s->laddr[s->n_laddrs] = core->laddr[id];
        core->laddr_uses[id]++;
    }
    return 0;
}

static struct service *service_alloc(struct core *core, uint32_t n_dests, uint32_t n_laddrs)
{
    const size_t dests_at = offsetof(struct service, laddr) + n_laddrs * sizeof(struct laddr *);
    struct service *s = core->env.ops->zalloc(dests_at + n_dests * sizeof(struct dest));

    if (!s)
        return NULL;
    s->dest = (struct dest *)((uint8_t *)s + dests_at);
    return s;
}

bool service_is_sound(const struct core_service *spec)
{
    return spec->sched < CORE_N_SCHEDS &&
           !(spec->flags & ~(CORE_SVC_EXPIRE_QUIESCENT | CORE_SVC_ONE_PACKET));
}

struct service *service_build(struct core *core, const struct core_service *spec,
                              const struct core_dest *dests, uint32_t n_dests,
                              const uint32_t *laddr_ids, uint32_t n_laddrs, int *error)
{
    struct service *s = service_alloc(core, n_dests, n_laddrs);

    *error = -ENOMEM;
    if (!s)
        return NULL;
    s->key = spec->key;
    s->id = spec->id;
    s->sched = spec->sched;
    s->flags = spec->flags;
    s->conn_timeout_ms = spec->conn_timeout_s * 1000;
    s->n_dests = n_dests;
    *error = copy_dests(core, s, dests);
    if (!*error)
        *error = take_laddrs(core, s, laddr_ids, n_laddrs);
    if (!*error && sched_table[s->sched]->prepare && !sched_table[s->sched]->prepare(core, s))
        *error = -ENOMEM;
    if (!*error)
        return s;
    service_free(core, s);
    return NULL;
}

void service_free(struct core *core, struct service *s)
{
    if (!s)
        return;
    if (sched_table[s->sched]->release)
        sched_table[s->sched]->release(core, s);
    for (uint32_t i = 0; i < s->n_laddrs; i++)
        core->laddr_uses[s->laddr[i]->id]--;
    if (s->live && !--s->live->n_versions)
        core->env.ops->free(s->live);
    core->env.ops->free(s);
}
