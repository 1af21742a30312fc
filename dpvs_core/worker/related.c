/* related.c - ICMP errors about packets that a connection sent (F-190).
 *
 * The packet inside went towards side s, so its tuple reversed is what arrives from s. Outer and
 * inner addresses, ports and the inner sequence number become those of the other side, which then
 * can tell which of its packets was meant.
 */
#include "base/addr.h"
#include "lb/conn_table.h"
#include "pkt/parse.h"
#include "worker/handover.h"
#include "worker/output.h"
#include "worker/owner.h"
#include "worker/pipeline.h"

static bool is_error(const struct pkt *p)
{
    const struct icmp_hdr *icmp = (const struct icmp_hdr *)p->l4;

    if (p->key.proto != PROTO_ICMP || (p->flags & PKT_FRAGMENT) || pkt_l4_len(p) < ICMP_HDR_BYTES)
        return false;
    return icmp->type == ICMP_UNREACHABLE || icmp->type == ICMP_QUENCH ||
           icmp->type == ICMP_TIME_EXCEEDED || icmp->type == ICMP_PARAMETER;
}

/* The transport checksum was right for the tuple that went out; make it right for this one. */
static void restore_l4_csum(struct inner4 *inner, uint32_t proto, uint64_t delta)
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

/* The packet inside becomes the one that side `o` sent. */
static void restore_inner(const struct conn *c, unsigned o, struct inner4 *inner)
{
    const struct conn_side4 *in = &c->side[o];
    struct ip4_hdr *ip = (struct ip4_hdr *)inner->l3;
    struct udp_hdr *l4 = (struct udp_hdr *)inner->l4;
    uint64_t delta = csum_delta32(ip->src_be, in->src_be) + csum_delta32(ip->dst_be, in->dst_be) +
                     csum_delta16(l4->sport_be, in->sport_be) +
                     csum_delta16(l4->dport_be, in->dport_be);

    ip->src_be = in->src_be;
    ip->dst_be = in->dst_be;
    ip->csum = 0;
    ip->csum = csum_of(ip, ip4_hdr_bytes(ip));
    l4->sport_be = in->sport_be;
    l4->dport_be = in->dport_be;
    if (in->proto == PROTO_TCP) {
        struct tcp_hdr *tcp = (struct tcp_hdr *)inner->l4;
        const uint32_t seq_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) - in->seq_add);

        delta += csum_delta32(tcp->seq_be, seq_be);
        tcp->seq_be = seq_be;
    }
    restore_l4_csum(inner, in->proto, delta);
}

static enum verdict translate(struct worker *w, struct conn *c, unsigned side, struct pkt *p,
                              struct inner4 *inner)
{
    const unsigned o = 1 - side;
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;
    struct ip4_hdr *ip = pkt_ip4(p);
    struct hop hop;
    enum verdict v;

    if (csum_fold(csum_words(icmp, pkt_l4_len(p), 0)) != 0xffff)
        return V_DROP_BAD_ICMP;
    v = output_hop(w, &c->side[side], p, &hop);
    if (v != V_CONTINUE)
        return v;
    restore_inner(c, o, inner);
    icmp->csum = 0;
    icmp->csum = csum_of(icmp, pkt_l4_len(p));
    ip->src_be = c->side[side].new_src_be;
    ip->dst_be = c->side[side].new_dst_be;
    ip->csum = 0;
    ip->csum = csum_of(ip, ip4_hdr_bytes(ip));
    return output_send(w, p, &hop, V_ICMP_RELATED);
}

enum verdict stage_icmp_related(struct worker *w, struct pkt *p)
{
    struct inner4 inner;
    const struct laddr *laddr;
    struct conn *c;
    unsigned side;
    uint32_t hash;
    int group;

    if (!is_error(p) || !parse_inner4(p, &inner))
        return V_CONTINUE;
    hash = hash_16(&inner.reply, w->core->conf.hash_key);
    c = conn_table_find(w->conns, hash, &inner.reply, &side);
    if (c)
        return translate(w, c, side, p, &inner);
    laddr = laddr_find(&w->core->laddr_by_addr, 4, addr4(inner.reply.dst_be).byte);
    group = owner_group(w, &inner.reply, hash, laddr);
    if (group == NO_GROUP || w->group_worker[group] == w->id || (p->flags & PKT_REDIRECTED))
        return V_CONTINUE;
    return handover_to_worker(w, p, w->group_worker[group]);
}
