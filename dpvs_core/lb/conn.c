/* conn.c - the tuples of a connection's sides, for what is not asked a packet. */
#include "lb/conn.h"

#include "base/csum.h"

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

void side_set_key(struct conn_side *s, const union key *key)
{
    s->sport_be = key->sport_be;
    s->dport_be = key->dport_be;
    if (side_af(s) == 6) {
        memcpy(side6(s)->src_be, key->v6.src_be, sizeof key->v6.src_be);
        memcpy(side6(s)->dst_be, key->v6.dst_be, sizeof key->v6.dst_be);
    } else {
        side4(s)->src_be = key->v4.src_be;
        side4(s)->dst_be = key->v4.dst_be;
    }
}

/* What a side's own new addresses change; its new ports are known. */
static void set_deltas(struct conn_side *in, uint64_t l3)
{
    in->l3_delta = csum_fold(l3);
    in->l4_delta = csum_fold(l3 + csum_delta16(in->sport_be, in->new_sport_be) +
                             csum_delta16(in->dport_be, in->new_dport_be));
}

static void join4(struct conn_side4 *in, const struct conn_side4 *out)
{
    in->new_src_be = out->dst_be;
    in->new_dst_be = out->src_be;
    set_deltas(&in->side, csum_delta32(in->src_be, in->new_src_be) +
                              csum_delta32(in->dst_be, in->new_dst_be));
}

static void join6(struct conn_side6 *in, const struct conn_side6 *out)
{
    uint64_t l3 = 0;

    memcpy(in->new_src_be, out->dst_be, sizeof in->new_src_be);
    memcpy(in->new_dst_be, out->src_be, sizeof in->new_dst_be);
    for (unsigned i = 0; i < 4; i++)
        l3 += csum_delta32(in->src_be[i], in->new_src_be[i]) +
              csum_delta32(in->dst_be[i], in->new_dst_be[i]);
    set_deltas(&in->side, l3);
}

void conn_join(struct conn *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct conn_side *in = conn_side(c, i);
        const struct conn_side *out = conn_side(c, 1 - i);

        in->new_sport_be = out->dport_be;
        in->new_dport_be = out->sport_be;
        if (side_af(in) == 6)
            join6(side6(in), side6(out));
        else
            join4(side4(in), side4(out));
    }
}
