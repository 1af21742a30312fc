/* fragment.c - fragments of balanced packets find their connection (F-004; RFC 791, 8200 4.5).
 *
 * Only the first fragment has ports, so only it tells the connection, and the worker that owns it.
 * Addresses and identification name a keeper, the worker that all fragments of a packet come to
 * whoever received them; it learns the ports from the first one, writes them beside each fragment
 * (struct pkt_fragment) and hands it to the owner, which so knows as much as of a whole packet. A
 * fragment takes at most two rings, and one order: that in which the keeper has let them pass.
 *
 * Nothing is put together: checksums are updated by difference, in the first fragment. What that
 * is of SCTP's, depends on the length of the whole, which the last fragment alone tells: so SCTP's
 * wait until first and last are there, whatever the mode, which the keeper does not know. Overlaps
 * and duplicates are the receiver's to judge (RFC 5722), but what would write over the transport
 * header that was judged here is dropped (RFC 1858, 3128), and so is a first fragment without the
 * whole of that header. Where addresses are replaced, many senders become one, whose packets the
 * receiver tells apart by identification: that is replaced too, by numbers no two workers share.
 *
 * An echo request to an address of the core is answered fragment by fragment (worker/reply.c): of
 * its later fragments, too, the keeper knows what they belong to. Other ICMP that no SNAT is for,
 * and what else is not balanced, is left to Linux, which puts it together.
 */
#include "worker/fragment.h"

#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/group.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "net/fib.h"
#include "pkt/ip.h"
#include "pkt/parse.h"
#include "pkt/sctp.h"
#include "worker/handover.h"
#include "worker/owner.h"
#include "worker/pipeline.h"

enum { FRAG_EXPIRE_BUDGET = 64, MAX_IP_BYTES = 65535 };

/* Of either family. */
struct piece {
    uint32_t id_be;
    uint32_t offset_bytes, n_bytes;
    bool more;
};

static struct ip6_frag_header *frag_header6(const struct pkt *p)
{
    return (struct ip6_frag_header *)(p->l4 - sizeof(struct ip6_frag_header));
}

static struct piece piece_of(const struct pkt *p)
{
    uint16_t word;

    if (p->af == 4) {
        word = rte_be_to_cpu_16(pkt_ip4(p)->frag_be);
        return (struct piece){ pkt_ip4(p)->id_be, (word & 0x1fffu) * 8, pkt_l4_len(p),
                               word & IP4_MF };
    }
    word = rte_be_to_cpu_16(frag_header6(p)->offset_be);
    return (struct piece){ frag_header6(p)->id_be, word & 0xfff8u, pkt_l4_len(p), word & 1 };
}

/* Bytes of the transport header that decide what becomes of a packet. */
static uint32_t judged_bytes(uint32_t proto)
{
    return proto == PROTO_TCP    ? TCP_HDR_BYTES
           : proto == PROTO_SCTP ? SCTP_HDR_BYTES + SCTP_CHUNK_HDR_BYTES
                                 : UDP_HDR_BYTES;
}

static bool is_sound(const struct piece *piece, uint32_t proto)
{
    return (!piece->offset_bytes || piece->offset_bytes >= judged_bytes(proto)) &&
           piece->offset_bytes + piece->n_bytes <= MAX_IP_BYTES &&
           !(piece->more && piece->n_bytes % 8) && piece->n_bytes;
}

static union key frag_key(const struct pkt *p, const struct piece *piece)
{
    union key key = key_of(p->af, key_src(p->af, &p->key), key_dst(p->af, &p->key));

    key.proto = p->key.proto;
    memcpy(&key.sport_be, &piece->id_be, sizeof piece->id_be);
    return key;
}

/* --- the owner ------------------------------------------------------------------------------- */

/* Ports are known: to its owner, or on to the balancing here. */
static enum verdict go_on(struct worker *w, struct pkt *p)
{
    const struct pkt_fragment *known = &pkt_meta(p->m)->fragment;
    struct target to;
    int group;

    p->key.sport_be = known->sport_be;
    p->key.dport_be = known->dport_be;
    p->hash = tuple_hash(p->af, &p->key, w->core->conf.hash_key);
    to = target_of(w, p->af, &p->key);
    group = owner_group(w, p->af, &p->key, p->hash, &to);
    conn_index_begun(w);
    if (group != NO_GROUP && w->group_worker[group] != w->id && !(p->flags & PKT_REDIRECTED) &&
        !conn_table_find(w->conns, p->af, p->hash, &p->key))
        return handover_to_worker(w, p, w->group_worker[group]);
    p->flags |= PKT_REDIRECTED; /* the balancing need not ask again */
    return V_CONTINUE;
}

static void set_id(struct pkt *p, uint32_t id)
{
    struct ip4_hdr *ip = pkt_ip4(p);
    const uint16_t id_be = rte_cpu_to_be_16((uint16_t)id);

    if (p->af == 6) {
        frag_header6(p)->id_be = rte_cpu_to_be_32(id);
        return;
    }
    ip->csum = csum_apply(ip->csum, csum_delta16(ip->id_be, id_be));
    ip->id_be = id_be;
}

void fragment_set_id(struct pkt *p)
{
    set_id(p, pkt_meta(p->m)->fragment.new_id);
}

void fragment_renumber(const struct conn_side *in, struct pkt *p)
{
    const struct fwd_ops *mode = fwd_table[in->fwd];
    const unsigned side = side_number(in);

    if (mode->later[side] != mode->xmit[side])
        fragment_set_id(p);
}

/* --- the keeper ------------------------------------------------------------------------------ */

static bool is_known(const struct frag *f, uint32_t proto)
{
    return f && f->has_first && (f->n_bytes || proto != PROTO_SCTP);
}

/* The entry of a first fragment, whose ports are in p->key; NULL: no place. Where all was known and
 * it has not waited itself, another packet begins under an old number. */
static struct frag *learn(struct worker *w, const struct pkt *p, const union key *key,
                          uint32_t hash, struct frag *f)
{
    const bool same = f && f->has_first && f->sport_be == p->key.sport_be &&
                      f->dport_be == p->key.dport_be;
    const bool again = is_known(f, p->key.proto) && !(p->flags & PKT_WAITED);

    if (!f)
        f = frag_make(w->frags, p->af, key, hash, w->now_ms);
    if (!f)
        return NULL;
    if (!same)
        f->new_id = fragment_id(w);
    if (again)
        f->n_bytes = 0;
    frag_learn(w->frags, f, p->key.sport_be, p->key.dport_be, w->now_ms);
    return f;
}

static void learn_end(struct frag *f, const struct piece *piece)
{
    if (!piece->more)
        f->n_bytes = (uint16_t)(piece->offset_bytes + piece->n_bytes);
}

/* It may be the last one that was missing. */
static enum verdict wait_for_others(struct worker *w, struct pkt *p, const struct piece *piece,
                                    const union key *key, uint32_t hash, struct frag *f)
{
    if (!f && frag_has_room(w->frags))
        f = frag_make(w->frags, p->af, key, hash, w->now_ms);
    if (!f || !frag_wait(w->frags, f, p->m, !(p->flags & PKT_LATER)))
        return V_DROP_FRAGMENT_FULL;
    pkt_meta(p->m)->dev = p->dev;
    learn_end(f, piece);
    if (is_known(f, p->key.proto))
        frag_release(w->frags, f, w->now_ms);
    return V_FRAGMENT_WAITING;
}

static enum verdict keep(struct worker *w, struct pkt *p, const struct piece *piece,
                         const union key *key, uint32_t hash)
{
    struct frag *f = frag_find(w->frags, p->af, key, hash, w->now_ms,
                               w->settings->fragment_timeout_ms);

    if (!(p->flags & PKT_LATER)) {
        const enum verdict v = parse_first_fragment(p, w->core->conf.hash_key);

        if (v != V_CONTINUE)
            return v;
        f = learn(w, p, key, hash, f);
        if (!f)
            return V_DROP_FRAGMENT_FULL;
        learn_end(f, piece);
    }
    if (!is_known(f, p->key.proto))
        return wait_for_others(w, p, piece, key, hash, f);
    frag_release(w->frags, f, w->now_ms);
    pkt_meta(p->m)->fragment = (struct pkt_fragment){ hash, f->new_id, f->sport_be, f->dport_be,
                                                      f->n_bytes };
    p->flags &= (uint8_t)~PKT_REDIRECTED;
    return go_on(w, p);
}

/* From its keeper, with what that knows. */
static enum verdict from_keeper(struct worker *w, struct pkt *p, uint32_t hash)
{
    enum verdict v;

    if (pkt_meta(p->m)->fragment.hash != hash)
        return V_DROP_FRAGMENT_LOST; /* from its receiver: the keeper is another one by now */
    if (!(p->flags & PKT_LATER)) {
        v = parse_first_fragment(p, w->core->conf.hash_key);
        if (v != V_CONTINUE)
            return v;
    }
    return go_on(w, p);
}

static enum verdict balanced_fragment(struct worker *w, struct pkt *p)
{
    const struct piece piece = piece_of(p);
    const union key key = frag_key(p, &piece);
    const uint32_t hash = tuple_hash(p->af, &key, w->core->conf.hash_key);
    const uint32_t keeper = w->group_worker[hash_group(hash)];

    if (!is_sound(&piece, p->key.proto))
        return V_DROP_FRAGMENT_BAD;
    if (!(p->flags & PKT_REDIRECTED) &&
        !bucket_take(&w->fragment, w->settings->fragment_pps, w->now_us))
        return V_DROP_FRAGMENT_RATE;
    if (piece.offset_bytes)
        p->flags |= PKT_LATER;
    if (keeper == w->id)
        return keep(w, p, &piece, &key, hash);
    return p->flags & PKT_REDIRECTED ? from_keeper(w, p, hash) : handover_to_worker(w, p, keeper);
}

/* ICMP is balanced where hosts inside have SNAT: what they ask, and what comes for WAN addresses.
 * An address of ours may be asked for echo. */
static bool may_be_query(const struct worker *w, const struct pkt *p, const struct target *to)
{
    const struct fib_addr *own;

    if (to->through || (to->laddr && w->lb->matches))
        return true;
    own = fib_addr_on(w->fib, p->dev, p->af, key_dst(p->af, &p->key).byte);
    return own && own->kind == CORE_ADDR_LOCAL;
}

enum verdict stage_fragment(struct worker *w, struct pkt *p)
{
    struct target to;

    if (likely(!(p->flags & PKT_FRAGMENT)) ||
        !proto_of((uint8_t)p->key.proto))
        return V_CONTINUE;
    to = target_of(w, p->af, &p->key);
    if (p->key.proto == icmp_proto(p->af) ? !may_be_query(w, p, &to) : !target_is_ours(&to))
        return V_CONTINUE;
    return balanced_fragment(w, p);
}

/* --- what waited ----------------------------------------------------------------------------- */

bool fragment_next(struct worker *w, struct pkt *p)
{
    struct rte_mbuf *m = frag_ready(w->frags);

    if (!m)
        return false;
    *p = (struct pkt){ .m = m, .dev = pkt_meta(m)->dev, .flags = PKT_REDIRECTED | PKT_WAITED };
    return true;
}

static bool is_ip6_frame(const struct rte_mbuf *m)
{
    return rte_pktmbuf_mtod(m, const struct eth_hdr *)->type_be == RTE_BE16(ETHERTYPE_IP6);
}

unsigned fragments_drop_expired(struct worker *w)
{
    unsigned n = 0;

    for (; n < FRAG_EXPIRE_BUDGET; n++) {
        struct rte_mbuf *m = frag_expired(w->frags, w->now_ms, w->settings->fragment_timeout_ms);

        if (!m)
            break;
        worker_count(w, V_DROP_FRAGMENT_LOST);
        w->stats.dropped++;
        w->ip6_counts[IP6_REASM_TIMEOUT] += is_ip6_frame(m);
        pkt_free(&w->core->env, m);
    }
    return n;
}
