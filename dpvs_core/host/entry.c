/* entry.c - the host thread's writes to core->nexthops.
 *
 * Entries change in place under their sequence word. The index is open addressing with linear
 * probing: a removed slot keeps a mark so that readers go on past it; marks at the end of a run are
 * cleared at once. A freed id is used again only after every worker has passed a quiescent state
 * (RCU): a worker that just compared the old address never sends to the new one. O(1) expected.
 */
#include "host/entry.h"

#include "pkt/headers.h"

enum { INDEX_FREE = 0, INDEX_REMOVED = 0xffff };

static void write_begin(struct nexthop *nh)
{
    __atomic_store_n(&nh->seq, nh->seq + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static void write_end(struct nexthop *nh)
{
    __atomic_store_n(&nh->seq, nh->seq + 1, __ATOMIC_RELEASE);
}

/* --- ids ----------------------------------------------------------------------------------- */

static uint16_t id_take(struct host *host)
{
    struct neigh_table *t = &host->neighs;
    const uint16_t id = t->free_first;

    if (t->n_fresh < host->core->nexthops.n)
        return (uint16_t)++t->n_fresh;
    if (!id || rte_rcu_qsbr_check(host->core->rcu, t->neigh[id].free_token, false) != 1)
        return 0;
    t->free_first = t->neigh[id].next_free;
    if (!t->free_first)
        t->free_last = 0;
    return id;
}

static void id_give_back(struct host *host, uint16_t id)
{
    struct neigh_table *t = &host->neighs;

    t->neigh[id] = (struct neigh){ .free_token = rte_rcu_qsbr_start(host->core->rcu) };
    if (t->free_last)
        t->neigh[t->free_last].next_free = id;
    else
        t->free_first = id;
    t->free_last = id;
}

/* --- the index ------------------------------------------------------------------------------ */

static void index_put(struct nexthops *t, uint16_t id)
{
    const struct nexthop *nh = &t->entry[id];
    uint32_t i = nexthop_hash(nh->dev, nh->addr);

    while (t->index[i & t->index_mask] != INDEX_FREE &&
           t->index[i & t->index_mask] != INDEX_REMOVED)
        i++;
    __atomic_store_n(&t->index[i & t->index_mask], id, __ATOMIC_RELEASE);
}

static void index_remove(struct nexthops *t, uint16_t id)
{
    const struct nexthop *nh = &t->entry[id];
    uint32_t i = nexthop_hash(nh->dev, nh->addr);
    uint16_t mark = INDEX_REMOVED;

    while (t->index[i & t->index_mask] != id)
        i++;
    if (t->index[(i + 1) & t->index_mask] == INDEX_FREE)
        mark = INDEX_FREE;
    __atomic_store_n(&t->index[i & t->index_mask], mark, __ATOMIC_RELEASE);
    while (mark == INDEX_FREE && t->index[--i & t->index_mask] == INDEX_REMOVED)
        __atomic_store_n(&t->index[i & t->index_mask], INDEX_FREE, __ATOMIC_RELEASE);
}

/* --- entries -------------------------------------------------------------------------------- */

uint16_t entry_find(const struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    return (uint16_t)nexthop_find(&host->core->nexthops, dev, af, addr);
}

uint16_t entry_new(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    struct nexthops *t = &host->core->nexthops;
    const uint16_t id = id_take(host);
    struct nexthop *nh = &t->entry[id];

    if (!id)
        return 0;
    host->neighs.neigh[id] = (struct neigh){ 0 };
    write_begin(nh);
    nh->state = NH_UNRESOLVED;
    nh->af = af;
    nh->dev = dev;
    nh->mtu = host->core->device[dev].mtu;
    memcpy(nh->addr, addr, 16);
    write_end(nh);
    __atomic_store_n(&t->used[id], 0, __ATOMIC_RELAXED);
    index_put(t, id);
    host->neighs.n_entries++;
    return id;
}

void entry_free(struct host *host, uint16_t id)
{
    struct nexthops *t = &host->core->nexthops;
    struct nexthop *nh = &t->entry[id];

    index_remove(t, id);
    write_begin(nh);
    nh->state = NH_FREE;
    nh->gen++;                  /* handles to it are void */
    write_end(nh);
    host->neighs.n_entries--;
    id_give_back(host, id);
}

void entry_set_usable(struct host *host, uint16_t id, const uint8_t mac[MAC_BYTES])
{
    struct nexthop *nh = &host->core->nexthops.entry[id];
    const struct device *device = &host->core->device[nh->dev];
    struct eth_hdr eth = {
        .type_be = nh->af == 4 ? RTE_BE16(ETHERTYPE_IP4) : RTE_BE16(ETHERTYPE_IP6),
    };

    memcpy(eth.dst, mac, MAC_BYTES);
    memcpy(eth.src, device->mac, MAC_BYTES);
    write_begin(nh);
    memcpy(nh->l2, &eth, sizeof eth);
    nh->l2_len = sizeof eth;
    nh->mtu = device->mtu;
    nh->state = NH_USABLE;
    write_end(nh);
}

void entry_set_unresolved(struct host *host, uint16_t id)
{
    struct nexthop *nh = &host->core->nexthops.entry[id];

    write_begin(nh);
    nh->state = NH_UNRESOLVED;
    nh->mtu = host->core->device[nh->dev].mtu;
    write_end(nh);
}
