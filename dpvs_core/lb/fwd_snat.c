/* fwd_snat.c - SNAT: hosts inside reach the world under a WAN address (F-087). The source alone is
 * replaced on the way out, the destination alone on the way back.
 *
 * The dest is the WAN address, a local address whose ports connections take: each one that is free
 * towards the remote address and port, as FULLNAT's are towards a server, with the flow's group in
 * its low bits. An ICMP query takes a port as its id, so that two hosts with the same id towards
 * the same host do not meet. The client's side is the inside's; the server is the remote host,
 * whose numbers, options and timestamps nobody changes.
 */
#include "lb/conn_table.h"
#include "lb/conn_tuple.h"
#include "lb/fnat_bind.h"
#include "lb/follow_tcp.h"
#include "lb/fwd.h"
#include "lb/fwd_within.h"
#include "lb/group.h"
#include "lb/lport.h"
#include "lb/laddr_list.h"
#include "lb/lport_choice.h"
#include "lb/nat_bind.h"
#include "lb/service.h"
#include "pkt/ip.h"

/* The remote host, as local ports are chosen: nobody configured it. */
static struct dest remote_of(const struct core *core, const struct pkt *p)
{
    const struct addr16 addr = key_dst(p->af, &p->key);
    struct dest remote = { .af = p->af, .port_be = p->key.dport_be };

    memcpy(remote.addr, addr.byte, sizeof remote.addr);
    remote.lport_pool = dest_lport_pool(core, &remote);
    return remote;
}

/* What will arrive from the remote host. */
static union key answer_key(const struct pkt *p, const struct lport_choice *local)
{
    union key key = key_of(p->af, key_dst(p->af, &p->key), addr6(local->laddr->addr));

    key.sport_be = p->key.dport_be;
    key.dport_be = rte_cpu_to_be_16(local->port);
    key.proto = p->key.proto;
    return key;
}

/* ICMP's checksum does not know the addresses (RFC 792), ICMPv6's does. */
static void forget_addrs(struct conn_side *side)
{
    side->l4_delta = csum_fold(csum_delta16(side->sport_be, side->new_sport_be) +
                               csum_delta16(side->dport_be, side->new_dport_be));
}

enum verdict snat_bind(struct worker *w, const struct pkt *p, const struct service *s,
                       const struct dest *d, struct conn *c)
{
    const uint8_t proto = (uint8_t)p->key.proto;
    const uint8_t group = through_group(w->core, w->lb, p->af, &p->key, p->hash);
    const struct dest remote = remote_of(w->core, p);
    struct conn_rest *rest = conn_rest(w->conns, c);
    struct lport_choice taken;
    union key answer;

    if (!lport_choose_at(w, s->laddrs->laddr[d - s->dest], &remote, proto, group, &taken))
        return V_DROP_NO_LPORT;
    rest->group = group;
    rest->laddr_id = (uint16_t)taken.laddr->id;
    rest->pool = taken.pool;
    c->client.flags |= CONN_LPORT;
    answer = answer_key(p, &taken);
    conn_set_tuples(w->conns, c, &p->key, &answer);
    if (proto == PROTO_ICMP) {
        forget_addrs(&c->client);
        forget_addrs(conn_side(c, SIDE_SERVER));
    }
    return V_CONTINUE;
}

static __rte_always_inline void rewrite_addr(struct pkt *p, const struct conn_side *in,
                                             unsigned side, uint8_t af)
{
    if (af == 4) {
        struct ip4_hdr *ip = pkt_ip4(p);

        if (side == SIDE_CLIENT)
            ip->src_be = side4(in)->new_src_be;
        else
            ip->dst_be = side4(in)->new_dst_be;
        ip->csum = csum_apply16(ip->csum, in->l3_delta);
    } else if (side == SIDE_CLIENT) {
        memcpy(pkt_ip6(p)->src, side6(in)->new_src_be, 16);
    } else {
        memcpy(pkt_ip6(p)->dst, side6(in)->new_dst_be, 16);
    }
}

static void rewrite_query(struct pkt *p, const struct conn_side *in, unsigned side)
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;

    icmp->id_be = side == SIDE_CLIENT ? in->new_sport_be : in->new_dport_be;
    icmp->csum = csum_apply16(icmp->csum, in->l4_delta);
}

/* `side` and `af` are constants: a copy of its own for each. */
static __rte_always_inline void snat_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                             uint8_t af, struct pkt *p, uint16_t mtu)
{
    (void)w;
    (void)mtu;
    rewrite_addr(p, in, side, af);
    if (in->proto == PROTO_UDP) {
        rewrite_udp(pkt_udp(p), in);
        return;
    }
    if (unlikely(in->proto != PROTO_TCP)) {
        rewrite_query(p, in, side);
        return;
    }
    follow_plain(in, side, p);
}

/* As with statistics, "in" is what comes from the world. */
static enum verdict snat4_leaves(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 4, p, V_FORWARD_OUT, snat_rewrite);
}

static enum verdict snat4_comes(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 4, p, V_FORWARD_IN, snat_rewrite);
}

static enum verdict snat6_leaves(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 6, p, V_FORWARD_OUT, snat_rewrite);
}

static enum verdict snat6_comes(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 6, p, V_FORWARD_IN, snat_rewrite);
}

const struct fwd_ops fwd_snat4 = {
    .name = "snat",
    .mode = CORE_FWD_SNAT, .client_af = 4, .server_af = 4,
    .bind = snat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = snat4_leaves, [SIDE_SERVER] = snat4_comes },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};

const struct fwd_ops fwd_snat6 = {
    .name = "snat6",
    .mode = CORE_FWD_SNAT, .client_af = 6, .server_af = 6,
    .bind = snat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = snat6_leaves, [SIDE_SERVER] = snat6_comes },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};
