/* oracle_forward.c - packets that must come out: compared to the byte, and what follows from them
 * for their flow. */
#include <stdio.h>

#include "failure.h"
#include "oracle_inside.h"
#include "oracle_rewrite.h"
#include "oracle_scene.h"
#include "oracle_state.h"

static void compare(const struct packet *p, struct headers *h)
{
    const struct view *in = &p->in_view, *out = &p->out_view;
    const unsigned n_total = h->n_bytes + in->n_payload;
    const unsigned csum_at = h->l4_at + wire_csum_at(in->proto);
    char hex[2 * HEADERS_MAX_BYTES + 1];

    if (!p->out.n_bytes)
        failure(p, "it must be forwarded");
    if (p->out.n_bytes >= n_total) { /* checksums are summed, not predicted */
        memcpy(h->bytes + h->l3_at + 10, p->out.bytes + h->l3_at + 10, 2);
        memcpy(h->bytes + csum_at, p->out.bytes + csum_at, 2);
    }
    if (p->out.n_bytes < n_total || memcmp(h->bytes, p->out.bytes, h->n_bytes) ||
        memcmp(in->payload, p->out.bytes + h->n_bytes, in->n_payload)) {
        for (unsigned i = 0; i < h->n_bytes; i++)
            snprintf(hex + 2 * i, 3, "%02x", h->bytes[i]);
        failure(p, "expected %u bytes by device %u, headers (checksums aside) %s, then the "
                "payload%s", n_total, 1 - p->in.dev, hex, h->toa_due ? "; option 254 is due" : "");
    }
    if (p->out.dev != 1 - p->in.dev || p->out.n_bytes - n_total >
                                           p->in.n_bytes - ETH_HDR_BYTES - in->l3_bytes)
        failure(p, "by the wrong device, or with more padding than it had");
    if (wire_ip_sum(out) != 0xffff || wire_l4_sum(out) != 0xffff)
        failure(p, "a checksum is wrong: header's sum %04x, transport's %04x", wire_ip_sum(out),
                wire_l4_sum(out));
    if (in->proto == PROTO_UDP && !get16(in->l4 + 6) != !get16(out->l4 + 6))
        failure(p, "a datagram must keep its checksum, or have none as before");
}

static bool is_beyond(uint32_t a, uint32_t b)
{
    return a - b - 1 < 0x7fffffffu;
}

static void follow_tcp(struct flow *f, unsigned side, const struct view *in)
{
    const bool begins = in->tcp_flags & TCP_SYN;
    const uint32_t end = in->seq + in->n_payload + !!(in->tcp_flags & (TCP_SYN | TCP_FIN));

    if (side == FROM_CLIENT) {
        if ((in->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK &&
            (f->flags & FLOW_SYNACK) && is_beyond(in->ack, f->first_data))
            f->flags |= FLOW_DATA_ACKED;
        return;
    }
    if (begins) {
        f->first_data = in->seq + 1;
        f->flags |= FLOW_SYNACK;
    }
    if (begins || is_beyond(end, f->end_seq))
        f->end_seq = end;
    if ((in->tcp_flags & TCP_ACK) && (begins || is_beyond(in->ack, f->acked)))
        f->acked = in->ack;
}

static void count(struct totals *t, const struct flow *f, unsigned side, unsigned l3_bytes)
{
    struct dest_total *dest = &t->dest[f->dest];

    if (side == FROM_CLIENT) {
        t->forward_in++;
        dest->inpkts++;
        dest->inbytes += l3_bytes;
    } else {
        t->forward_out++;
        dest->outpkts++;
        dest->outbytes += l3_bytes;
    }
}

void count_redirect(struct oracle *o, const struct packet *p, uint16_t port)
{
    if (o->scene->group_worker[port % N_GROUPS] != p->worker)
        o->totals.redirected[p->worker]++;
}

void expect_forwarded(struct oracle *o, struct packet *p, struct flow *f, unsigned side)
{
    const struct view *in = &p->in_view;
    struct headers h;

    rewrite_expect(&h, o->scene, f, side, in);
    compare(p, &h);
    o->totals.toa_sent += h.toa_sent;
    o->totals.toa_no_room += h.toa_due && !h.toa_sent;
    f->last_ms = o->now_ms;
    f->state = state_after(in->proto, f->state, side, in->tcp_flags);
    if (in->proto == PROTO_TCP)
        follow_tcp(f, side, in);
    count(&o->totals, f, side, in->l3_bytes);
    count_redirect(o, p, f->lport);
    p->fate = FATE_FORWARDED;
}

/* (local address and port, server) must be free. One that may have ended, or whose client ends it
 * in this batch, has ended, then. */
static void take_corner(struct oracle *o, const struct packet *p, const struct flow *f)
{
    struct flow *other = flow_by_server(&o->flows, f->server, p->in_view.proto, f->laddr, f->lport,
                                        o->scene);
    uint8_t *seen = &o->corner_seen[f->laddr][f->lport][f->server / 8];

    o->totals.corner_reused += *seen >> f->server % 8 & 1;
    *seen |= (uint8_t)(1u << f->server % 8);
    if (!other)
        return;
    if (other->flags & FLOW_ENDING)
        o->totals.tuple_reused++;
    else if (presence_of(o, other) == THERE)
        failure(p, "local address %u port %u towards server %u belongs to another connection",
                f->laddr, f->lport, f->server);
    forget(o, other);
}

void expect_begun(struct oracle *o, struct packet *p, unsigned service)
{
    const struct scene *s = o->scene;
    const struct view *in = &p->in_view, *out = &p->out_view;
    struct flow f = { .service = (uint8_t)service, .cport = in->sport, .lport = out->sport,
                      .visitor = NO_SLOT };
    int laddr, server, dest;

    if (!p->out.n_bytes || !out->family)
        failure(p, "the first packet of a connection must be forwarded");
    laddr = scene_laddr(s, out->src);
    server = scene_server(s, out->dst, out->dport);
    dest = server < 0 ? -1 : scene_dest(s, service, server);
    if (laddr < 0 || !(s->service[service].laddr_mask >> laddr & 1))
        failure(p, "not from a local address of service %u", service);
    if (dest < 0 || !s->dest[dest].weight)
        failure(p, "not to a dest of service %u that has weight", service);
    if (f.lport < FIRST_LOCAL_PORT)
        failure(p, "local port %u is below %u", f.lport, FIRST_LOCAL_PORT);
    memcpy(f.caddr, in->src, 16);
    f.laddr = (uint8_t)laddr;
    f.server = (uint8_t)server;
    f.dest = (uint8_t)dest;
    f.shift = out->seq - in->seq;
    take_corner(o, p, &f);
    o->totals.scheduled++;
    o->totals.dest[dest].conns++;
    expect_forwarded(o, p, flow_add(&o->flows, &f, in->proto), FROM_CLIENT);
}
