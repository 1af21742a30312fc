/* proto_udp.c - UDP: one way until the server answers (F-120). */
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
    const uint8_t next = side == SIDE_SERVER || c->state == UDP_S_NORMAL ? UDP_S_NORMAL
                                                                         : UDP_S_ONEWAY;

    (void)p;
    if (likely(next == c->state))
        return;
    c->state = next;
    conn_set_timeout(w, c, c->service_timeout_ms ? c->service_timeout_ms
                                                 : w->settings->udp_timeout_s[next] * 1000);
}

static void udp_expire(struct worker *w, struct conn *c)
{
    (void)w;
    (void)c;
}

const struct proto_ops proto_udp = {
    .begins = udp_begins, .track = udp_track, .expire = udp_expire,
};
