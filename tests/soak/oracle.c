/* oracle.c - the judge: which flow a packet belongs to, whether it must, may or must not have come
 * out, and as what. Packets are judged in their order in the batch, expiries before them: a flow
 * that ended in this batch was idle, so none of its packets came before. */
#include "oracle.h"

#include "failure.h"
#include "oracle_inside.h"
#include "oracle_scene.h"
#include "oracle_state.h"

/* Where a packet goes to and comes from, in the scene; -1: not in it. */
struct place {
    int service, laddr, server;
};

static struct place place_of(const struct oracle *o, const struct view *in)
{
    const struct place at = {
        .service = scene_service(o->scene, in->dst, in->dport, in->proto),
        .laddr = scene_laddr(o->scene, in->dst),
        .server = scene_server(o->scene, in->src, in->sport),
    };

    return at;
}

static const uint32_t *chain_of(const struct oracle *o, const struct view *in,
                                const struct place *at)
{
    if (at->service >= 0)
        return flow_chain_of_client(&o->flows, (unsigned)at->service, in->src, in->sport);
    return flow_chain_of_server(&o->flows, (unsigned)at->server, in->proto, (unsigned)at->laddr,
                                in->dport);
}

static struct flow *find(const struct oracle *o, const struct view *in, const struct place *at)
{
    if (at->service >= 0)
        return flow_by_client(&o->flows, (unsigned)at->service, in->src, in->sport);
    return at->laddr < 0 || at->server < 0 ? NULL
               : flow_by_server(&o->flows, (unsigned)at->server, in->proto, (unsigned)at->laddr,
                                in->dport, o->scene);
}

const struct flow *oracle_flow_of(const struct oracle *o, const struct packet *p)
{
    const struct place at = place_of(o, &p->in_view);

    return find(o, &p->in_view, &at);
}

static bool begins(const struct view *in)
{
    return in->proto == PROTO_UDP ||
           (in->tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN;
}

/* Did it leave by this flow's corner? */
static bool left_by(const struct oracle *o, const struct flow *f, const struct view *out)
{
    return out->family && out->sport == f->lport &&
           !memcmp(out->src, o->scene->laddr[f->laddr], 16) &&
           !memcmp(out->dst, o->scene->server[f->server].addr, 16);
}

static void from_client(struct oracle *o, struct batch *b, struct packet *p,
                        const struct place *at)
{
    const struct view *in = &p->in_view;
    struct flow *f = find(o, in, at);
    enum presence presence = f ? presence_of(o, f) : GONE;

    if (presence == MAYBE)
        presence = left_by(o, f, &p->out_view) ? THERE : GONE;
    if (presence == THERE && in->proto == PROTO_TCP && begins(in) && state_is_closing(f->state)) {
        presence = GONE;        /* the client uses its port again */
        o->totals.tuple_reused++;
    }
    if (presence == THERE) {
        expect_forwarded(o, p, f, FROM_CLIENT);
        return;
    }
    if (f)
        forget(o, f);
    if (begins(in)) {
        expect_begun(o, p, (unsigned)at->service);
        return;
    }
    o->totals.maybe_redirected[p->worker]++; /* a client's group is the core's matter */
    expect_refusal(o, b, p);
}

static void from_server(struct oracle *o, struct batch *b, struct packet *p,
                        const struct place *at)
{
    const struct view *in = &p->in_view;
    struct flow *f = find(o, in, at);
    enum presence presence = f ? presence_of(o, f) : GONE;

    if (presence == MAYBE)
        presence = p->out.n_bytes ? THERE : GONE;
    if (presence == THERE) {
        expect_forwarded(o, p, f, FROM_SERVER);
        return;
    }
    if (f)
        forget(o, f);
    count_redirect(o, p, in->dport);
    expect_refusal(o, b, p);
}

/* To an address of the director that is nobody's connection: Linux gets it as it came. */
static void expect_kernel(struct oracle *o, struct packet *p)
{
    const unsigned n_bytes = ETH_HDR_BYTES + p->in_view.l3_bytes;

    if (p->out.n_bytes || p->kernel.dev != p->in.dev || p->kernel.n_bytes < n_bytes ||
        p->kernel.n_bytes > p->in.n_bytes || memcmp(p->kernel.bytes, p->in.bytes, n_bytes))
        failure(p, "it must go to Linux as it came; %u bytes did", p->kernel.n_bytes);
    o->totals.to_kernel++;
}

static bool is_dropped(struct oracle *o, const struct packet *p)
{
    const struct view *in = &p->in_view;
    struct totals *t = &o->totals;
    uint64_t *counter = memcmp(p->in.bytes, o->scene->device_mac[p->in.dev], 6) ? &t->other_host
                        : !in->family                ? &t->too_short
                        : wire_ip_sum(in) != 0xffff  ? &t->bad_ip_csum
                        : in->is_fragment            ? &t->fragment : NULL;

    if (!counter)
        return false;
    ++*counter;
    expect_nothing(p, "not for this station, malformed or a fragment");
    return true;
}

static void judge(struct oracle *o, struct batch *b, struct packet *p, const struct place *at)
{
    p->fate = FATE_NONE;
    wire_read(&p->out_view, p->out.bytes, p->out.n_bytes);
    if (is_dropped(o, p))
        return;
    if (at->service >= 0) {
        from_client(o, b, p, at);
    } else if (at->laddr >= 0 && p->in_view.dport >= FIRST_LOCAL_PORT) {
        from_server(o, b, p, at);
    } else {
        o->totals.maybe_redirected[p->worker]++;
        expect_kernel(o, p);
    }
}

/* In passes, so that the table's memory is near when it is asked. */
void oracle_judge(struct oracle *o, struct batch *b)
{
    struct place at[BATCH_MAX];

    o->now_ms = (uint32_t)(b->now_us / 1000);
    for (uint32_t i = 0; i < b->n; i++) {
        wire_read(&b->packet[i].in_view, b->packet[i].in.bytes, b->packet[i].in.n_bytes);
        at[i] = place_of(o, &b->packet[i].in_view);
        __builtin_prefetch(chain_of(o, &b->packet[i].in_view, &at[i]));
    }
    for (uint32_t i = 0; i < b->n; i++)
        flow_prefetch(&o->flows, chain_of(o, &b->packet[i].in_view, &at[i]));
    judge_expiries(o, b);
    for (uint32_t i = 0; i < b->n; i++)
        judge(o, b, &b->packet[i], &at[i]);
    if (b->n_made)
        failure_frame(b->made[0].bytes, MADE_BYTES, "a reset that nothing called for");
}
