/* fwd_nat.c - NAT: only the destination is replaced (F-086). The server sees the client's own
 * address and port, answers through here, and its answers come from the VIP again.
 *
 * No local address is taken, no number or option of TCP changes. The server's side is found by
 * server, its port, client, its port: which two connections cannot share. So a client that speaks
 * from one port to two services is refused where both come to the same port of one server.
 */
#include "lb/conn_table.h"
#include "lb/conn_tuple.h"
#include "lb/follow_tcp.h"
#include "lb/fwd.h"
#include "lb/fwd_within.h"
#include "lb/group.h"
#include "lb/life.h"
#include "lb/nat_bind.h"
#include "lb/service.h"

/* What will arrive from the server. */
static union key answer_key(const struct pkt *p, const struct dest *d)
{
    union key key = key_of(p->af, addr6(d->addr), key_src(p->af, &p->key));

    key.sport_be = d->port_be;
    key.dport_be = p->key.sport_be;
    key.proto = p->key.proto;
    return key;
}

enum verdict nat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                      const struct dest *d, struct conn *c)
{
    const union key answer = answer_key(p, d);

    conn_set_tuples(w->conns, c, &p->key, &answer);
    conn_index_begun(w);
    if (conn_table_find(w->conns, p->af, c->client.hash[SIDE_SERVER], &answer))
        return V_DROP_NAT_CLASH;
    conn_rest(w->conns, c)->group = service_group(w->core, s, p->af, &p->key, p->hash);
    return V_CONTINUE;
}

void nat_unbind(struct worker *w, struct conn *c)
{
    (void)w;
    (void)c;                    /* nothing was taken */
}

static __rte_always_inline void nat_rewrite_ip(struct pkt *p, const struct conn_side *in,
                                               unsigned side, uint8_t af)
{
    if (af == 4) {
        struct ip4_hdr *ip = pkt_ip4(p);

        if (side == SIDE_CLIENT)
            ip->dst_be = side4(in)->new_dst_be;
        else
            ip->src_be = side4(in)->new_src_be;
        ip->csum = csum_apply16(ip->csum, in->l3_delta);
    } else if (side == SIDE_CLIENT) {
        memcpy(pkt_ip6(p)->dst, side6(in)->new_dst_be, 16);
    } else {
        memcpy(pkt_ip6(p)->src, side6(in)->new_src_be, 16);
    }
}

/* `side` and `af` are constants: a copy of its own for each. */
static __rte_always_inline void nat_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                            uint8_t af, struct pkt *p, uint16_t mtu)
{
    (void)w;
    (void)mtu;
    nat_rewrite_ip(p, in, side, af);
    if (in->proto == PROTO_UDP) {
        rewrite_udp(pkt_udp(p), in);
        return;
    }
    follow_plain(in, side, p);
}

static enum verdict nat4_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 4, p, V_FORWARD_IN, nat_rewrite);
}

static enum verdict nat4_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 4, p, V_FORWARD_OUT, nat_rewrite);
}

static enum verdict nat6_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 6, p, V_FORWARD_IN, nat_rewrite);
}

static enum verdict nat6_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 6, p, V_FORWARD_OUT, nat_rewrite);
}

const struct fwd_ops fwd_nat4 = {
    .name = "nat",
    .mode = CORE_FWD_NAT, .client_af = 4, .server_af = 4,
    .bind = nat_bind,
    .unbind = nat_unbind,
    .xmit = { [SIDE_CLIENT] = nat4_in, [SIDE_SERVER] = nat4_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};

const struct fwd_ops fwd_nat6 = {
    .name = "nat6",
    .mode = CORE_FWD_NAT, .client_af = 6, .server_af = 6,
    .bind = nat_bind,
    .unbind = nat_unbind,
    .xmit = { [SIDE_CLIENT] = nat6_in, [SIDE_SERVER] = nat6_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};
