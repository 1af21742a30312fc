/* service_build.c - one version of a service: struct and dests in one piece.
 *
 * O(dests + local addresses). The positions of its scheduler (`live`) are given by who puts it
 * into a set; both count versions, so that whoever frees the last one frees what they share.
 */
#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

#include "lb/fwd.h"
#include "lb/laddr_list.h"
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

static int take_laddrs(struct core *core, struct service *s, const uint32_t *ids, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (ids[i] >= core->conf.max_laddrs || !core->laddr[ids[i]])
            return -ENOENT;
    s->laddrs = n ? laddr_list_take(core, ids, n) : NULL;
    if (n && !s->laddrs)
        return -ENOMEM;
    s->n_laddrs = n;            /* from here on service_free gives back what is counted */
    for (uint32_t i = 0; i < n; i++)
        core->laddr_uses[ids[i]]++;
    return 0;
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
    struct service *s = core->env.ops->zalloc(sizeof(*s) + n_dests * sizeof(s->dest[0]));

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
        core->laddr_uses[s->laddrs->laddr[i]->id]--;
    laddr_list_give(core, s->laddrs);
    if (s->live && !--s->live->n_versions)
        core->env.ops->free(s->live);
    core->env.ops->free(s);
}
