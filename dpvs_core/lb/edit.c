/* edit.c - a version of the published services to change, and the swap (dpvs_core.h, core_lb_*).
 *
 * Every call costs what it changes: a service's dests and a page or two. `made` lists what goes
 * with an abort, `gone` what goes with a commit; either is freed later, in pieces, by core_release.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "lb/edit.h"
#include "lb/nat_servers.h"
#include "worker/check.h"

/* What a commit writes into core.dest_flags, in this order. */
struct flag_change {
    uint32_t dest_id;
    uint8_t flags;
};

enum { EDIT_OBJECTS = 2 };      /* that a call makes, or lets go, beside pages */

static void release_service(struct core *core, void *s)
{
    service_free(core, s);
}

/* The edit itself, whatever became of its lists. */
static void edit_free(struct core *core, struct lb_edit *edit)
{
    nat_gone_free(core, &edit->nat_gone);
    core->env.ops->free(edit->flag);
    core->env.ops->free(edit);
}

struct lb_edit *core_lb_begin(struct core *core)
{
    const struct env_ops *ops = core->env.ops;
    struct edit_memory *m;
    struct lb_edit *edit;

    if (!is_master(core))
        return NULL;
    edit = ops->zalloc(sizeof(*edit));
    if (!edit)
        return NULL;
    m = &edit->memory;
    *m = (struct edit_memory){ .core = core, .serial = core->lb->serial + 1,
                               .made = retired_create(core), .gone = retired_create(core) };
    edit->from = core->lb;
    edit->next = ops->zalloc(sizeof(*edit->next));
    if (!m->made || !m->gone || !edit->next) {
        retired_forget(core, m->made);
        retired_forget(core, m->gone);
        ops->free(edit->next);
        edit_free(core, edit);
        return NULL;
    }
    *edit->next = *core->lb;
    edit->next->serial = m->serial;
    edit->next->services.own_dir = edit->next->vips.own_dir = 0;
    edit->next->nat_servers.own_dir = 0;
    retired_add(m->made, edit->next, release_memory);
    retired_add(m->gone, core->lb, release_memory);
    return edit;
}

static int flags_reserve(struct lb_edit *edit, uint32_t n)
{
    const struct env_ops *ops = edit->memory.core->env.ops;
    uint32_t room = edit->flags_room ? edit->flags_room : 16;
    struct flag_change *more;

    if (edit->n_flags + n <= edit->flags_room)
        return 0;
    while (room < edit->n_flags + n)
        room *= 2;
    more = ops->zalloc(room * sizeof(*more));
    if (!more)
        return -ENOMEM;
    if (edit->flag)
        memcpy(more, edit->flag, edit->n_flags * sizeof(*more));
    ops->free(edit->flag);
    edit->flag = more;
    edit->flags_room = room;
    return 0;
}

/* Only what may differ from what is there: a commit of 10,000 services seldom writes any. */
static void flags_set(struct lb_edit *edit, uint32_t dest_id, uint8_t flags)
{
    if (flags || edit->n_flags || edit->memory.core->dest_flags[dest_id])
        edit->flag[edit->n_flags++] = (struct flag_change){ dest_id, flags };
}

/* What does not change while a dest is one of such a service. */
static uint8_t kind_flag(const struct service *s)
{
    return s->flags & SERVICE_OUTWARD ? DEST_OUTWARD : 0;
}

/* Connections of a version that goes end, unless the new one clears it. */
static void cut_old_dests(struct lb_edit *edit, const struct service *s)
{
    if (s->flags & CORE_SVC_EXPIRE_QUIESCENT)
        for (uint32_t i = 0; i < s->n_dests; i++)
            flags_set(edit, s->dest[i].id, DEST_CUT | kind_flag(s));
}

static void cut_new_dests(struct lb_edit *edit, const struct service *s)
{
    const bool cuts = s->flags & CORE_SVC_EXPIRE_QUIESCENT;

    for (uint32_t i = 0; i < s->n_dests; i++)
        flags_set(edit, s->dest[i].id,
                  (cuts && !s->dest[i].weight ? DEST_CUT : 0) | kind_flag(s));
}

void edit_let_go(struct lb_edit *edit, struct service *s)
{
    struct edit_memory *m = &edit->memory;

    cut_old_dests(edit, s);
    if (s->edit == m->serial) {
        retired_set(m->made, s->made_at, NULL);
        service_free(m->core, s);
    } else {
        retired_add(m->gone, s, release_service);
    }
}

int edit_reserve(struct lb_edit *edit, uint32_t n_flags)
{
    struct edit_memory *m = &edit->memory;
    int error = retired_reserve(m->core, m->made, EDIT_OBJECTS);

    if (!error)
        error = retired_reserve(m->core, m->gone, EDIT_OBJECTS);
    return error ? error : flags_reserve(edit, n_flags);
}

int edit_adopt(struct lb_edit *edit, struct service *s, struct service *old)
{
    struct edit_memory *m = &edit->memory;

    s->live = old ? old->live : m->core->env.ops->zalloc(sizeof(*s->live));
    if (!s->live)
        return -ENOMEM;
    s->live->n_versions++;
    s->edit = m->serial;
    s->made_at = retired_add(m->made, s, release_service);
    if (old) {
        s->was_by_tuple = old->was_by_tuple || (s->by_client && !old->by_client);
        s->by_client |= old->by_client; /* its connections stay where they are */
        edit_let_go(edit, old);
    }
    cut_new_dests(edit, s);
    return 0;
}

/* Rows of the key are the edit's own, and there is room for a new one and in every list. */
static int make_ready(struct lb_edit *edit, const struct core_service_key *key, uint32_t n_free,
                      uint32_t n_flags)
{
    const int error = page_table_own(&edit->memory, &edit->next->services, &lb_service_kind,
                                     lb_key_hash(key), n_free);

    return error ? error : edit_reserve(edit, n_flags);
}

/* The address of the key counts one service more or less. Its page is the edit's own. */
static void count_vip(struct lb_edit *edit, const struct core_service_key *key, int by)
{
    const uint32_t hash = hash_addr(key->af, key->addr);
    struct page *p = page_of(&edit->next->vips, hash);
    struct lb_vip *vip = (struct lb_vip *)(uintptr_t)lb_vip(edit->next, key->af, key->addr);

    if (!vip) {
        vip = page_add(p, &lb_vip_kind, hash);
        *vip = (struct lb_vip){ .af = key->af };
        memcpy(vip->addr, key->addr, 16);
    }
    if (key->proto == IPPROTO_TCP)
        vip->n_tcp += (uint32_t)by;
    else
        vip->n_udp += (uint32_t)by;
    if (!vip->n_tcp && !vip->n_udp)
        page_remove(p, &lb_vip_kind, vip);
}

static int own_vip(struct lb_edit *edit, const struct core_service_key *key, uint32_t n_free)
{
    return page_table_own(&edit->memory, &edit->next->vips, &lb_vip_kind,
                          hash_addr(key->af, key->addr), n_free);
}

static struct service **find_row(struct lb_edit *edit, const struct core_service_key *key)
{
    return (struct service **)(uintptr_t)lb_row(edit->next, key);
}

/* Put a built version into the set, in place of another or as a new row; 0 or what lacks. */
static int put(struct lb_edit *edit, struct service *s)
{
    struct service **row = find_row(edit, &s->key);
    const uint32_t is_new = !row, n_old = row ? (*row)->n_dests : 0, n_gone = edit->nat_gone.n;
    int error = is_new ? own_vip(edit, &s->key, 1) : 0;

    if (!error)
        error = nat_servers_change(edit, s, row ? *row : NULL);
    if (!error)
        error = make_ready(edit, &s->key, is_new, n_old + s->n_dests);
    row = find_row(edit, &s->key); /* its page may be a copy by now */
    if (!error)
        error = edit_adopt(edit, s, is_new ? NULL : *row);
    if (error) {
        nat_servers_keep(edit, n_gone);
        return error;
    }
    if (is_new) {
        const uint32_t hash = lb_key_hash(&s->key);

        row = page_add(page_of(&edit->next->services, hash), &lb_service_kind, hash);
        count_vip(edit, &s->key, 1);
    }
    *row = s;
    return 0;
}

int core_lb_set(struct lb_edit *edit, const struct core_service *spec,
                const struct core_dest *dests, uint32_t n_dests, const uint32_t *laddr_ids,
                uint32_t n_laddrs)
{
    struct core *core = edit->memory.core;
    struct service *s;
    int error;

    if (!service_is_sound(spec))
        return -EINVAL;
    if ((spec->flags & CORE_SVC_ONE_PACKET) && spec->key.proto != IPPROTO_UDP)
        return -EOPNOTSUPP;
    s = service_build(core, spec, dests, n_dests, laddr_ids, n_laddrs, &error);
    if (!s)
        return error;
    error = put(edit, s);
    if (error)
        service_free(core, s);
    return error;
}

int core_lb_set_many(struct lb_edit *edit, uint32_t n, const struct core_service *services,
                     const struct core_dest *dests, const uint32_t *n_dests,
                     const uint32_t *laddr_ids, const uint32_t *n_laddrs)
{
    int error = 0;

    for (uint32_t i = 0; i < n && !error; i++) {
        error = core_lb_set(edit, &services[i], dests, n_dests[i], laddr_ids, n_laddrs[i]);
        dests += n_dests[i];
        laddr_ids += n_laddrs[i];
    }
    return error;
}

int core_lb_del(struct lb_edit *edit, const struct core_service_key *key)
{
    struct service **row = find_row(edit, key), *s;
    struct page *p;
    int error;

    if (!row)
        return -ENOENT;
    error = own_vip(edit, key, 0);
    if (!error)
        error = make_ready(edit, key, 0, (*row)->n_dests);
    if (!error)
        error = nat_servers_change(edit, NULL, *find_row(edit, key));
    if (error)
        return error;
    row = find_row(edit, key);
    s = *row;
    p = page_of(&edit->next->services, lb_key_hash(key));
    page_remove(p, &lb_service_kind, row);
    count_vip(edit, &s->key, -1);
    edit_let_go(edit, s);
    return 0;
}

int core_lb_commit(struct lb_edit *edit)
{
    struct edit_memory *m = &edit->memory;
    struct core *core = m->core;

    if (core->lb != edit->from) {
        core_lb_abort(edit);
        return -ESTALE;         /* another edit was published meanwhile */
    }
    nat_servers_settle(edit);
    __atomic_store_n(&core->lb, edit->next, __ATOMIC_RELEASE);
    nat_servers_published(edit);
    for (uint32_t i = 0; i < edit->n_flags; i++)
        core->dest_flags[edit->flag[i].dest_id] = edit->flag[i].flags;
    core_retire_list(core, m->gone);
    retired_forget(core, m->made);
    edit_free(core, edit);
    return 0;
}

void core_lb_abort(struct lb_edit *edit)
{
    struct core *core = edit->memory.core;

    retired_forget(core, edit->memory.gone);
    core_retire_list(core, edit->memory.made); /* nobody reads it: only to free it in pieces */
    edit_free(core, edit);
}
