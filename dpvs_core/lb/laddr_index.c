/* laddr_index.c - the slots of the local addresses. */
#include "lb/laddr_index.h"

#include <errno.h>

#include "lb/lport.h"

enum { SLOTS_PER_LADDR = 4, MIN_SLOTS = 16 };

static const struct laddr removed; /* its address marks a slot that searches go past */

int laddr_index_create(struct env *env, struct laddr_index *index, uint32_t max_laddrs)
{
    uint32_t n_slots = MIN_SLOTS;

    while (n_slots < SLOTS_PER_LADDR * max_laddrs)
        n_slots *= 2;
    index->mask = n_slots - 1;
    index->slot = env->ops->zalloc(n_slots * sizeof(struct laddr *));
    return index->slot ? 0 : -ENOMEM;
}

void laddr_index_destroy(struct env *env, struct laddr_index *index)
{
    env->ops->free(index->slot);
}

static const struct laddr *slot_get(const struct laddr_index *index, uint32_t i)
{
    return __atomic_load_n(&index->slot[i & index->mask], __ATOMIC_ACQUIRE);
}

static void slot_set(struct laddr_index *index, uint32_t i, const struct laddr *l)
{
    __atomic_store_n(&index->slot[i & index->mask], l, __ATOMIC_RELEASE);
}

void laddr_index_put(struct laddr_index *index, const struct laddr *l)
{
    uint32_t i = l->addr_hash;

    while (slot_get(index, i) && slot_get(index, i) != &removed)
        i++;
    slot_set(index, i, l);
}

/* Marks at the end of a run are cleared at once; those inside one are taken by the next put. */
void laddr_index_remove(struct laddr_index *index, const struct laddr *l)
{
    uint32_t i = l->addr_hash;

    while (slot_get(index, i) != l)
        i++;
    slot_set(index, i, &removed);
    if (slot_get(index, i + 1))
        return;
    for (; slot_get(index, i) == &removed; i--)
        slot_set(index, i, NULL);
}

const struct laddr *laddr_find_at(const struct laddr_index *index, uint8_t af,
                                  const uint8_t addr[16], uint32_t addr_hash)
{
    uint32_t i = addr_hash;

    for (uint32_t probes = 0; probes <= index->mask; probes++, i++) {
        const struct laddr *l = slot_get(index, i);

        if (!l)
            break;
        if (l->af == af && !memcmp(l->addr, addr, 16)) /* `removed` is of no family */
            return l;
    }
    return NULL;
}
