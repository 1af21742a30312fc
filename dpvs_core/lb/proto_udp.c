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

static void udp_track(struct worker *w, struct conn *c, unsigned side, const struct pkt *p)
{
    const uint8_t state = c->side[side].state;
    const uint8_t next = side == SIDE_SERVER || state == UDP_S_NORMAL ? UDP_S_NORMAL : UDP_S_ONEWAY;
    uint32_t timeout_ms;

    (void)p;
    if (likely(next == state))
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
