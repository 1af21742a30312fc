/* retire.c - what was unpublished waits until every thread has passed a quiescent state.
 *
 * The master never waits: it asks for a token when it unpublishes and polls the token later
 * (rte_rcu_qsbr). A thread that sleeps is offline and holds nothing up. Lists are freed in the
 * order they came, oldest first: O(1) to retire, RELEASES_A_POLL objects a poll (about 0.3 ms of
 * hugepage memory).
 */
#include "worker/retire.h"

#include <errno.h>
#include <string.h>

#include "worker/core.h"

enum { RELEASES_A_POLL = 1000 };

struct retiree {
    void *object;
    release_fn *release;
};

struct retired {
    struct retired *next;
    uint64_t token;
    uint32_t n, n_done, room;
    struct retiree *row;        /* `first`, or an array */
    struct retiree first;
};

struct retired *retired_create(struct core *core)
{
    struct retired *list = core->env.ops->zalloc(sizeof(*list));

    if (list) {
        list->row = &list->first;
        list->room = 1;
    }
    return list;
}

int retired_reserve(struct core *core, struct retired *list, uint32_t n)
{
    uint32_t room = list->room;
    struct retiree *row;

    while (room < list->n + n)
        room = room < 32 ? 32 : 2 * room;
    if (room == list->room)
        return 0;
    row = core->env.ops->zalloc(room * sizeof(*row));
    if (!row)
        return -ENOMEM;
    memcpy(row, list->row, list->n * sizeof(*row));
    if (list->row != &list->first)
        core->env.ops->free(list->row);
    list->row = row;
    list->room = room;
    return 0;
}

uint32_t retired_add(struct retired *list, void *object, release_fn *release)
{
    list->row[list->n] = (struct retiree){ object, release };
    return list->n++;
}

void retired_set(struct retired *list, uint32_t at, void *object)
{
    list->row[at].object = object;
}

void retired_forget(struct core *core, struct retired *list)
{
    if (!list)
        return;
    if (list->row != &list->first)
        core->env.ops->free(list->row);
    core->env.ops->free(list);
}

void core_retire_list(struct core *core, struct retired *list)
{
    list->token = rte_rcu_qsbr_start(core->rcu);
    core->n_retired += list->n;
    if (core->retired_last)
        core->retired_last->next = list;
    else
        core->retired = list;
    core->retired_last = list;
}

void core_retire(struct core *core, void *object, release_fn *release)
{
    struct retired *list;

    if (!object)
        return;
    list = retired_create(core);
    if (!list)
        return;                 /* no memory to remember it by: leaked, not freed too early */
    retired_add(list, object, release);
    core_retire_list(core, list);
}

void release_memory(struct core *core, void *memory)
{
    core->env.ops->free(memory);
}

/* Free objects of the oldest list, `budget` at most; how many. */
static uint32_t release_some(struct core *core, struct retired *list, uint32_t budget)
{
    uint32_t n = 0;

    for (; n < budget && list->n_done < list->n; n++) {
        const struct retiree *r = &list->row[list->n_done++];

        if (r->object)
            r->release(core, r->object);
    }
    return n;
}

uint32_t core_release(struct core *core)
{
    uint32_t budget = RELEASES_A_POLL;

    while (core->retired && rte_rcu_qsbr_check(core->rcu, core->retired->token, false) == 1) {
        struct retired *list = core->retired;
        const uint32_t n = release_some(core, list, budget);

        core->n_retired -= n;
        budget -= n;
        if (list->n_done < list->n)
            break;
        core->retired = list->next;
        if (!core->retired)
            core->retired_last = NULL;
        retired_forget(core, list);
    }
    return core->n_retired;
}
