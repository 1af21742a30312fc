/* oracle_order.c - which visits of a batch may go in together, so that their outcome can be said.
 *
 * Workers take their turns in any order and flows end within a slack, so what becomes of a packet
 * may depend on what the core did first. Such visits go in alone, after the others and one after
 * the other. Then it is certain what came first, and the core's own count of what it scheduled says
 * whether a flow that might have ended had: one with the same corner again looks no different.
 * Alone are
 *
 * - a flow whose time-out is over and whose end has not been seen,
 * - a flow that another visit of the batch belongs to: a server's, that does not know yet that its
 *   corner has another client,
 * - a server's packet to a corner that is nobody's: another client may take it just now.
 *
 * A client that uses its port again ends its connection in the batch; who gets its corner at once
 * may come before it or after (FLOW_ENDING).
 */
#include "oracle_inside.h"
#include "oracle_scene.h"
#include "oracle_state.h"

static struct place place_of(const struct oracle *o, const struct view *in)
{
    const struct place at = {
        .service = (int8_t)scene_service(o->scene, in->dst, in->dport, in->proto),
        .laddr = (int8_t)scene_laddr(o->scene, in->dst),
        .server = (int8_t)scene_server(o->scene, in->src, in->sport),
    };

    return at;
}

static const uint32_t *chain_of(const struct oracle *o, const struct packet *p)
{
    const struct view *in = &p->in_view;

    if (p->at.service >= 0)
        return flow_chain_of_client(&o->flows, (unsigned)p->at.service, in->src, in->sport);
    return flow_chain_of_server(&o->flows, (unsigned)p->at.server, in->proto,
                                (unsigned)p->at.laddr, in->dport);
}

/* In passes, so that the table's memory is near when it is asked. */
static void read_all(struct oracle *o, struct batch *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        struct packet *p = &b->packet[i];

        wire_read(&p->in_view, p->in.bytes, p->in.n_bytes);
        p->at = place_of(o, &p->in_view);
        __builtin_prefetch(chain_of(o, p));
    }
    for (uint32_t i = 0; i < b->n; i++)
        flow_prefetch(&o->flows, chain_of(o, &b->packet[i]));
}

static bool may_be_over(const struct oracle *o, const struct flow *f)
{
    const int32_t overdue = overdue_ms(o, f);

    return overdue >= 0 && (overdue < EXPIRY_SLACK_MS || ends_with_resets(o, f));
}

static bool is_over(const struct oracle *o, const struct flow *f)
{
    return overdue_ms(o, f) >= 0 && !may_be_over(o, f);
}

static bool goes_alone(const struct oracle *o, const struct packet *p, struct flow *f)
{
    if (!f || is_over(o, f))
        return p->at.service < 0 && p->at.server >= 0;
    if (may_be_over(o, f) || f->visitor != NO_SLOT)
        return true;
    f->visitor = p->slot;
    return false;
}

static bool ends_its_own(const struct oracle *o, const struct packet *p, const struct flow *f)
{
    return f && p->at.service >= 0 && !is_over(o, f) && begins_again(f, &p->in_view);
}

void oracle_order(struct oracle *o, struct batch *b)
{
    struct flow *visited[BATCH_MAX];
    uint32_t n_visited = 0;

    o->now_ms = (uint32_t)(b->now_us / 1000);
    read_all(o, b);
    for (uint32_t i = 0, end; i < b->n; i = end) {
        const struct packet *p = &b->packet[i];
        struct flow *f = p->slot == NO_SLOT ? NULL : flow_of(o, p);
        const bool alone = p->slot != NO_SLOT && goes_alone(o, p, f);

        end = batch_visit_end(b, i);
        for (uint32_t k = i; k < end; k++)
            b->packet[k].alone = alone;
        if (alone || !f)
            continue;
        visited[n_visited++] = f;
        if (ends_its_own(o, p, f))
            f->flags |= FLOW_ENDING;
    }
    for (uint32_t i = 0; i < n_visited; i++)
        visited[i]->visitor = NO_SLOT;
}
