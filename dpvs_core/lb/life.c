/* life.c - making, following and ending connections. */
#include "lb/life.h"

#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/lport.h"
#include "lb/proto.h"
#include "lb/sched.h"
#include "lb/sched_limit.h"
#include "net/fib.h"
#include "worker/reply.h"
#include "worker/worker.h"

static struct dest_count *count_of(struct worker *w, const struct conn *c)
{
    return &w->dest_count[c->client.dest_id];
}

void conn_set_active(struct worker *w, struct conn *c, bool active)
{
    struct dest_count *count = count_of(w, c);

    if (active == !!(c->client.flags & CONN_ACTIVE))
        return;
    c->client.flags ^= CONN_ACTIVE;
    count->active += active ? 1 : -1;
    count->inactive += active ? -1 : 1;
    sched_load_changed(w, c->client.dest_id);
}

void conn_set_timeout(struct worker *w, struct conn *c, uint32_t timeout_ms)
{
    struct conn_rest *rest = conn_rest(w->conns, c);
    const bool sooner = timeout_ms < rest->timeout_ms;

    rest->timeout_ms = timeout_ms;
    if (sooner && rest->wheel_prev != CONN_NONE)
        conn_table_refile(w->conns, c);
}

static void give_back(struct worker *w, struct conn *c)
{
    fwd_table[c->client.fwd]->unbind(w, c);
    conn_table_free(w->conns, c);
}

static enum verdict why_no_dest(const struct service *s)
{
    for (uint32_t i = 0; i < s->n_dests; i++)
        if (s->dest[i].weight)
            return V_DROP_OVERLOAD;
    return V_DROP_NO_DEST;
}

/* A connection to the dest, whose place is reserved. */
static enum verdict make_to(struct worker *w, struct pkt *p, const struct service *s,
                            const struct dest *d, struct conn **made)
{
    const int row = likely(p->key.proto != PROTO_SCTP)
                        ? fwd_row(d->fwd, p->af, d->af)
                        : fwd_row_of(PROTO_SCTP, d->fwd, p->af, d->af);
    struct conn_rest *rest;
    struct conn *c;
    enum verdict v;

    if (row == NO_FWD_ROW)      /* refused when the service was made */
        return V_DROP_NO_DEST;
    if (unlikely(!conn_table_has_room(w->conns)))
        return V_DROP_NO_CONN;
    c = conn_table_alloc(w->conns, p->af, d->af);
    if (!c)
        return V_DROP_NO_CONN;
    for (unsigned i = 0; i < 2; i++) {
        struct conn_side *side = conn_side(c, i);

        side->proto = (uint8_t)p->key.proto;
        side->fwd = (uint8_t)row;
        side->dest_id = d->id;
        side->last_seen_ms = w->now_ms;
    }
    rest = conn_rest(w->conns, c);
    rest->service_id = s->id;
    rest->service_timeout_ms = s->conn_timeout_ms;
    rest->timeout_ms = w->settings->conn_init_timeout_s * 1000;
    v = fwd_table[row]->bind(w, p, s, d, c);
    if (v == V_CONTINUE)        /* the state first: with its time-out the wheel files it rightly */
        proto_of(c->client.proto)->track(w, &c->client, p);
    if (v == V_CONTINUE)
        *made = c;
    else
        give_back(w, c);
    return v;
}

/* SNAT: the WAN address has no port left towards that host, or is another director's now; another
 * address of the service may do. Its dest, or NULL. */
static const struct dest *make_elsewhere(struct worker *w, struct pkt *p, const struct service *s,
                                         const struct dest *tried, struct conn **made)
{
    for (uint32_t i = 1; i < s->n_dests; i++) {
        const struct dest *d = &s->dest[((uint32_t)(tried - s->dest) + i) % s->n_dests];

        if (!d->weight || !dest_take(w, d))
            continue;
        if (make_to(w, p, s, d, made) == V_CONTINUE)
            return d;
        sched_undo(w, d);
    }
    return NULL;
}

/* One-packet scheduling of a datagram in fragments: each is scheduled by itself, yet all by the
 * number that the datagram got here, so to one dest; as often to each as its weight says. */
static const struct dest *dest_by_number(struct worker *w, const struct service *s, uint32_t number)
{
    uint64_t total = 0, at;

    for (uint32_t i = 0; i < s->n_dests; i++)
        total += s->dest[i].weight;
    if (!total)
        return NULL;
    at = hash_mix(number) % total;
    for (const struct dest *d = s->dest;; at -= d->weight, d++)
        if (at < d->weight)
            return dest_take(w, d) ? d : NULL;
}

enum verdict conn_make(struct worker *w, struct pkt *p, const struct service *s,
                       struct conn **made)
{
    const struct dest *d = likely(!(p->flags & PKT_FRAGMENT) || !(s->flags & CORE_SVC_ONE_PACKET))
                               ? sched_table[s->sched]->pick(w, s)
                               : dest_by_number(w, s, pkt_meta(p->m)->fragment.new_id);
    enum verdict v;

    if (!d)
        return why_no_dest(s);
    rte_prefetch0(&w->dest_count[d->id]);
    v = make_to(w, p, s, d, made);
    if (unlikely(v != V_CONTINUE)) {
        sched_undo(w, d);
        d = v == V_DROP_NO_LPORT && (s->flags & SERVICE_OUTWARD) ? make_elsewhere(w, p, s, d, made)
                                                                : NULL;
        if (!d)
            return v;
    }
    count_of(w, *made)->conns++;
    count_of(w, *made)->inactive++;
    sched_load_changed(w, d->id);
    return V_CONTINUE;
}

void conn_index_begun(struct worker *w)
{
    if (!w->begun)
        return;
    conn_table_insert(w->conns, w->begun);
    w->begun = NULL;
}

void conn_begun(struct worker *w, struct conn *c)
{
    conn_index_begun(w);
    w->begun = c;
}

void conn_end(struct worker *w, struct conn *c)
{
    const uint32_t dest_id = c->client.dest_id;

    conn_table_fetch(w->conns, c);
    conn_set_active(w, c, false);
    count_of(w, c)->inactive--;
    give_back(w, c);
    sched_load_changed(w, dest_id);
}

/* What the end of a connection will touch beside the table. */
static void fetch_end(const struct worker *w, const struct conn *c)
{
    const struct conn_rest *rest;

    if (!c)
        return;
    rest = conn_rest(w->conns, c);
    rte_prefetch0(&w->dest_count[c->client.dest_id]);
    if (rest->laddr_id != CONN_NO_LADDR)
        lport_fetch(w->core->laddr[rest->laddr_id], rest->pool,
                    rte_be_to_cpu_16(conn_side(c, SIDE_SERVER)->dport_be));
}

unsigned conn_expire_some(struct worker *w)
{
    uint32_t budget = EXPIRE_BUDGET;
    unsigned n = 0;

    for (;; n++) {
        struct conn *c = conn_table_expired(w->conns, w->now_ms, w->fib_epoch, &budget);

        if (!c)
            return n;
        fetch_end(w, conn_table_due_soon(w->conns));
        proto_of(c->client.proto)->expire(w, c);
        conn_end(w, c);
    }
}

/* The addresses are not another director's now, with their ports. */
static bool is_ours(const struct worker *w, const struct conn *c)
{
    const uint16_t laddr_id = conn_rest(w->conns, c)->laddr_id;

    return laddr_id == CONN_NO_LADDR || laddr_is_active(w->core->laddr[laddr_id]);
}

void conn_reset_both(struct worker *w, struct conn *c)
{
    const struct conn_side *client = &c->client, *server = conn_side(c, SIDE_SERVER);
    const union key to_client = side_reverse_key(client), to_server = side_reverse_key(server);
    const uint16_t dev = conn_client_dev(c);

    if (!(client->flags & CONN_SYNACK_SEEN) || !is_ours(w, c))
        return;                 /* nothing known of the server's numbers */
    reply_make_reset(w, dev, side_af(client), &to_client, server->end_seq + server->seq_add);
    reply_make_reset(w, 0, side_af(server), &to_server, server->ack);
}

void conn_abort_both(struct worker *w, struct conn *c)
{
    const struct conn_side *client = &c->client, *server = conn_side(c, SIDE_SERVER);
    const union key to_client = side_reverse_key(client), to_server = side_reverse_key(server);
    const uint16_t dev = conn_client_dev(c);

    if ((server->flags & SIDE_SILENT) || !is_ours(w, c))
        return;
    if (server->client_tag_be)
        reply_make_abort(w, dev, side_af(client), &to_client, server->client_tag_be);
    if (server->server_tag_be)
        reply_make_abort(w, 0, side_af(server), &to_server, server->server_tag_be);
}
