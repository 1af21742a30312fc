/* conn_tuple.h - the tuples of a connection that is being made: the one time they are written.
 *
 * `af`, of both sides, is a constant at the callers: an IPv4 connection moves no IPv6 address.
 */
#ifndef DPVS_LB_CONN_TUPLE_H
#define DPVS_LB_CONN_TUPLE_H

#include "base/csum.h"
#include "lb/conn_table.h"

static __rte_always_inline struct conn_side *conn_server(struct conn *c, uint8_t af)
{
    return (struct conn_side *)((uintptr_t)c + (af == 6 ? 2 : 1) * RTE_CACHE_LINE_SIZE);
}

/* What arrives from the side. */
static __rte_always_inline void side_set_addrs(struct conn_side *s, uint8_t af, const void *src,
                                               const void *dst)
{
    if (af == 4) {
        memcpy(&side4(s)->src_be, src, sizeof side4(s)->src_be);
        memcpy(&side4(s)->dst_be, dst, sizeof side4(s)->dst_be);
    } else {
        memcpy(side6(s)->src_be, src, sizeof side6(s)->src_be);
        memcpy(side6(s)->dst_be, dst, sizeof side6(s)->dst_be);
    }
}

static __rte_always_inline void side_set_key(struct conn_side *s, uint8_t af, const union key *key)
{
    s->sport_be = key->sport_be;
    s->dport_be = key->dport_be;
    if (af == 4)
        side_set_addrs(s, 4, &key->v4.src_be, &key->v4.dst_be);
    else
        side_set_addrs(s, 6, key->v6.src_be, key->v6.dst_be);
}

/* The table's hash of what arrives from the side. */
static __rte_always_inline uint32_t side_hash(const struct conn_side *s, uint8_t af, uint32_t seed)
{
    if (af == 4) {
        const struct key4 key = { side4(s)->src_be, side4(s)->dst_be, s->sport_be, s->dport_be,
                                  s->proto };

        return hash_16(&key, seed);
    } else {
        struct key6 key = { .sport_be = s->sport_be, .dport_be = s->dport_be, .proto = s->proto };

        memcpy(key.src_be, side6(s)->src_be, sizeof key.src_be);
        memcpy(key.dst_be, side6(s)->dst_be, sizeof key.dst_be);
        return hash_40(&key, seed);
    }
}

/* What leaves towards the other side: what arrives from there, turned round. The sum of what that
 * changes in the addresses. */
static __rte_always_inline uint64_t side_join(struct conn_side *in, uint8_t af,
                                              const struct conn_side *out)
{
    uint64_t changed = 0;

    in->new_sport_be = out->dport_be;
    in->new_dport_be = out->sport_be;
    if (af == 4) {
        struct conn_side4 *in4 = side4(in);

        in4->new_src_be = side4(out)->dst_be;
        in4->new_dst_be = side4(out)->src_be;
        return csum_delta32(in4->src_be, in4->new_src_be) +
               csum_delta32(in4->dst_be, in4->new_dst_be);
    }
    memcpy(side6(in)->new_src_be, side6(out)->dst_be, sizeof side6(in)->new_src_be);
    memcpy(side6(in)->new_dst_be, side6(out)->src_be, sizeof side6(in)->new_dst_be);
    for (unsigned i = 0; i < 4; i++)
        changed += csum_delta32(side6(in)->src_be[i], side6(in)->new_src_be[i]) +
                   csum_delta32(side6(in)->dst_be[i], side6(in)->new_dst_be[i]);
    return changed;
}

/* Both tuples are known: what arrives from a side leaves with the other's turned round. The way
 * back takes away what the way there adds. */
static __rte_always_inline void conn_join(struct conn *c, uint8_t af)
{
    struct conn_side *client = &c->client, *server = conn_server(c, af);
    const uint64_t l3 = side_join(client, af, server);

    side_join(server, af, client);
    client->l3_delta = csum_fold(l3);
    client->l4_delta = csum_fold(l3 + csum_delta16(client->sport_be, client->new_sport_be) +
                                 csum_delta16(client->dport_be, client->new_dport_be));
    server->l3_delta = csum_negative(client->l3_delta);
    server->l4_delta = csum_negative(client->l4_delta);
}

/* The same for any pair of families (conn.c): tuples of either side as they arrive, their ports,
 * hashes and protocol; both sides' new tuples and deltas. For modes other than FULLNAT within a
 * family, which cannot afford to ask. */
void conn_set_tuples(const struct conn_table *t, struct conn *c, const union key *client,
                     const union key *server);

/* Where a side has its new addresses, of family af, whatever its own. */
static inline void *side_new_src(struct conn_side *s, uint8_t af)
{
    return af == 6 ? (void *)side6(s)->new_src_be : (void *)&side4(s)->new_src_be;
}

static inline void *side_new_dst(struct conn_side *s, uint8_t af)
{
    return af == 6 ? (void *)side6(s)->new_dst_be : (void *)&side4(s)->new_dst_be;
}

#endif
