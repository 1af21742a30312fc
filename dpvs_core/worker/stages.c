/* stages.c - the slow stages but ICMP errors: small functions from a packet to a verdict. */
#include "lb/conn_table.h"
#include "lb/group.h"
#include "lb/life.h"
#include "lb/lport.h"
#include "lb/match.h"
#include "lb/proto.h"
#include "lb/service.h"
#include "net/fib.h"
#include "pkt/ip.h"
#include "pkt/parse.h"
#include "pkt/sctp.h"
#include "worker/handover.h"
#include "worker/output.h"
#include "worker/owner.h"
#include "worker/pipeline.h"
#include "worker/reply.h"

enum verdict stage_link(struct worker *w, struct pkt *p)
{
    const struct eth_hdr *eth = rte_pktmbuf_mtod(p->m, const struct eth_hdr *);

    if (likely(p->flags & PKT_READ))
        return V_CONTINUE;
    if (p->m->nb_segs != 1)
        return V_DROP_SEGMENTS;
    if (rte_pktmbuf_data_len(p->m) < ETH_HDR_BYTES)
        return V_DROP_TOO_SHORT;
    if (!(eth->dst[0] & 1)) {
        if (memcmp(eth->dst, w->core->device[p->dev].mac, 6))
            return V_DROP_OTHER_HOST;
        p->flags |= PKT_UNICAST;
    }
    p->l3 = rte_pktmbuf_mtod(p->m, uint8_t *) + ETH_HDR_BYTES;
    p->af = eth->type_be == RTE_BE16(ETHERTYPE_IP6) ? 6 : 4;
    if (p->af == 6 || eth->type_be == RTE_BE16(ETHERTYPE_IP4))
        return V_CONTINUE;
    if (eth->type_be != RTE_BE16(ETHERTYPE_ARP))
        return handover_to_kernel(w, p);
    if (!bucket_take(&w->arp, w->settings->arp_pps, w->now_us))
        return V_DROP_ARP_RATE;
    *pkt_meta(p->m) = (struct pkt_meta){ .job = JOB_ARP, .dev = p->dev };
    return handover_to_host(w, p->m, CLASS_CONTROL, V_TO_HOST_ARP);
}

/* Of this link only (RFC 4861 6.1, 7.1, 8.1), in one piece (RFC 6980: fragments are Linux's, which
 * ignores them). */
static bool is_nd(const struct pkt *p)
{
    return p->af == 6 && p->key.proto == PROTO_ICMP6 && !(p->flags & PKT_FRAGMENT) &&
           pkt_l4_len(p) >= ICMP_HDR_BYTES && p->l4[0] >= ICMP6_ROUTER_SOLICIT &&
           p->l4[0] <= ICMP6_REDIRECT;
}

/* As ARP; but what routers say is Linux's alone (F-221). */
static enum verdict take_nd(struct worker *w, struct pkt *p)
{
    if (pkt_ip6(p)->hops != ND_HOPS)
        return V_DROP_BAD_ND;
    if (!bucket_take(&w->arp, w->settings->arp_pps, w->now_us))
        return V_DROP_ARP_RATE;
    if (p->l4[0] != ICMP6_NEIGH_SOLICIT && p->l4[0] != ICMP6_NEIGH_ADVERT)
        return handover_to_kernel(w, p);
    *pkt_meta(p->m) = (struct pkt_meta){ .job = JOB_ND, .dev = p->dev };
    return handover_to_host(w, p->m, CLASS_CONTROL, V_TO_HOST_ND);
}

/* Of those only queries: reports are between Linux and routers, or of others. */
static bool is_mld_query(const struct pkt *p)
{
    return p->af == 6 && p->key.proto == PROTO_ICMP6 && !(p->flags & PKT_FRAGMENT) &&
           pkt_l4_len(p) >= ICMP_HDR_BYTES && p->l4[0] == ICMP6_MLD_QUERY;
}

static enum verdict take_mld(struct worker *w, struct pkt *p)
{
    if (!bucket_take(&w->arp, w->settings->arp_pps, w->now_us))
        return V_DROP_ARP_RATE;
    *pkt_meta(p->m) = (struct pkt_meta){ .job = JOB_MLD, .dev = p->dev };
    return handover_to_host(w, p->m, CLASS_CONTROL, V_TO_HOST_MLD);
}

/* fe80::/10 and ff00::/8, which mean something on one link only. */
static bool is_of_one_link(const struct pkt *p)
{
    const uint8_t *dst = pkt_ip6(p)->dst;

    return p->af == 6 && (dst[0] == 0xff || fib_is_link_local(6, dst));
}

static struct addr16 dst_of(const struct pkt *p)
{
    return key_dst(p->af, &p->key);
}

/* The destination as an address of ours, or as a local address in use or not; NULL: it is none. */
static const struct fib_addr *own_addr(const struct worker *w, const struct pkt *p)
{
    return fib_addr_on(w->fib, p->dev, p->af, dst_of(p).byte);
}

/* What later fragments belong to is told by their ports, as their keeper knows them. */
static bool asks_for_echo(const struct pkt *p)
{
    const uint8_t echo = p->af == 4 ? ICMP_ECHO : ICMP6_ECHO;

    if (p->key.proto != icmp_proto(p->af))
        return false;
    if (p->flags & PKT_LATER)
        return p->key.dport_be == rte_cpu_to_be_16(echo);
    return pkt_l4_len(p) >= ICMP_HDR_BYTES && p->l4[0] == echo;
}

/* Its keeper will know whether it asks for echo. */
static bool is_icmp_fragment(const struct pkt *p)
{
    return p->key.proto == icmp_proto(p->af) && (p->flags & PKT_FRAGMENT);
}

/* Of what comes to link-local addresses, echo alone is answered here. */
static bool is_echo_on_link(const struct worker *w, const struct pkt *p)
{
    return (is_icmp_fragment(p) || asks_for_echo(p)) && own_addr(w, p);
}

/* Whole packets that the fast path has read come here on their owner alone; all others where they
 * were received first. */
static void count_ip6(struct worker *w, struct pkt *p, enum verdict parsed)
{
    p->flags |= PKT_COUNT6;
    if (p->flags & PKT_READ || !(p->flags & (PKT_REDIRECTED | PKT_WAITED)))
        ip6_count_received(w->ip6_counts, p, parsed);
}

/* Multicast, broadcast and link-local addresses are Linux's: VRRP, OSPF and what else its programs
 * speak; neighbour discovery is shared, echo to our addresses not theirs. */
enum verdict stage_ip(struct worker *w, struct pkt *p)
{
    enum verdict v;

    if (unlikely(p->af == 6 && w->settings->ip6_disable))
        return V_DROP_IP6_DISABLED;
    v = likely(p->flags & PKT_READ) ? parse_ip_rest(p) : parse_ip(p, w->core->conf.hash_key);
    if (p->af == 6)
        count_ip6(w, p, v);
    if (v != V_CONTINUE)
        return v;
    if (is_nd(p))
        return take_nd(w, p);
    if (is_mld_query(p))
        return take_mld(w, p);
    if ((p->flags & PKT_UNICAST) && (!is_of_one_link(p) || is_echo_on_link(w, p)))
        return V_CONTINUE;
    return handover_to_kernel(w, p);
}

static const struct laddr *local_addr(const struct worker *w, const struct pkt *p)
{
    return laddr_find(&w->core->laddr_by_addr, p->af, dst_of(p).byte);
}

/* TCP and SCTP are told. UDP is not: an answer that comes late, or for another director's
 * connection, is no error of the real server's, whose socket would report one for all its
 * clients. */
static enum verdict no_connection(struct worker *w, struct pkt *p)
{
    if (p->flags & PKT_LATER)
        return V_DROP_NO_CONNECTION;
    if (p->key.proto == PROTO_TCP)
        return reply_reset(w, p);
    return p->key.proto == PROTO_SCTP ? reply_abort(w, p) : V_DROP_NO_CONNECTION;
}

/* Neither here nor with who received it; the service's groups may have been others. A worker that
 * owned it by those decides: so it goes on once more at most. */
static enum verdict no_flow(struct worker *w, struct pkt *p, const struct service *s)
{
    if (unlikely(s->was_by_tuple)) {
        const uint32_t former = w->group_worker[flow_group(w->core, p->af, &p->key, p->hash)];

        if (former != w->id)
            return handover_to_worker(w, p, former);
    }
    return no_connection(w, p);
}

/* F-056: nothing is kept, so answers find nothing. A dest that goes in this moment ends it
 * itself. */
static enum verdict one_packet(struct worker *w, struct pkt *p, struct conn *c)
{
    const enum verdict v = conn_packet(w, &c->client, p);

    if (v != V_DROP_QUIESCED)
        conn_end(w, c);
    return v;
}

/* First packet of a connection, or one that has none. */
static enum verdict new_flow(struct worker *w, struct pkt *p, const struct service *s)
{
    struct conn *c = NULL;
    enum verdict v;

    if (service_is_standby(s))
        return V_DROP_STANDBY;
    if (((p->flags & PKT_LATER) && !(s->flags & CORE_SVC_ONE_PACKET)) ||
        !proto_of(p->key.proto)->begins(p))
        return no_flow(w, p, s);
    v = conn_make(w, p, s, &c);
    if (v != V_CONTINUE)
        return v;
    worker_count(w, V_SCHEDULED);
    if (unlikely(s->flags & CORE_SVC_ONE_PACKET))
        return one_packet(w, p, c);
    v = conn_first_packet(w, c, p);
    conn_begun(w, c);
    return v;
}

/* To a port that connections take, but none has. */
static enum verdict stray(struct worker *w, struct pkt *p, const struct laddr *l)
{
    if (!laddr_is_active(l) || !own_addr(w, p))
        return V_DROP_STANDBY;
    return no_connection(w, p);
}

/* To an address that services use, but to none of their ports. */
static enum verdict no_service(struct worker *w, const struct pkt *p, const struct lb_vip *vip)
{
    if (p->key.proto == PROTO_TCP && vip->n_tcp && w->settings->defence_tcp_drop)
        return V_DROP_DEFENCE_TCP;
    if (p->key.proto == PROTO_UDP && vip->n_tcp + vip->n_udp && w->settings->defence_udp_drop)
        return V_DROP_DEFENCE_UDP;
    return V_CONTINUE;
}

/* What goes through, and which way: p as matches see it. False: there is no route. */
static bool as_match_packet(struct worker *w, const struct pkt *p, struct match_packet *out)
{
    const struct addr16 src = key_src(p->af, &p->key), dst = dst_of(p);
    const bool has_ports = p->key.proto != icmp_proto(p->af);
    struct hop hop;

    if (output_route(w, p->af, dst, &hop) != V_CONTINUE)
        return false;
    *out = (struct match_packet){
        .sport = rte_be_to_cpu_16(p->key.sport_be), .dport = rte_be_to_cpu_16(p->key.dport_be),
        .iif = p->dev, .oif = hop.dev, .af = p->af, .proto = (uint8_t)p->key.proto,
        .has_ports = has_ports,
    };
    memcpy(out->src, src.byte, sizeof out->src);
    memcpy(out->dst, dst.byte, sizeof out->dst);
    return true;
}

/* The service by match (SNAT) that takes what goes through here, or NULL. */
static const struct service *outward_service(struct worker *w, const struct pkt *p)
{
    struct match_packet packet;

    return as_match_packet(w, p, &packet) ? match_find(w->lb->matches, &packet) : NULL;
}

/* No connection has it; this worker is the one to make one. */
static enum verdict unknown(struct worker *w, struct pkt *p, const struct target *to)
{
    const struct service *s = to->through ? outward_service(w, p) : to->service;

    if (s)
        return new_flow(w, p, s);
    if (p->key.proto == icmp_proto(p->af))
        return V_CONTINUE;      /* of our own or of Linux's */
    if (to->laddr && rte_be_to_cpu_16(p->key.dport_be) >= LPORT_FIRST)
        return stray(w, p, to->laddr);
    return to->vip ? no_service(w, p, to->vip) : V_CONTINUE;
}

/* F-130; verified where it was received. What is in fragments is whole at its receiver alone. */
static bool has_bad_csum(const struct pkt *p)
{
    return p->key.proto == PROTO_SCTP && !(p->flags & (PKT_REDIRECTED | PKT_FRAGMENT)) &&
           !sctp_csum_is_right(p);
}

enum verdict stage_balance(struct worker *w, struct pkt *p)
{
    struct conn_side *in;
    struct target to;

    if (!proto_has_tuple(&p->key))
        return V_CONTINUE;
    to = target_of(w, p->af, &p->key);
    if (!target_is_ours(&to))
        return V_CONTINUE;
    if (has_bad_csum(p))
        return V_DROP_BAD_SCTP;
    in = conn_of(w, p);         /* made earlier in this burst */
    if (in)
        return conn_packet(w, in, p);
    if (w->core->conf.n_workers > 1 && !(p->flags & PKT_REDIRECTED)) {
        const int group = owner_group(w, p->af, &p->key, p->hash, &to);

        if (group != NO_GROUP && w->group_worker[group] != w->id)
            return handover_to_worker(w, p, w->group_worker[group]);
    }
    return unknown(w, p, &to);
}

/* A VIP need not be an address here: Linux may hold it. A local address then is another
 * director's: neither Linux nor transit may answer for it. */
static enum verdict not_ours(struct worker *w, struct pkt *p)
{
    if (local_addr(w, p))
        return V_DROP_STANDBY;
    if (lb_vip(w->lb, p->af, dst_of(p).byte))
        return handover_to_kernel(w, p);
    return V_CONTINUE;
}

enum verdict stage_local(struct worker *w, struct pkt *p)
{
    const struct fib_addr *own = own_addr(w, p);

    if (!own)
        return not_ours(w, p);
    if (!fib_addr_is_usable(own))
        return V_DROP_TENTATIVE;
    if (own->kind == CORE_ADDR_LOCAL && asks_for_echo(p))
        return reply_echo(w, p);
    return handover_to_kernel(w, p);
}

static bool forwards(const struct worker *w, uint8_t af)
{
    return af == 4 ? w->settings->ip4_forwarding : w->settings->ip6_forwarding;
}

/* Not what SNAT translates: that is a service's, found before, whatever these settings say.
 * IPv6's link-local addresses do not leave their link (RFC 4291 2.5.6). */
enum verdict stage_transit(struct worker *w, struct pkt *p)
{
    struct hop hop;

    if (output_route(w, p->af, dst_of(p), &hop) != V_CONTINUE)
        return handover_to_kernel(w, p);
    if (!forwards(w, p->af) || fib_is_link_local(p->af, key_src(p->af, &p->key).byte))
        return V_DROP_NOT_FORWARDING;
    if (ip_ttl(p) <= 1)
        return reply_ttl_over(w, p);
    if (p->l3_len > hop.mtu && !output_is_divisible(p))
        return reply_too_big(w, p, hop.mtu);
    ip_dec_ttl(p);
    return output_send(w, p, &hop, V_TRANSIT);
}
