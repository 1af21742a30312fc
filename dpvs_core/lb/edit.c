/* edit.c - a copy of the published services to change, and the swap (dpvs_core.h, core_lb_*). */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "lb/fwd.h"
#include "lb/lport.h"
#include "lb/sched.h"
#include "lb/service.h"
#include "worker/check.h"

enum { FIRST_SLOTS = 16 };

struct service_list {
    struct service **row;
    uint32_t n, room;
};

struct lb_edit {
    struct core *core;
    struct lb *next;
    struct service_list made;   /* built in this edit */
    struct service_list gone;   /* published ones that this edit replaced or removed */
};

/* The same set to be changed: slots and addresses as they are. */
static struct lb *lb_clone(struct core *core, const struct lb *from)
{
    struct lb *lb = lb_create(core, from->mask + 1);

    if (!lb)
        return NULL;
    lb->n_services = from->n_services;
    lb->n_vips = from->n_vips;
    memcpy(lb->slot, from->slot, (from->mask + 1) * sizeof(struct service *));
    memcpy(lb->vip, from->vip, (from->mask + 1) * sizeof(*from->vip));
    return lb;
}

/* A set of twice `n` slots at least, with the services of `from` and no address without one. */
static struct lb *lb_rebuild(struct core *core, const struct lb *from, uint32_t n)
{
    uint32_t slots = FIRST_SLOTS;
    struct lb *lb;

    while (slots < 2 * (n + 1))
        slots *= 2;
    lb = lb_create(core, slots);
    for (uint32_t i = 0; lb && i <= from->mask; i++)
        if (from->slot[i])
            lb_put(lb, from->slot[i]);
    return lb;
}

struct lb_edit *core_lb_begin(struct core *core)
{
    struct env *env = &core->env;
    struct lb_edit *edit;

    if (!is_master(core))
        return NULL;
    edit = env->ops->zalloc(sizeof(*edit));
    if (!edit)
        return NULL;
    edit->core = core;
    edit->next = lb_clone(core, core->lb);
    if (!edit->next) {
        env->ops->free(edit);
        return NULL;
    }
    return edit;
}

/* Room for one more row; 0 or -ENOMEM. */
static int list_reserve(struct env *env, struct service_list *list)
{
    const uint32_t room = list->room ? 2 * list->room : 64;
    struct service **more;

    if (list->n < list->room)
        return 0;
    more = env->ops->zalloc(room * sizeof(*more));
    if (!more)
        return -ENOMEM;
    if (list->row)
        memcpy(more, list->row, list->n * sizeof(*more));
    env->ops->free(list->row);
    list->row = more;
    list->room = room;
    return 0;
}

static void list_add(struct service_list *list, struct service *s)
{
    list->row[list->n++] = s;
}

static bool is_published(const struct core *core, const struct service *s)
{
    return lb_find(core->lb, &s->key) == s;
}

static int copy_dests(struct core *core, struct service *s, const struct core_dest *dests)
{
    for (uint32_t i = 0; i < s->n_dests; i++) {
        const struct core_dest *from = &dests[i];

        if (from->id >= core->conf.max_dests || from->fwd >= CORE_N_FWDS)
            return -EINVAL;
        if (fwd_row(from->fwd, s->key.af, from->af) == NO_FWD_ROW)
            return -EAFNOSUPPORT;
        s->dest[i] = (struct dest){
            .id = from->id, .af = from->af, .fwd = from->fwd,
            .weight = from->flags & CORE_DEST_INHIBITED ? 0 : from->weight,
            .upper_threshold = from->upper_threshold,
            .lower_threshold = from->lower_threshold ? from->lower_threshold
                                                     : from->upper_threshold,
            .port_be = rte_cpu_to_be_16(from->port ? from->port : s->key.port),
        };
        memcpy(s->dest[i].addr, from->addr, 16);
    }
    return 0;
}

static struct service *service_build(struct core *core, const struct core_service *spec,
                                     const struct core_dest *dests, uint32_t n_dests,
                                     const uint32_t *laddr_ids, uint32_t n_laddrs, int *error)
{
    struct env *env = &core->env;
    struct service *s = env->ops->zalloc(sizeof(*s));

    *error = -ENOMEM;
    if (!s)
        return NULL;
    *s = (struct service){ .key = spec->key, .id = spec->id, .sched = spec->sched,
                           .flags = spec->flags, .n_dests = n_dests, .n_laddrs = n_laddrs,
                           .conn_timeout_ms = spec->conn_timeout_s * 1000 };
    s->dest = env->ops->zalloc((n_dests + 1) * sizeof(*s->dest));
    s->laddr = env->ops->zalloc((n_laddrs + 1) * sizeof(struct laddr *));
    if (!s->dest || !s->laddr)
        goto fail;
    *error = copy_dests(core, s, dests);
    if (*error)
        goto fail;
    for (uint32_t i = 0; i < n_laddrs; i++) {
        s->laddr[i] = laddr_ids[i] < core->conf.max_laddrs ? core->laddr[laddr_ids[i]] : NULL;
        *error = s->laddr[i] ? 0 : -ENOENT;
        if (*error)
            goto fail;
    }
    *error = -ENOMEM;
    if (sched_table[s->sched]->prepare && !sched_table[s->sched]->prepare(core, s))
        goto fail;
    *error = 0;
    return s;
fail:
    service_free(core, s);
    return NULL;
}

int core_lb_set(struct lb_edit *edit, const struct core_service *spec,
                const struct core_dest *dests, uint32_t n_dests, const uint32_t *laddr_ids,
                uint32_t n_laddrs)
{
    struct core *core = edit->core;
    struct service *s, *before;
    int error;

    if (spec->sched >= CORE_N_SCHEDS)
        return -EINVAL;
    if (spec->flags & CORE_SVC_ONE_PACKET)
        return -EOPNOTSUPP;
    s = service_build(core, spec, dests, n_dests, laddr_ids, n_laddrs, &error);
    if (!s)
        return error;
    if (RTE_MAX(edit->next->n_services, edit->next->n_vips) * 2 > edit->next->mask) {
        struct lb *larger = lb_rebuild(core, edit->next, 2 * edit->next->n_services);

        if (!larger) {
            service_free(core, s);
            return -ENOMEM;
        }
        lb_free(core, edit->next);
        edit->next = larger;
    }
    before = edit->next->slot[lb_slot(edit->next, &spec->key)];
    s->live = before ? before->live : core->env.ops->zalloc(sizeof(*s->live));
    error = s->live ? list_reserve(&core->env, &edit->made) : -ENOMEM;
    if (!error)
        error = list_reserve(&core->env, &edit->gone);
    if (error) {
        if (!before)
            core->env.ops->free(s->live);
        service_free(core, s);
        return error;
    }
    list_add(&edit->made, s);
    if (before && is_published(core, before))
        list_add(&edit->gone, before);
    if (before)
        edit->next->slot[lb_slot(edit->next, &spec->key)] = s;
    else
        lb_put(edit->next, s);
    return 0;
}

int core_lb_del(struct lb_edit *edit, const struct core_service_key *key)
{
    const uint32_t slot = lb_slot(edit->next, key);
    struct service *before = edit->next->slot[slot];

    if (!before)
        return -ENOENT;
    if (list_reserve(&edit->core->env, &edit->gone))
        return -ENOMEM;
    if (is_published(edit->core, before))
        list_add(&edit->gone, before);
    lb_take(edit->next, slot);
    return 0;
}

static void release_service(struct core *core, void *s)
{
    service_free(core, s);
}

static void release_live(struct core *core, void *live)
{
    core->env.ops->free(live);
}

static void release_lb(struct core *core, void *lb)
{
    lb_free(core, lb);
}

static void edit_free(struct lb_edit *edit)
{
    struct env *env = &edit->core->env;

    env->ops->free(edit->made.row);
    env->ops->free(edit->gone.row);
    env->ops->free(edit);
}

static void cut_dests(struct core *core, const struct service *s)
{
    for (uint32_t i = 0; i < s->n_dests; i++)
        core->dest_flags[s->dest[i].id] =
            s->flags & CORE_SVC_EXPIRE_QUIESCENT && !s->dest[i].weight ? DEST_CUT : 0;
}

static void retire_service(struct core *core, struct service *s, bool live_is_gone)
{
    if (s->flags & CORE_SVC_EXPIRE_QUIESCENT)
        for (uint32_t i = 0; i < s->n_dests; i++)
            core->dest_flags[s->dest[i].id] = DEST_CUT; /* unless the new version clears it */
    if (live_is_gone)
        core_retire(core, s->live, release_live);
    core_retire(core, s, release_service);
}

/* Free what this edit built and `edit->made` still lists; a position that a published service
 * (before or after) goes on with stays. */
static void free_unpublished(struct core *core, const struct lb_edit *edit, const struct lb *before,
                             const struct lb *after)
{
    for (uint32_t i = 0; i < edit->made.n; i++) {
        const struct service *s = edit->made.row[i];
        const struct service *was = lb_find(before, &s->key), *is = lb_find(after, &s->key);
        bool others = (was && was->live == s->live) || (is && is->live == s->live);

        for (uint32_t j = i + 1; !others && j < edit->made.n; j++)
            others = edit->made.row[j]->live == s->live;
        if (!others)
            core->env.ops->free(s->live);
    }
    for (uint32_t i = 0; i < edit->made.n; i++)
        service_free(core, edit->made.row[i]);
}

int core_lb_commit(struct lb_edit *edit)
{
    struct core *core = edit->core;
    struct lb *old = core->lb, *next = edit->next;
    uint32_t kept = 0;

    __atomic_store_n(&core->lb, next, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < edit->gone.n; i++) {
        const struct service *now = lb_find(next, &edit->gone.row[i]->key);

        retire_service(core, edit->gone.row[i], !now || now->live != edit->gone.row[i]->live);
    }
    for (uint32_t i = 0; i < edit->made.n; i++)
        if (lb_find(next, &edit->made.row[i]->key) == edit->made.row[i])
            cut_dests(core, edit->made.row[i]);
        else
            edit->made.row[kept++] = edit->made.row[i];
    edit->made.n = kept;        /* made and replaced again within this edit */
    free_unpublished(core, edit, old, next);
    core_retire(core, old, release_lb);
    edit_free(edit);
    return 0;
}

void core_lb_abort(struct lb_edit *edit)
{
    struct core *core = edit->core;

    free_unpublished(core, edit, core->lb, core->lb);
    lb_free(core, edit->next);
    edit_free(edit);
}
