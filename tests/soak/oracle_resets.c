/* oracle_resets.c - resets that the core makes: to both ends of what expired, and as answers. */
#include "failure.h"
#include "oracle_inside.h"
#include "oracle_scene.h"
#include "oracle_state.h"

static struct flow *flow_told(const struct oracle *o, const struct view *v, uint8_t dev)
{
    const struct scene *s = o->scene;
    int service, server, laddr;

    if (dev == TO_CLIENTS) {
        service = scene_service(s, v->src, v->sport, PROTO_TCP);
        return service < 0 ? NULL : flow_by_client(&o->flows, (unsigned)service, v->dst, v->dport);
    }
    laddr = scene_laddr(s, v->src);
    server = scene_server(s, v->dst, v->dport);
    if (laddr < 0 || server < 0)
        return NULL;
    return flow_by_server(&o->flows, (unsigned)server, PROTO_TCP, (unsigned)laddr, v->sport, s);
}

/* Every reset: header and addresses as anything made here has them. */
static void check_made(const struct oracle *o, const struct made *m, const struct view *v)
{
    const uint8_t *mac = m->dev == TO_CLIENTS ? o->scene->client_gateway_mac : NULL;
    const int server = scene_server(o->scene, v->dst, v->dport);

    if (m->dev == TO_SERVERS)
        mac = server < 0 ? o->scene->stranger_mac : o->scene->server[server].mac;
    if (!v->family || v->l3_bytes != MADE_BYTES - ETH_HDR_BYTES || v->ttl != MADE_HERE_TTL ||
        wire_ip_sum(v) != 0xffff || wire_l4_sum(v) != 0xffff || memcmp(m->bytes, mac, 6) ||
        memcmp(m->bytes + 6, o->scene->device_mac[m->dev], 6))
        failure_frame(m->bytes, MADE_BYTES, "a reset whose header is wrong");
}

/* Is it half of an expiry? To the client it stands where the server has sent, to the server where
 * that has acknowledged; the client is told first. */
static bool is_expiry(struct oracle *o, const struct made *m, const struct view *v)
{
    struct flow *f = flow_told(o, v, m->dev);
    const bool to_client = m->dev == TO_CLIENTS;
    int32_t overdue;

    if (!f || !ends_with_resets(o, f) || v->tcp_flags != TCP_RST || v->ack ||
        v->seq != (to_client ? f->end_seq : f->acked) ||
        !!(f->flags & FLOW_TOLD_CLIENT) == to_client)
        return false;
    overdue = overdue_ms(o, f);
    if (overdue < 0 || overdue >= EXPIRY_SLACK_MS)
        failure_frame(m->bytes, MADE_BYTES, "a connection's time-out is not now");
    o->totals.expiry_reset++;
    if ((uint64_t)overdue > o->totals.late_ms)
        o->totals.late_ms = (uint64_t)overdue;
    if (to_client)
        f->flags |= FLOW_TOLD_CLIENT;
    else
        forget(o, f);
    return true;
}

void judge_expiries(struct oracle *o, struct batch *b)
{
    int n_half_told = 0;
    uint32_t n_left = 0;

    for (uint32_t i = 0; i < b->n_made; i++) {
        const struct made *m = &b->made[i];
        struct view v;

        wire_read(&v, m->bytes, MADE_BYTES);
        check_made(o, m, &v);
        if (is_expiry(o, m, &v))
            n_half_told += m->dev == TO_CLIENTS ? 1 : -1;
        else
            b->made[n_left++] = *m;
    }
    b->n_made = n_left;
    if (n_half_told)
        failure(NULL, "%d connections expired with a reset to the client and none to the server",
                n_half_told);
}

/* RFC 9293 3.10.7.1: what answers a segment without a connection. */
static bool is_answer(const struct view *in, const struct view *out)
{
    const bool has_ack = in->tcp_flags & TCP_ACK;
    const uint32_t end = in->seq + in->n_payload + !!(in->tcp_flags & TCP_SYN) +
                         !!(in->tcp_flags & TCP_FIN);

    return out->sport == in->dport && out->dport == in->sport &&
           !memcmp(out->src, in->dst, 16) && !memcmp(out->dst, in->src, 16) &&
           out->tcp_flags == (has_ack ? TCP_RST : TCP_RST | TCP_ACK) &&
           out->seq == (has_ack ? in->ack : 0) && out->ack == (has_ack ? 0 : end);
}

void expect_nothing(const struct packet *p, const char *why)
{
    if (p->out.n_bytes || p->kernel.n_bytes)
        failure(p, "%s: nothing must come of it", why);
}

void expect_refusal(struct oracle *o, struct batch *b, struct packet *p)
{
    const struct view *in = &p->in_view;

    expect_nothing(p, "it belongs to no connection");
    if (in->proto == PROTO_UDP || (in->tcp_flags & TCP_RST)) {
        o->totals.no_connection++;
        return;
    }
    for (uint32_t i = 0; i < b->n_made; i++) {
        struct view v;

        wire_read(&v, b->made[i].bytes, MADE_BYTES);
        if (b->made[i].dev == p->in.dev && is_answer(in, &v)) {
            b->made[i] = b->made[--b->n_made];
            p->fate = FATE_RESET;
            o->totals.reset_sent++;
            return;
        }
    }
    failure(p, "it belongs to no connection: a reset must answer it");
}
