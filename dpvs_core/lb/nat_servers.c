/* nat_servers.c - counting them, and forgetting them in time. */
#include "lb/nat_servers.h"

#include <errno.h>

#include "lb/edit.h"
#include "worker/core.h"

enum { LOOKS_A_COMMIT = 64, ROOM_AT_FIRST = 16 };

struct nat_gone_dest {
    uint8_t addr[16];
    uint32_t dest_id;
    uint8_t af;
    uint64_t token;             /* of the publication without it */
};

/* Room for n more. */
static int reserve(struct core *core, struct nat_gone *gone, uint32_t n)
{
    uint32_t room = gone->room ? gone->room : ROOM_AT_FIRST;
    struct nat_gone_dest *row;

    if (gone->n + n <= gone->room)
        return 0;
    while (room < gone->n + n)
        room *= 2;
    row = core->env.ops->zalloc(room * sizeof(*row));
    if (!row)
        return -ENOMEM;
    if (gone->n)
        memcpy(row, gone->row, gone->n * sizeof(*row));
    core->env.ops->free(gone->row);
    gone->row = row;
    gone->room = room;
    return 0;
}

void nat_gone_free(struct core *core, struct nat_gone *gone)
{
    core->env.ops->free(gone->row);
    *gone = (struct nat_gone){ .n = 0 };
}

/* The address is one NAT dest more or less. */
static int count(struct lb_edit *edit, uint8_t af, const uint8_t addr[16], int by)
{
    struct page_table *t = &edit->next->nat_servers;
    const uint32_t hash = hash_addr(af, addr);
    const int error = page_table_own(&edit->memory, t, &lb_nat_server_kind, hash, by > 0);
    struct lb_nat_server *row;

    if (error)
        return error;
    row = (struct lb_nat_server *)(uintptr_t)lb_nat_server(edit->next, af, addr);
    if (!row) {
        row = page_add(page_of(t, hash), &lb_nat_server_kind, hash);
        *row = (struct lb_nat_server){ .af = af };
        memcpy(row->addr, addr, sizeof row->addr);
        edit->next->n_nat_servers++;
    }
    row->n_dests += (uint32_t)by;
    if (!row->n_dests) {
        page_remove(page_of(t, hash), &lb_nat_server_kind, row);
        edit->next->n_nat_servers--;
    }
    return 0;
}

/* As NAT's dest with the same id and address, or not. Versions mostly have their dests in one order,
 * so the search begins where the last one ended. */
static bool has_dest(const struct service *s, const struct dest *d, uint32_t *at)
{
    for (uint32_t i = 0; s && i < s->n_dests; i++) {
        const uint32_t place = (*at + i) % s->n_dests;
        const struct dest *other = &s->dest[place];

        if (other->id == d->id && other->fwd == CORE_FWD_NAT && other->af == d->af &&
            !memcmp(other->addr, d->addr, sizeof d->addr)) {
            *at = place + 1;
            return true;
        }
    }
    return false;
}

int nat_servers_change(struct lb_edit *edit, const struct service *s, const struct service *old)
{
    struct core *core = edit->memory.core;
    uint32_t at = 0;
    int error = 0;

    for (uint32_t i = 0; s && s->by_client && i < s->n_dests && !error; i++)
        if (s->dest[i].fwd == CORE_FWD_NAT && !has_dest(old, &s->dest[i], &at))
            error = count(edit, s->dest[i].af, s->dest[i].addr, 1);
    if (!old || !old->by_client || error)
        return error;
    error = reserve(core, &edit->nat_gone, old->n_dests);
    if (!error)                 /* so that the commit needs none */
        error = reserve(core, &core->nat_gone, edit->nat_gone.n + old->n_dests);
    at = 0;
    for (uint32_t i = 0; i < old->n_dests && !error; i++) {
        const struct dest *d = &old->dest[i];
        struct nat_gone_dest gone = { .dest_id = d->id, .af = d->af };

        if (d->fwd != CORE_FWD_NAT || has_dest(s, d, &at))
            continue;
        memcpy(gone.addr, d->addr, sizeof gone.addr);
        edit->nat_gone.row[edit->nat_gone.n++] = gone;
    }
    return error;
}

void nat_servers_keep(struct lb_edit *edit, uint32_t n_gone)
{
    edit->nat_gone.n = n_gone;
}

/* No worker knows the version that had it, nor has a connection to it. */
static bool is_over(const struct core *core, const struct nat_gone_dest *gone)
{
    uint32_t n = 0;

    if (rte_rcu_qsbr_check(core->rcu, gone->token, false) != 1)
        return false;
    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        const struct dest_count *c = &core->dest_count[w][gone->dest_id];

        n += __atomic_load_n(&c->active, __ATOMIC_RELAXED) +
             __atomic_load_n(&c->inactive, __ATOMIC_RELAXED);
    }
    return !n;
}

void nat_servers_settle(struct lb_edit *edit)
{
    const struct core *core = edit->memory.core;
    const struct nat_gone_dest *row = core->nat_gone.row;

    edit->n_looked = RTE_MIN(core->nat_gone.n, (uint32_t)LOOKS_A_COMMIT);
    edit->over = 0;
    for (uint32_t i = 0; i < edit->n_looked; i++)
        if (is_over(core, &row[i]) && !count(edit, row[i].af, row[i].addr, -1))
            edit->over |= 1ull << i;
}

/* Who was looked at in vain goes behind the others, who have their turn with the next commit. */
void nat_servers_published(struct lb_edit *edit)
{
    struct core *core = edit->memory.core;
    struct nat_gone *all = &core->nat_gone;
    struct nat_gone_dest again[LOOKS_A_COMMIT];
    uint32_t n_again = 0;

    if (!all->room)
        return;
    for (uint32_t i = 0; i < edit->n_looked; i++)
        if (!(edit->over >> i & 1))
            again[n_again++] = all->row[i];
    all->n -= edit->n_looked;
    memmove(all->row, all->row + edit->n_looked, all->n * sizeof(*all->row));
    memcpy(all->row + all->n, again, n_again * sizeof(again[0]));
    all->n += n_again;
    for (uint32_t i = 0; i < edit->nat_gone.n; i++) {
        all->row[all->n] = edit->nat_gone.row[i];
        all->row[all->n++].token = rte_rcu_qsbr_start(core->rcu);
    }
    if (!all->n)
        nat_gone_free(core, all);
}
