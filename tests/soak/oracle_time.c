/* oracle_time.c - which flows are there, may be there, are gone; and how many. */
#include <stdlib.h>

#include "failure.h"
#include "oracle_inside.h"
#include "oracle_state.h"

enum { FLOWS_A_FLOW = 4 };      /* ended ones are remembered for a while */

struct oracle *oracle_make(const struct scene *scene)
{
    struct oracle *o = calloc(1, sizeof *o);

    if (o)
        o->corner_seen = calloc(MAX_LADDRS, sizeof *o->corner_seen);
    if (!o || !o->corner_seen)
        exit(2);
    o->scene = scene;
    flow_table_make(&o->flows, FLOWS_A_FLOW * scene->n_flows + 4096);
    return o;
}

void oracle_free(struct oracle *o)
{
    flow_table_free(&o->flows);
    free(o->corner_seen);
    free(o);
}

const struct totals *oracle_totals(const struct oracle *o)
{
    return &o->totals;
}

uint8_t proto_of_flow(const struct oracle *o, const struct flow *f)
{
    return o->scene->service[f->service].proto;
}

bool ends_with_resets(const struct oracle *o, const struct flow *f)
{
    return proto_of_flow(o, f) == PROTO_TCP && f->state == TCP_ESTABLISHED &&
           (f->flags & FLOW_SYNACK);
}

int32_t overdue_ms(const struct oracle *o, const struct flow *f)
{
    return (int32_t)(o->now_ms - f->last_ms - state_timeout_ms(o->scene, f->service, f->state));
}

enum presence presence_of(const struct oracle *o, const struct flow *f)
{
    const int32_t overdue = overdue_ms(o, f);

    if (overdue < 0)
        return THERE;
    if (!ends_with_resets(o, f))
        return overdue < EXPIRY_SLACK_MS ? MAYBE : GONE;
    if (overdue >= EXPIRY_SLACK_MS)
        failure(NULL, "port %u of local address %u: an established connection should have ended "
                "with resets %d ms ago", f->lport, f->laddr, overdue);
    return THERE;
}

void forget(struct oracle *o, struct flow *f)
{
    flow_remove(&o->flows, f, proto_of_flow(o, f));
}

static void add(struct span *span, enum presence presence)
{
    span->must += presence == THERE;
    span->may += presence == MAYBE;
}

void oracle_sweep(struct oracle *o, uint32_t now_ms, struct tally *tally)
{
    *tally = (struct tally){ 0 };
    o->now_ms = now_ms;
    for (uint32_t i = 0; i < o->flows.n_touched; i++) {
        struct flow *f = &o->flows.flow[i];
        enum presence presence;

        if (!(f->flags & FLOW_USED))
            continue;
        presence = presence_of(o, f);
        if (presence == GONE) {
            forget(o, f);
            continue;
        }
        add(&tally->worker[o->scene->group_worker[f->lport % N_GROUPS]], presence);
        add(&tally->laddr[f->laddr], presence);
        add(&tally->dest[f->dest], presence);
        if (proto_of_flow(o, f) == PROTO_TCP && f->state == TCP_ESTABLISHED)
            add(&tally->dest_active[f->dest], presence);
    }
}
