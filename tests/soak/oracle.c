/* oracle.c - the judge: which flow a packet belongs to, whether it must, may or must not have come
 * out, and as what. Packets are judged in the order in which they went in (oracle_order.c),
 * expiries before them: a flow that ended in this batch was idle, so none of its packets came
 * before. */
#include "oracle.h"

#include <inttypes.h>
#include <string.h>

#include "failure.h"
#include "oracle_inside.h"
#include "oracle_state.h"

struct flow *flow_of(const struct oracle *o, const struct packet *p)
{
    const struct view *in = &p->in_view;
    const struct place *at = &p->at;

    if (at->service >= 0)
        return flow_by_client(&o->flows, (unsigned)at->service, in->src, in->sport);
    return at->laddr < 0 || at->server < 0 ? NULL
               : flow_by_server(&o->flows, (unsigned)at->server, in->proto, (unsigned)at->laddr,
                                in->dport, o->scene);
}

const struct flow *oracle_flow_of(const struct oracle *o, const struct packet *p)
{
    return flow_of(o, p);
}

static bool begins(const struct view *in)
{
    return in->proto == PROTO_UDP ||
           (in->tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN;
}

bool begins_again(const struct flow *f, const struct view *in)
{
    return in->proto == PROTO_TCP && begins(in) && state_is_closing(f->state);
}

/* Did it leave by this flow's corner? */
static bool left_by(const struct oracle *o, const struct flow *f, const struct view *out)
{
    return out->family && out->sport == f->lport &&
           !memcmp(out->src, o->scene->laddr[f->laddr], 16) &&
           !memcmp(out->dst, o->scene->server[f->server].addr, 16);
}

/* Whether a flow that may have ended had. These packets went alone: what comes out is the flow's,
 * but one that begins a connection may have begun it anew, with the same corner. */
static enum presence learned(struct oracle *o, const struct packet *p, const struct flow *f)
{
    const enum presence presence = f ? presence_of(o, f) : GONE;

    if (presence != MAYBE)
        return presence;
    o->totals.again_alike += p->n_begun && left_by(o, f, &p->out_view);
    return p->out.n_bytes && !p->n_begun ? THERE : GONE;
}

static void from_client(struct oracle *o, struct batch *b, struct packet *p)
{
    const struct view *in = &p->in_view;
    struct flow *f = flow_of(o, p);
    enum presence presence = learned(o, p, f);

    if (presence == THERE && begins_again(f, in)) {
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
        expect_begun(o, p, (unsigned)p->at.service);
        return;
    }
    o->totals.maybe_redirected[p->worker]++; /* a client's group is the core's matter */
    expect_refusal(o, b, p);
}

static void from_server(struct oracle *o, struct batch *b, struct packet *p)
{
    struct flow *f = flow_of(o, p);

    if (learned(o, p, f) == THERE) {
        expect_forwarded(o, p, f, FROM_SERVER);
        return;
    }
    if (f)
        forget(o, f);
    count_redirect(o, p, p->in_view.dport);
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

static void judge(struct oracle *o, struct batch *b, struct packet *p)
{
    p->fate = FATE_NONE;
    wire_read(&p->out_view, p->out.bytes, p->out.n_bytes);
    if (is_dropped(o, p))
        return;
    if (p->at.service >= 0) {
        from_client(o, b, p);
    } else if (p->at.laddr >= 0 && p->in_view.dport >= FIRST_LOCAL_PORT) {
        from_server(o, b, p);
    } else {
        o->totals.maybe_redirected[p->worker]++;
        expect_kernel(o, p);
    }
}

static void judge_together(struct oracle *o, struct batch *b)
{
    const uint64_t n_before = o->totals.scheduled;

    for (uint32_t i = 0; i < b->n; i++)
        if (!b->packet[i].alone)
            judge(o, b, &b->packet[i]);
    if (o->totals.scheduled - n_before != b->n_begun)
        failure(NULL, "packets from %" PRIu64 " on began %u connections, right is %" PRIu64,
                b->packet[0].number, b->n_begun, o->totals.scheduled - n_before);
}

static void judge_alone(struct oracle *o, struct batch *b)
{
    for (uint32_t i = 0, end; i < b->n; i = end) {
        const uint64_t n_before = o->totals.scheduled;

        end = batch_visit_end(b, i);
        if (!b->packet[i].alone)
            continue;
        o->totals.alone += end - i;
        for (uint32_t k = i; k < end; k++)
            judge(o, b, &b->packet[k]);
        if (o->totals.scheduled - n_before != b->packet[i].n_begun)
            failure(&b->packet[i], "it began %u connections, right is %" PRIu64,
                    b->packet[i].n_begun, o->totals.scheduled - n_before);
    }
}

void oracle_judge(struct oracle *o, struct batch *b)
{
    judge_expiries(o, b);
    judge_together(o, b);
    judge_alone(o, b);
    if (b->n_made)
        failure_frame(b->made[0].bytes, MADE_BYTES, "a reset that nothing called for");
}
