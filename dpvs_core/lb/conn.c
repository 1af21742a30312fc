/* conn.c - the tuples of a connection's sides, for what is not asked a packet. */
#include "lb/conn.h"

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
