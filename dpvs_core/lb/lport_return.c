/* lport_return.c - tables of wanted ports, and a connection's place in them. */
#include "lb/lport_return.h"

#include <errno.h>
#include <string.h>

#include "base/toeplitz.h"
#include "lb/service.h"
#include "worker/worker.h"

static const struct family {
    uint8_t af, addr_bytes, tuple_bytes;
} families[LPORT_RETURN_FAMILIES] = {
    { 4, 4, TOEPLITZ_TUPLE4_BYTES },
    { 6, 16, TOEPLITZ_TUPLE6_BYTES },
};

static void fill(const struct core *core, uint32_t w, const struct family *f,
                 struct lport_wish_table *table)
{
    const struct toeplitz *t = core->toeplitz;

    for (unsigned number = 0; number < CORE_GROUPS; number++)
        for (unsigned block = 0; block < 64; block++) {
            const uint16_t high = (uint16_t)(CORE_GROUPS * block);
            const uint8_t group = (uint8_t)(number ^ toeplitz_dport(t, f->tuple_bytes, high));

            table->blocks[number] |= (uint64_t)((*core->group_worker)[group] == w) << block;
        }
    for (unsigned i = 0; i < LPORT_WORDS; i++)
        table->of_word[i] = toeplitz_dport(t, f->tuple_bytes, (uint16_t)(64 * CORE_GROUPS * i));
}

int lport_return_make(struct core *core)
{
    const uint32_t n = core->conf.n_workers * LPORT_RETURN_FAMILIES;

    lport_return_drop(core);
    core->lport_return = core->env.ops->zalloc(n * sizeof(*core->lport_return));
    if (!core->lport_return)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        fill(core, i / LPORT_RETURN_FAMILIES, &families[i % LPORT_RETURN_FAMILIES],
             &core->lport_return[i]);
    return 0;
}

void lport_return_drop(struct core *core)
{
    core->env.ops->free(core->lport_return);
    core->lport_return = NULL;
}

struct lport_wish lport_return_wish(const struct worker *w, const struct laddr *l,
                                    const struct dest *d, uint8_t group)
{
    const struct core *core = w->core;
    const unsigned i = l->af == 6;
    const struct family *f = &families[i];
    uint8_t tuple[TOEPLITZ_TUPLE6_BYTES];
    const uint16_t dport_be = rte_cpu_to_be_16(group);

    memcpy(tuple, d->addr, f->addr_bytes);
    memcpy(tuple + f->addr_bytes, l->addr, f->addr_bytes);
    memcpy(tuple + 2 * f->addr_bytes, &d->port_be, 2);
    memcpy(tuple + 2 * f->addr_bytes + 2, &dport_be, 2);
    return (struct lport_wish){
        .table = &core->lport_return[w->id * LPORT_RETURN_FAMILIES + i],
        .number = toeplitz_group(core->toeplitz, tuple, f->tuple_bytes),
    };
}
