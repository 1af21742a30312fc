/* related.c - ICMP errors about packets that a connection sent (F-190; RFC 792, 4443).
 *
 * The packet inside went towards side s, so its tuple reversed is what arrives from s. Outer and
 * inner addresses, ports and the inner sequence number become those of the other side, which then
 * can tell which of its packets was meant.
 */
#include "lb/conn_table.h"
#include "pkt/ip.h"
#include "pkt/parse.h"
#include "worker/handover.h"
#include "worker/output.h"
#include "worker/owner.h"
#include "worker/pipeline.h"

static bool is_error_type(uint8_t af, uint8_t type)
{
    if (af == 4)
        return type == ICMP_UNREACHABLE || type == ICMP_QUENCH || type == ICMP_TIME_EXCEEDED ||
               type == ICMP_PARAMETER;
    return type == ICMP6_UNREACHABLE || type == ICMP6_TOO_BIG || type == ICMP6_TIME_EXCEEDED ||
           type == ICMP6_PARAMETER;
}

static bool is_error(const struct pkt *p)
{
    return p->key.proto == icmp_proto(p->af) && !(p->flags & PKT_FRAGMENT) &&
           pkt_l4_len(p) >= ICMP_HDR_BYTES && is_error_type(p->af, p->l4[0]);
}

/* The transport checksum was right for the tuple that went out; make it right for this one. */
static void restore_l4_csum(struct inner *inner, uint32_t proto, uint64_t delta)
{
    const unsigned at = proto == PROTO_TCP ? offsetof(struct tcp_hdr, csum)
                                           : offsetof(struct udp_hdr, csum);
    uint16_t csum;

    if (inner->l4_len < at + 2)
        return;                 /* TCP: only 8 bytes need be quoted */
    memcpy(&csum, inner->l4 + at, 2);
    if (proto == PROTO_UDP && !csum)
        return;                 /* none */
    csum = csum_apply(csum, delta);
    if (proto == PROTO_UDP && !csum)
        csum = 0xffff;          /* a computed 0 (RFC 768) */
    memcpy(inner->l4 + at, &csum, 2);
}

/* What the new addresses change in the transport's checksum. */
static uint64_t restore_addrs(uint8_t af, struct inner *inner, const union key *sent)
{
    struct ip4_hdr *ip4 = (struct ip4_hdr *)inner->l3;
    struct ip6_header *ip6 = (struct ip6_header *)inner->l3;
    uint64_t delta;

    if (af == 6) {
        delta = csum_delta16(csum_fold(csum_words(ip6->src, 32, 0)),
                             csum_fold(csum_words(sent->v6.src_be, 32, 0)));
        memcpy(ip6->src, sent->v6.src_be, sizeof ip6->src);
        memcpy(ip6->dst, sent->v6.dst_be, sizeof ip6->dst);
        return delta;
    }
    delta = csum_delta32(ip4->src_be, sent->v4.src_be) + csum_delta32(ip4->dst_be, sent->v4.dst_be);
    ip4->src_be = sent->v4.src_be;
    ip4->dst_be = sent->v4.dst_be;
    ip4_set_csum(ip4);
    return delta;
}

/* The packet inside becomes the one that the side sent. */
static void restore_inner(const struct conn_side *from, struct inner *inner)
{
    const union key sent = side_key(from);
    struct udp_hdr *l4 = (struct udp_hdr *)inner->l4;
    uint64_t delta = restore_addrs(side_af(from), inner, &sent) +
                     csum_delta16(l4->sport_be, sent.sport_be) +
                     csum_delta16(l4->dport_be, sent.dport_be);

    l4->sport_be = sent.sport_be;
    l4->dport_be = sent.dport_be;
    if (sent.proto == PROTO_TCP) {
        struct tcp_hdr *tcp = (struct tcp_hdr *)inner->l4;
        const uint32_t seq_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) - from->seq_add);

        delta += csum_delta32(tcp->seq_be, seq_be);
        tcp->seq_be = seq_be;
    }
    restore_l4_csum(inner, sent.proto, delta);
}

static enum verdict translate(struct worker *w, struct conn_side *in, struct pkt *p,
                              struct inner *inner)
{
    const struct conn_side *other = conn_side(side_conn(in), 1 - side_number(in));
    const union key leaves = side_reverse_key(other);
    struct hop hop;
    enum verdict v;

    if (side_af(other) != p->af)
        return V_DROP_NOT_TRANSLATABLE;
    if (!icmp_csum_is_right(p))
        return V_DROP_BAD_ICMP;
    v = output_hop(w, in, p, 0, &hop);
    if (v != V_CONTINUE)
        return v;
    restore_inner(other, inner);
    ip_set_addrs(p, key_src(p->af, &leaves), key_dst(p->af, &leaves));
    icmp_set_csum(p);
    return output_send(w, p, &hop, V_ICMP_RELATED);
}

enum verdict stage_icmp_related(struct worker *w, struct pkt *p)
{
    struct inner inner;
    struct conn_side *in;
    struct target to;
    uint32_t hash;
    int group;

    if (!is_error(p) || !parse_inner(p, &inner))
        return V_CONTINUE;
    hash = tuple_hash(p->af, &inner.reply, w->core->conf.hash_key);
    in = conn_table_find(w->conns, p->af, hash, &inner.reply);
    if (in)
        return translate(w, in, p, &inner);
    to = target_of(w, p->af, &inner.reply);
    group = owner_group(w, p->af, &inner.reply, hash, &to);
    if (group == NO_GROUP || w->group_worker[group] == w->id || (p->flags & PKT_REDIRECTED))
        return V_CONTINUE;
    return handover_to_worker(w, p, w->group_worker[group]);
}
