/* dad.c - the rows of addresses under verification or verified, and core_addr_states.
 *
 * Rows outlive a fib: the old one may be freed when the new one is first seen. The address's place
 * in the current fib is looked up when its state changes.
 */
#include "host/dad.h"

#include "host/mld.h"
#include "host/nd.h"
#include "worker/check.h"

int dad_create(struct host *host)
{
    struct dad_table *t = &host->dad;

    t->row = host->core->env.ops->zalloc((CORE_MAX_DAD + 1) * sizeof(*t->row));
    return t->row ? wheel_create(&t->wheel, &host->core->env, CORE_MAX_DAD) : -ENOMEM;
}

void dad_destroy(struct host *host)
{
    host->core->env.ops->free(host->dad.row);
    wheel_destroy(&host->dad.wheel, &host->core->env);
}

/* --- rows ----------------------------------------------------------------------------------- */

static void set_state(struct host *host, uint16_t id, const struct fib_addr *a,
                      enum core_dad_state state)
{
    const bool begins = host->dad.row[id].state != state;

    host->dad.row[id].state = (uint8_t)state;
    fib_addr_set_dad(host->fib, a, (uint8_t)state, id);
    if (begins && state == CORE_DAD_PREFERRED && fib_is_link_local(a->af, a->addr))
        mld_tell_again(host, a->dev); /* what was told from :: is told from here */
}

/* The row's address in the fib, if it is still to be verified there; or NULL. */
static const struct fib_addr *place_of(const struct host *host, const struct dad_row *row)
{
    const struct fib_addr *a = fib_addr_on(host->fib, row->dev, 6, row->addr);

    return a && a->dev == row->dev && fib_wants_dad(a->af, a->kind, a->flags) ? a : NULL;
}

static void forget(struct dad_table *t, uint16_t id)
{
    wheel_disarm(&t->wheel, id);
    t->row[id] = (struct dad_row){ .next_free = t->free_first };
    t->free_first = id;
}

/* core_fib_publish has counted: there is one for each address. */
static uint16_t take_row(struct dad_table *t)
{
    const uint16_t id = t->free_first ? t->free_first : (uint16_t)++t->n_fresh;

    if (t->free_first)
        t->free_first = t->row[id].next_free;
    return id;
}

static void begin(struct host *host, const struct fib_addr *a)
{
    struct dad_table *t = &host->dad;
    const uint16_t id = take_row(t);

    t->row[id] = (struct dad_row){ .is_used = 1, .dev = a->dev };
    memcpy(t->row[id].addr, a->addr, 16);
    if (!host->settings->dad_transmits) {
        set_state(host, id, a, CORE_DAD_PREFERRED);
        return;
    }
    set_state(host, id, a, CORE_DAD_TENTATIVE);
    wheel_arm(&t->wheel, id, host->now_us);
}

void dad_follow_fib(struct host *host)
{
    struct dad_table *t = &host->dad;

    if (t->fib_epoch == fib_epoch(host->fib))
        return;
    t->fib_epoch = fib_epoch(host->fib);
    for (uint16_t id = 1; id <= t->n_fresh; id++) {
        const struct fib_addr *a = t->row[id].is_used ? place_of(host, &t->row[id]) : NULL;

        if (a)
            set_state(host, id, a, t->row[id].state);
        else if (t->row[id].is_used)
            forget(t, id);
    }
    for (uint32_t i = 0; i < fib_n_addrs(host->fib); i++) {
        const struct fib_addr *a = fib_addr_at(host->fib, i);

        if (fib_addr_dad(a) == FIB_DAD_NEW && fib_addr_on(host->fib, a->dev, 6, a->addr) == a)
            begin(host, a);
    }
}

/* --- what happens to them ------------------------------------------------------------------- */

static void on_timer(struct host *host, uint16_t id)
{
    struct dad_row *row = &host->dad.row[id];

    if (row->n_sent >= host->settings->dad_transmits) {
        set_state(host, id, place_of(host, row), CORE_DAD_PREFERRED);
        if (row->announces)
            nd_announce(host, row->dev, row->addr);
        row->announces = 0;
        return;
    }
    nd_probe(host, row->dev, row->addr);
    row->n_sent++;
    wheel_arm(&host->dad.wheel, id, host->now_us + host->settings->dad_interval_ms * 1000ull);
}

/* Those that failed too: who had the address may have gone. */
void dad_restart(struct host *host, uint16_t dev)
{
    struct dad_table *t = &host->dad;

    for (uint16_t id = 1; id <= t->n_fresh; id++) {
        struct dad_row *row = &t->row[id];

        if (!row->is_used || row->dev != dev)
            continue;
        if (host->settings->dad_transmits)
            set_state(host, id, place_of(host, row), CORE_DAD_TENTATIVE);
        row->n_sent = 0;
        row->announces = 1;
        wheel_arm(&t->wheel, id, host->now_us);
    }
}

unsigned dad_timers(struct host *host)
{
    unsigned n = 0;

    for (uint16_t id; n < BURST && (id = wheel_pop(&host->dad.wheel, host->now_us)); n++)
        on_timer(host, id);
    return n;
}

void dad_lost(struct host *host, const struct fib_addr *ours)
{
    if (fib_addr_dad(ours) != CORE_DAD_TENTATIVE)
        return;
    wheel_disarm(&host->dad.wheel, ours->dad_id);
    set_state(host, ours->dad_id, ours, CORE_DAD_FAILED);
}

/* --- the master's side ---------------------------------------------------------------------- */

/* Reads its own fib, in which the host thread writes one byte an address. */
int core_addr_states(struct core *core, uint32_t *cursor, struct core_addr_state *out, uint32_t max)
{
    uint32_t i = *cursor, n = 0;

    CHECK_MASTER(core);
    for (; i < fib_n_addrs(core->fib) && n < max; i++) {
        const struct fib_addr *a = fib_addr_at(core->fib, i);
        const uint8_t dad = fib_addr_dad(a);

        if (!fib_wants_dad(a->af, a->kind, a->flags))
            continue;
        out[n] = (struct core_addr_state){
            .af = a->af, .dev = a->dev, .state = dad == FIB_DAD_NEW ? CORE_DAD_TENTATIVE : dad,
        };
        memcpy(out[n++].addr, a->addr, 16);
    }
    *cursor = i < fib_n_addrs(core->fib) ? i : 0;
    return (int)n;
}
