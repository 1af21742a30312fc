/* conn.c - the tuples of a connection's sides, for what is not asked a packet. */
#include "lb/conn.h"

#include "lb/conn_tuple.h"

union key side_key(const struct conn_side *s)
{
    union key key = { .v6 = { .sport_be = s->sport_be, .dport_be = s->dport_be,
                              .proto = s->proto } };

    if (side_af(s) == 6) {
        memcpy(key.v6.src_be, side6(s)->src_be, sizeof key.v6.src_be);
        memcpy(key.v6.dst_be, side6(s)->dst_be, sizeof key.v6.dst_be);
    } else {
        key.v4.src_be = side4(s)->src_be;
        key.v4.dst_be = side4(s)->dst_be;
    }
    return key;
}

union key side_reverse_key(const struct conn_side *s)
{
    const union key key = side_key(s);
    const uint8_t af = side_af(s);
    union key reverse = key_of(af, key_dst(af, &key), key_src(af, &key));

    reverse.sport_be = key.dport_be;
    reverse.dport_be = key.sport_be;
    reverse.proto = key.proto;
    return reverse;
}

static uint64_t addrs_sum(uint8_t af, const union key *key)
{
    return af == 4 ? csum_words(&key->v4.src_be, 8, 0) : csum_words(key->v6.src_be, 32, 0);
}

/* What arrives from `in` leaves as what arrives from `out`, turned round. IPv4 that becomes IPv6
 * takes its addresses from there (conn.h). */
static void join(struct conn_side *in, const struct conn_side *out)
{
    const uint8_t af = side_af(out), n_bytes = af == 4 ? 4 : 16;
    const union key was = side_key(in), now = side_reverse_key(out);
    const uint64_t l3 = csum_delta16(csum_fold(addrs_sum(side_af(in), &was)),
                                     csum_fold(addrs_sum(af, &now)));

    if (af == 4 || side_af(in) == 6) {
        memcpy(side_new_src(in, af), af == 4 ? &now.v4.src_be : now.v6.src_be, n_bytes);
        memcpy(side_new_dst(in, af), af == 4 ? &now.v4.dst_be : now.v6.dst_be, n_bytes);
    }
    in->new_sport_be = now.sport_be;
    in->new_dport_be = now.dport_be;
    if (af == 4 && side_af(in) == 6)
        in->addrs_sum = rte_be_to_cpu_16(csum_fold(addrs_sum(4, &now)));
    else
        in->l3_delta = csum_fold(l3);
    in->l4_delta = csum_fold(l3 + csum_delta16(was.sport_be, now.sport_be) +
                             csum_delta16(was.dport_be, now.dport_be));
}

void conn_set_tuples(const struct conn_table *t, struct conn *c, const union key *client,
                     const union key *server)
{
    struct conn_side *client_side = &c->client, *server_side = conn_side(c, SIDE_SERVER);

    side_set_key(client_side, side_af(client_side), client);
    side_set_key(server_side, side_af(server_side), server);
    c->client.hash[SIDE_CLIENT] = tuple_hash(side_af(client_side), client, t->seed);
    c->client.hash[SIDE_SERVER] = tuple_hash(side_af(server_side), server, t->seed);
    conn_table_fetch(t, c);
    join(client_side, server_side);
    join(server_side, client_side);
}
