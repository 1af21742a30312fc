/* related.c - ICMP errors about packets that a connection sent (F-190; RFC 792, 4443, 5508).
 *
 * The packet inside went towards a side, so its tuple reversed is what arrives from there. Outer
 * and inner addresses, ports, the inner sequence number and the family become those of the other
 * side, which then can tell which of its packets was meant. All of it follows from the two sides'
 * tuples, whatever the mode. Where answers do not pass here (DR, tunnel), an error about one goes
 * the way of the client's packets; where a tunnel's packets do not arrive, the client is told (RFC
 * 2003).
 */
#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/life.h"
#include "lb/service.h"
#include "pkt/icmp_error.h"
#include "pkt/ip.h"
#include "worker/handover.h"
#include "worker/output.h"
#include "worker/owner.h"
#include "worker/pipeline.h"
#include "worker/reply.h"

static bool is_error(const struct pkt *p)
{
    return p->key.proto == icmp_proto(p->af) && !(p->flags & PKT_FRAGMENT) &&
           pkt_l4_len(p) >= ICMP_HDR_BYTES && icmp_is_error(p->af, p->l4[0]);
}

/* F-190: in the service's inbound numbers, whichever way it goes; those of a WAN address turn round
 * when they are read. */
static void count_error(struct worker *w, const struct conn_side *in, const struct pkt *p)
{
    struct dest_count *count = &w->dest_count[in->dest_id];

    if (fwd_table[in->fwd]->mode == CORE_FWD_SNAT) {
        count->outpkts++;
        count->outbytes += p->l3_len;
        return;
    }
    count->inpkts++;
    count->inbytes += p->l3_len;
}

/* Who the error is from, for the other side: a router where the connection leaves its peers'
 * addresses as they are, else the address that stands for them (RFC 5508 REQ-5, 4). */
static struct addr16 source_of(const struct pkt *p, const struct conn_side *in,
                               const struct conn_side *other)
{
    const union key arrives = side_key(in), leaves = side_reverse_key(other);
    const struct addr16 was = key_src(p->af, &arrives), is = key_src(side_af(other), &leaves);

    if (p->af == side_af(other) && !memcmp(&was, &is, sizeof was))
        return key_src(p->af, &p->key);
    return is;
}

static struct icmp_change change_for(struct worker *w, const struct pkt *p,
                                     const struct conn_side *in, const struct conn_side *other)
{
    const union key sent = side_key(other);
    const uint8_t af = side_af(other);

    return (struct icmp_change){
        .af = af, .sent = sent, .seq_added = other->seq_add,
        .src = source_of(p, in, other), .dst = key_src(af, &sent),
        .growth = ip_hdr_bytes(p->af) - ip_hdr_bytes(af) + fwd_option_bytes(other),
        .mtu_max = other->mtu,
        .ip_id = p->af == af ? 0 : w->next_ip_id++,
    };
}

static enum verdict translate(struct worker *w, struct conn_side *in, struct pkt *p,
                              struct inner *inner)
{
    const struct conn_side *other = conn_side(side_conn(in), 1 - side_number(in));
    const struct icmp_change to = change_for(w, p, in, other);
    struct icmp_kind kind;
    uint16_t l3_len;
    struct hop hop;
    enum verdict v;

    if (!icmp_error_plan(p, inner, &to, &kind, &l3_len))
        return V_DROP_NOT_TRANSLATABLE;
    v = output_hop(w, in, p, l3_len - p->l3_len, &hop);
    if (v != V_CONTINUE)
        return v;
    if (!icmp_error_rewrite(p, inner, &to, &kind, l3_len))
        return V_DROP_NOT_TRANSLATABLE;
    return output_send(w, p, &hop, V_ICMP_RELATED);
}

/* About an answer that did not pass here: to its sender, by the mode, which changes nothing that
 * the sender sees. */
static enum verdict forward(struct worker *w, struct conn_side *in, struct pkt *p)
{
    const enum verdict v = fwd_table[in->fwd]->xmit[SIDE_CLIENT](w, in, p);

    return v == V_FORWARD_IN ? V_ICMP_RELATED : v;
}

static enum verdict to_owner(struct worker *w, struct pkt *p, uint8_t af, const union key *key,
                             uint32_t hash)
{
    const struct target to = target_of(w, af, key);
    const int group = owner_group(w, af, key, hash, &to);

    if (group == NO_GROUP || w->group_worker[group] == w->id || (p->flags & PKT_REDIRECTED))
        return V_CONTINUE;
    return handover_to_worker(w, p, w->group_worker[group]);
}

/* Nothing tells whose a later fragment was; at our addresses none but connections sent it. */
static enum verdict about_later_fragment(struct worker *w, uint8_t af, const union key *reply)
{
    const struct target to = target_of(w, af, reply);

    return to.service || to.vip || to.laddr ? V_DROP_FRAGMENT : V_CONTINUE;
}

static enum verdict about_ours(struct worker *w, struct pkt *p, struct inner *inner)
{
    const union key reply = inner_reply(inner);
    const uint32_t hash = tuple_hash(p->af, &reply, w->core->conf.hash_key);
    struct conn_side *in;

    if (inner->is_later)
        return about_later_fragment(w, p->af, &reply);
    conn_index_begun(w);
    in = conn_table_find(w->conns, p->af, hash, &reply);
    if (!in)
        return to_owner(w, p, p->af, &reply, hash);
    if (!icmp_csum_is_right(p))
        return V_DROP_BAD_ICMP;
    count_error(w, in, p);
    return fwd_table[in->fwd]->one_way ? forward(w, in, p) : translate(w, in, p, inner);
}

/* An outer packet whose inner one need not be smaller is cut here, to what the way takes (RFC 2473
 * 7.1); IPv4's routers cut it themselves. Until the routes change. */
static void learn_path_mtu(struct conn_side *in, const struct pkt *error)
{
    const struct icmp_kind told = icmp_kind_get(error);

    if (error->af == 6 && icmp_kind_is_too_big(6, &told))
        in->mtu = (uint16_t)RTE_MIN(in->mtu, RTE_MAX(told.rest, (uint32_t)IP6_LEAST_MTU_BYTES));
}

/* The client's own packet is inside, behind a header that led to a real server. */
static enum verdict about_tunnelled(struct worker *w, struct pkt *p)
{
    struct conn_side *in;
    uint16_t outer_bytes;
    struct inner inner;
    struct addr16 end, server;
    union key key;
    uint32_t hash;

    if (!inner_parse_tunnelled(p, &inner, &outer_bytes, &end) || inner.is_later)
        return V_CONTINUE;
    hash = tuple_hash(inner.af, &inner.key, w->core->conf.hash_key);
    conn_index_begun(w);
    in = conn_table_find(w->conns, inner.af, hash, &inner.key);
    if (!in)
        return to_owner(w, p, inner.af, &inner.key, hash);
    key = side_key(conn_side(side_conn(in), SIDE_SERVER));
    server = key_src(p->af, &key);
    if (fwd_table[in->fwd]->mode != CORE_FWD_TUNNEL || fwd_table[in->fwd]->server_af != p->af ||
        memcmp(&end, &server, sizeof end))
        return V_CONTINUE;
    if (!icmp_csum_is_right(p))
        return V_DROP_BAD_ICMP;
    count_error(w, in, p);
    learn_path_mtu(in, p);
    return reply_tunnel_error(w, p, &inner, outer_bytes);
}

enum verdict stage_icmp_related(struct worker *w, struct pkt *p)
{
    struct inner inner;

    if (!is_error(p))
        return V_CONTINUE;
    return inner_parse(p, &inner) ? about_ours(w, p, &inner) : about_tunnelled(w, p);
}
