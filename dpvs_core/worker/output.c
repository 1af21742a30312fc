/* output.c - next hops, Ethernet headers, transmit buffers. */
#include "worker/output.h"

#include "lb/fwd.h"
#include "net/fib.h"
#include "pkt/cut.h"
#include "pkt/icmp_error.h"
#include "pkt/ip.h"
#include "worker/capture.h"
#include "worker/fragment.h"
#include "worker/handover.h"
#include "worker/reply.h"

/* A device's may have been lowered since the route was given its own. */
static uint16_t route_mtu(const struct worker *w, const struct fib_route *route)
{
    const uint16_t link_mtu = w->core->device[route->dev].mtu;

    return route->mtu ? RTE_MIN(link_mtu, route->mtu) : link_mtu;
}

enum verdict output_route(struct worker *w, uint8_t af, struct addr16 dst, struct hop *hop)
{
    const struct fib_route *route = fib_route(w->fib, af, dst.byte);

    if (!route)
        return V_DROP_NO_ROUTE;
    if (route->kind == CORE_ROUTE_GATEWAY)
        dst = addr6(route->gateway);
    output_link(w, af, dst, route->dev, hop);
    hop->mtu = route_mtu(w, route);
    return V_CONTINUE;
}

void output_link(struct worker *w, uint8_t af, struct addr16 dst, uint16_t dev, struct hop *hop)
{
    hop->af = af;
    hop->dev = dev;
    hop->mtu = w->core->device[dev].mtu;
    memcpy(hop->addr, dst.byte, 16);
    hop->nexthop = nexthop_find(&w->core->nexthops, dev, af, hop->addr);
}

/* What both sides of connections keep of a next hop. */
struct learned {
    uint32_t nexthop;           /* NH_NONE: there is a route, but no next hop known */
    uint16_t mtu;
};

/* Gateways are fewer still, and all that is not linked goes by one. */
static uint32_t gateway_hop(struct worker *w, uint8_t af, const struct fib_route *route)
{
    struct gateway_memo *m = &w->gateway_memo[(uintptr_t)route / sizeof *route % GATEWAY_MEMOS];

    if (likely(m->route == route && m->fib_serial == w->fib_serial &&
               nexthop_get(&w->nexthops, m->nexthop)))
        return m->nexthop;
    *m = (struct gateway_memo){ route, w->fib_serial,
                                nexthop_find(&w->nexthops, route->dev, af, route->gateway) };
    return m->nexthop;
}

/* By route, as output_route; without what only those need that find no next hop. */
static bool route_to(struct worker *w, uint8_t af, const struct addr16 *dst,
                     struct learned *out)
{
    const struct fib_route *route = fib_route(w->fib, af, dst->byte);

    if (unlikely(!route))
        return false;
    out->mtu = route_mtu(w, route);
    out->nexthop = route->kind == CORE_ROUTE_GATEWAY
                       ? gateway_hop(w, af, route)
                       : nexthop_find(&w->nexthops, route->dev, af, dst->byte);
    return true;
}

/* Servers are few, so the last answers are kept: for an address, as long as routes and the next hop
 * are the same. */
static bool route_to_server(struct worker *w, uint8_t af, const struct addr16 *dst,
                            struct learned *out)
{
    struct hop_memo *m = &w->hop_memo[(dst->byte[3] ^ dst->byte[15]) % HOP_MEMOS];

    if (likely(m->fib_serial == w->fib_serial && m->af == af &&
               !memcmp(&m->addr, dst, sizeof *dst) && nexthop_get(&w->nexthops, m->nexthop))) {
        *out = (struct learned){ m->nexthop, m->mtu };
        return true;
    }
    if (!route_to(w, af, dst, out))
        return false;
    if (out->nexthop != NH_NONE)
        *m = (struct hop_memo){ *dst, w->fib_serial, out->nexthop, out->mtu, af };
    return true;
}

static struct addr16 side_src16(const struct conn_side *s)
{
    return side_af(s) == 4 ? addr4(side4(s)->src_be)
                           : addr6((const uint8_t *)side6(s)->src_be);
}

/* Its client is a neighbour by the device it came by; no route tells which (RFC 4007 6). */
static inline bool has_link_local_client(const struct conn *c)
{
    return side_af(&c->client) == 6 &&
           fib_is_link_local(6, (const uint8_t *)side6(&c->client)->src_be);
}

bool output_learn(struct worker *w, struct conn_side *from, const struct pkt *p, int growth)
{
    const unsigned side = side_number(from);
    const struct conn_side *to = conn_side(side_conn(from), 1 - side);
    const struct addr16 dst = side_src16(to);
    struct known_hop known;
    struct learned hop;

    if (from->fib_epoch == w->fib_epoch || has_link_local_client(side_conn(from)) ||
        !(side == SIDE_CLIENT ? route_to_server(w, side_af(to), &dst, &hop)
                              : route_to(w, side_af(to), &dst, &hop)))
        return false;
    from->nexthop = hop.nexthop;
    from->mtu = hop.mtu;
    from->fib_epoch = w->fib_epoch;
    return output_known(w, from, p, growth, &known);
}

/* Such an address does not leave its link (RFC 4291 2.5.6), unless another one replaces it. */
static bool may_leave_link(const struct conn_side *from, const struct pkt *p, uint16_t dev)
{
    const uint8_t mode = fwd_table[from->fwd]->mode;

    return dev == p->dev || mode == CORE_FWD_FNAT || mode == CORE_FWD_SNAT;
}

/* Of a connection with a link-local client, whose first packet p is, or a later one. */
static enum verdict look_up_on_link(struct worker *w, struct conn_side *from, const struct pkt *p,
                                    struct hop *hop)
{
    const struct conn_side *to = conn_side(side_conn(from), 1 - side_number(from));
    enum verdict v;

    if (side_number(from) == SIDE_SERVER) {
        output_link(w, side_af(to), side_src16(to), side6(to)->dev, hop);
        return V_CONTINUE;
    }
    side6(from)->dev = p->dev;
    v = output_route(w, side_af(to), side_src16(to), hop);
    if (v != V_CONTINUE || may_leave_link(from, p, hop->dev))
        return v;
    hop->nexthop = NH_NONE;
    return V_DROP_NOT_FORWARDING;
}

/* The same, and what resolving it needs; without a route, that is kept too until routes change. */
static enum verdict look_up(struct worker *w, struct conn_side *from, const struct pkt *p,
                            struct hop *hop)
{
    const struct conn_side *to = conn_side(side_conn(from), 1 - side_number(from));
    enum verdict v;

    hop->nexthop = NH_NONE;
    hop->mtu = 0;
    v = unlikely(has_link_local_client(side_conn(from)))
            ? look_up_on_link(w, from, p, hop)
            : output_route(w, side_af(to), side_src16(to), hop);
    from->nexthop = hop->nexthop;
    from->mtu = hop->mtu;
    from->fib_epoch = w->fib_epoch;
    return v;
}

/* IPv6 that gets shorter becomes IPv4, without DF where its sender need not send less, and of
 * fragments (RFC 7915 5.1). What gets longer is tunnelled: where its sender need not send less, the
 * outer packet, whose source is here, is cut (RFC 2473 7.1, 4213 3.2.1). */
static bool may_be_cut(const struct pkt *p, int growth)
{
    if (output_is_divisible(p))
        return true;
    return growth && p->af == 6 &&
           (p->l3_len <= IP6_LEAST_MTU_BYTES || (growth < 0 && (p->flags & PKT_FRAGMENT)));
}

enum verdict output_hop(struct worker *w, struct conn_side *from, struct pkt *p, int growth,
                        struct hop *hop)
{
    const struct nexthop *nh = from->fib_epoch == w->fib_epoch
                                   ? nexthop_get(&w->core->nexthops, from->nexthop)
                                   : NULL;

    if (likely(nh != NULL)) {
        hop->nexthop = from->nexthop;
        hop->af = nh->af;
        hop->dev = nh->dev;
        hop->mtu = RTE_MIN(nh->mtu, from->mtu);
        memcpy(hop->addr, nh->addr, 16);
    } else {
        const enum verdict v = look_up(w, from, p, hop);

        if (v != V_CONTINUE)
            return v;
    }
    if (unlikely(p->l3_len + growth > hop->mtu) && !may_be_cut(p, growth))
        return reply_too_big(w, p, icmp_mtu(p->af, hop->mtu - growth - fwd_option_bytes(from)));
    if (unlikely(w->settings->xmit_ttl)) {
        if (ip_ttl(p) <= 1)
            return reply_ttl_over(w, p);
        ip_dec_ttl(p);
    }
    return V_CONTINUE;
}

static enum verdict resolve(struct worker *w, struct pkt *p, const struct hop *hop)
{
    struct pkt_meta *meta = pkt_meta(p->m);

    output_frame_start(p, ETH_HDR_BYTES); /* an outer header may lie before what was received */
    *meta = (struct pkt_meta){
        .job = JOB_RESOLVE, .af = hop->af, .dev = hop->dev,
        .l3_off = (uint16_t)(p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *)),
    };
    memcpy(meta->next_hop, hop->addr, 16);
    return handover_to_host(w, p->m, CLASS_BULK, V_RESOLVING);
}

enum verdict output_resolve(struct worker *w, struct pkt *p, const struct nexthop *nh)
{
    struct hop hop = { .dev = nh->dev, .af = nh->af };

    memcpy(hop.addr, nh->addr, 16);
    return resolve(w, p, &hop);
}

/* Whatever the size. */
static enum verdict send_whole(struct worker *w, struct pkt *p, const struct hop *hop,
                               enum verdict sent)
{
    const struct nexthop *nh = nexthop_at(&w->nexthops, hop->nexthop);
    const struct known_hop known = { nh, nexthop_seq(nh) };

    if (unlikely(nh->gen_state != nexthop_usable_word(hop->nexthop) ||
                 !output_known_send(w, p, &known, hop->nexthop)))
        return resolve(w, p, hop);
    return sent;
}

/* Modes may have put a header in front, so what the frame holds is asked. */
static uint32_t leaving_bytes(const struct pkt *p)
{
    return rte_pktmbuf_data_len(p->m) -
           (uint32_t)(p->l3 - rte_pktmbuf_mtod(p->m, const uint8_t *));
}

static enum verdict send_pieces(struct worker *w, struct pkt *p, const struct hop *hop,
                                struct cut *cut, enum verdict sent)
{
    struct env *env = &w->core->env;
    const bool is_ip6 = *p->l3 >> 4 == 6;
    struct pkt piece;

    while (cut_left(cut)) {
        enum verdict v;

        piece = (struct pkt){ .m = env->ops->pkt_alloc(env), .dev = p->dev };
        if (!piece.m || !cut_next(cut, &piece)) {
            pkt_free(env, piece.m);
            return V_DROP_NO_MBUF;
        }
        v = send_whole(w, &piece, hop, V_FRAGMENTED);
        worker_count(w, v);
        w->ip6_counts[IP6_FRAG_CREATES] += is_ip6;
        if (verdict_is_drop(v)) {
            pkt_free(env, piece.m);
            w->stats.dropped++;
        }
    }
    w->ip6_counts[IP6_FRAG_OKS] += is_ip6;
    pkt_free(env, p->m);
    return sent;
}

enum verdict output_send(struct worker *w, struct pkt *p, const struct hop *hop, enum verdict sent)
{
    struct cut cut;

    if (unlikely(leaving_bytes(p) > hop->mtu)) {
        /* Padding leaves with its packet. */
        if (!cut_begin(&cut, p->l3, leaving_bytes(p), hop->mtu))
            return p->l3_len > hop->mtu ? V_DROP_TOO_BIG : send_whole(w, p, hop, sent);
        /* A packet that is a fragment has its number; one in transit has its sender's. */
        if (!cut.is_fragment && sent != V_TRANSIT)
            cut.id = fragment_id(w);
        return send_pieces(w, p, hop, &cut, sent);
    }
    return send_whole(w, p, hop, sent);
}

void output_flush_device(struct worker *w, uint16_t dev)
{
    struct tx_buffer *tx = &w->tx[dev];
    struct core *core = w->core;
    uint64_t n_bytes = tx->n_bytes;
    uint16_t sent;

    if (core->capture)
        capture_packets(core, dev, 1, w->id, tx->pkt, tx->n);
    sent = core->io->tx(core, w->id, dev, tx->pkt, tx->n);
    for (uint16_t i = sent; i < tx->n; i++) {
        n_bytes -= tx->pkt[i]->pkt_len;
        pkt_free(&core->env, tx->pkt[i]);
        worker_count(w, V_DROP_TX_FULL);
    }
    w->stats.opackets += sent;
    w->stats.obytes += n_bytes;
    w->stats.dropped += tx->n - sent;
    tx->n = 0;
    tx->n_bytes = 0;
}

void output_flush(struct worker *w)
{
    for (uint16_t dev = 0; dev < w->core->n_devices; dev++)
        if (w->tx[dev].n)
            output_flush_device(w, dev);
}
