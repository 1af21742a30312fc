/* match_edit.c - services by match in an edit (dpvs_core.h, core_lb_match_*).
 *
 * A change makes a new list, O(n) in the match services; the former is freed with the edit's other
 * memory. An empty list stays once there was a service: connections outlive it, and their packets
 * still must find their worker (worker/owner.h).
 */
#include <errno.h>
#include <string.h>

#include "lb/edit.h"
#include "lb/lport.h"
#include "lb/match.h"
#include "worker/core.h"

/* A list with room for one more or less. */
static struct match_list *list_alloc(struct lb_edit *edit, uint32_t n)
{
    struct match_list *list = edit->memory.core->env.ops->zalloc(sizeof(*list) +
                                                                 n * sizeof(list->row[0]));

    if (list)
        *list = (struct match_list){ .n = n, .edit = edit->memory.serial };
    return list;
}

/* The next version has this list; room in both lists of memory was reserved. */
static void swap_list(struct lb_edit *edit, struct match_list *list)
{
    struct edit_memory *m = &edit->memory;
    struct match_list *old = (struct match_list *)(uintptr_t)edit->next->matches;

    if (old && old->edit == m->serial) {
        retired_set(m->made, old->made_at, NULL);
        m->core->env.ops->free(old);
    } else if (old) {
        retired_add(m->gone, old, release_memory);
    }
    list->made_at = retired_add(m->made, list, release_memory);
    edit->next->matches = list;
}

/* Each dest is a local address, by the id that stands beside it. */
static int check_dests(const struct core *core, uint8_t af, const struct core_dest *dests,
                       const uint32_t *laddr_ids, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t id = laddr_ids[i];
        const struct laddr *l = id < core->conf.max_laddrs ? core->laddr[id] : NULL;

        if (!l)
            return -ENOENT;
        if (dests[i].fwd != CORE_FWD_SNAT || dests[i].af != af || l->af != af ||
            memcmp(l->addr, dests[i].addr, sizeof l->addr))
            return -EINVAL;
    }
    return 0;
}

/* Put a built version into the list: in place of another, or first. 0 or what lacks. */
static int put(struct lb_edit *edit, const struct core_match *match, struct service *s)
{
    const struct match_list *old = edit->next->matches;
    const uint32_t n = old ? old->n : 0, at = match_place(old, match);
    struct service *before = at < n ? old->row[at].service : NULL;
    const uint32_t is_new = !before;
    struct match_list *list = list_alloc(edit, n + is_new);
    int error = list ? edit_reserve(edit, (before ? before->n_dests : 0) + s->n_dests) : -ENOMEM;

    if (!error)
        error = edit_adopt(edit, s, before);
    if (error) {
        edit->memory.core->env.ops->free(list);
        return error;
    }
    if (n)
        memcpy(&list->row[is_new], old->row, n * sizeof(list->row[0]));
    list->row[is_new ? 0 : at] = (struct match_row){ .service = s, .match = *match };
    swap_list(edit, list);
    return 0;
}

int core_lb_match_set(struct lb_edit *edit, const struct core_match *match,
                      const struct core_service *service, const struct core_dest *dests,
                      const uint32_t *laddr_ids, uint32_t n_dests)
{
    struct core *core = edit->memory.core;
    struct core_service spec = *service;
    struct service *s;
    int error;

    if (!match_is_sound(match, core->n_devices) || !service_is_sound(service))
        return -EINVAL;
    if (service->flags & CORE_SVC_ONE_PACKET)
        return -EOPNOTSUPP;
    error = check_dests(core, match->af, dests, laddr_ids, n_dests);
    if (error)
        return error;
    spec.key = (struct core_service_key){ .af = match->af, .proto = match->proto };
    spec.flags |= SERVICE_OUTWARD;
    s = service_build(core, &spec, dests, n_dests, laddr_ids, n_dests, &error);
    if (!s)
        return error;
    error = put(edit, match, s);
    if (error)
        service_free(core, s);
    return error;
}

int core_lb_match_del(struct lb_edit *edit, const struct core_match *match)
{
    const struct match_list *old = edit->next->matches;
    const uint32_t n = old ? old->n : 0, at = match_place(old, match);
    struct match_list *list;
    struct service *s;
    int error;

    if (at == n)
        return -ENOENT;
    s = old->row[at].service;
    list = list_alloc(edit, n - 1);
    error = list ? edit_reserve(edit, s->n_dests) : -ENOMEM;
    if (error) {
        edit->memory.core->env.ops->free(list);
        return error;
    }
    memcpy(list->row, old->row, at * sizeof(list->row[0]));
    memcpy(&list->row[at], &old->row[at + 1], (n - 1 - at) * sizeof(list->row[0]));
    edit_let_go(edit, s);
    swap_list(edit, list);
    return 0;
}
