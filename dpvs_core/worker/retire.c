/* retire.c - what was unpublished waits until every thread has passed a quiescent state.
 *
 * The master never waits: it asks for a token when it unpublishes and polls the token later
 * (rte_rcu_qsbr). A thread that sleeps is offline and holds nothing up.
 */
#include "worker/core.h"

struct retired {
    struct retired *next;
    void *object;
    void (*release)(struct core *, void *);
    uint64_t token;
};

void core_retire(struct core *core, void *object, void (*release)(struct core *, void *))
{
    struct retired *r, **end = &core->retired;

    if (!object)
        return;
    r = core->env.ops->zalloc(sizeof(*r));
    if (!r)
        return;                 /* no memory to remember it by: leaked rather than freed too early */
    *r = (struct retired){ .object = object, .release = release,
                           .token = rte_rcu_qsbr_start(core->rcu) };
    while (*end)
        end = &(*end)->next;
    *end = r;
}

int core_poll(struct core *core)
{
    int waiting = 0;

    while (core->retired && rte_rcu_qsbr_check(core->rcu, core->retired->token, false) == 1) {
        struct retired *r = core->retired;

        core->retired = r->next;
        r->release(core, r->object);
        core->env.ops->free(r);
    }
    for (const struct retired *r = core->retired; r; r = r->next)
        waiting++;
    return waiting;
}
