/* proto_udp.c - UDP: one way until the server answers (F-120). */
#include "lb/conn_table.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "worker/worker.h"

static bool udp_begins(const struct pkt *p)
{
    (void)p;
    return true;
}

static void udp_track(struct worker *w, struct conn_side *in, const struct pkt *p)
{
    const bool both_ways = side_number(in) == SIDE_SERVER || in->state == UDP_S_NORMAL;
    const uint8_t next = both_ways ? UDP_S_NORMAL : UDP_S_ONEWAY;
    struct conn *c = side_conn(in);
    uint32_t timeout_ms;

    (void)p;
    if (likely(next == in->state))
        return;
    conn_set_state(c, next);
    timeout_ms = conn_rest(w->conns, c)->service_timeout_ms;
    conn_set_timeout(w, c, timeout_ms ? timeout_ms : w->settings->udp_timeout_s[next] * 1000);
}

static void udp_expire(struct worker *w, struct conn *c)
{
    (void)w;
    (void)c;
}

const struct proto_ops proto_udp = {
    .begins = udp_begins, .track = udp_track, .expire = udp_expire,
};
