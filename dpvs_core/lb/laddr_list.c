/* laddr_list.c - shared arrays of local addresses. */
#include "lb/laddr_list.h"

#include <stdbool.h>

#include "base/hash.h"
#include "worker/core.h"

static uint32_t memo_of(const uint32_t *ids, uint32_t n)
{
    uint32_t hash = n;

    for (uint32_t i = 0; i < n; i++)
        hash = hash_mix(hash ^ ids[i]);
    return hash % LADDR_LIST_MEMOS;
}

static bool is_list_of(const struct core *core, const struct laddr_list *list,
                       const uint32_t *ids, uint32_t n)
{
    if (!list || list->n != n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (list->laddr[i] != core->laddr[ids[i]])
            return false;
    return true;
}

struct laddr_list *laddr_list_take(struct core *core, const uint32_t *ids, uint32_t n)
{
    const uint32_t memo_id = memo_of(ids, n);
    struct laddr_list *list = core->laddr_lists.memo[memo_id];

    if (!is_list_of(core, list, ids, n)) {
        list = core->env.ops->zalloc(sizeof(*list) + n * sizeof(list->laddr[0]));
        if (!list)
            return NULL;
        list->n = n;
        for (uint32_t i = 0; i < n; i++)
            list->laddr[i] = core->laddr[ids[i]];
        list->memo_id = memo_id;
        core->laddr_lists.memo[memo_id] = list;
    }
    list->n_services++;
    return list;
}

void laddr_list_give(struct core *core, struct laddr_list *list)
{
    if (!list || --list->n_services)
        return;
    if (core->laddr_lists.memo[list->memo_id] == list)
        core->laddr_lists.memo[list->memo_id] = NULL;
    core->env.ops->free(list);
}
