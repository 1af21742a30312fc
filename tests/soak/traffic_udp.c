/* traffic_udp.c - a client asks, a server answers or not; then another socket, or none for long. */
#include "traffic_end.h"

enum { ANSWER_PCT = 45, ROW_PCT = 10 };

static void datagram(struct visit *v, unsigned from)
{
    struct segment s = segment_from(v, from);
    /* Where a first packet goes is not known: it must fit any server's route. */
    const unsigned l3_max = from == CLIENT_END ? FAR_MTU : LINK_MTU;

    s.n_payload = payload_bytes(v, l3_max, IP4_HDR_BYTES + s.n_ip_options + UDP_HDR_BYTES);
    segment_send(v, &s, from);
}

void udp_visit(struct visit *v)
{
    const unsigned from = v->end->phase != PHASE_NEW && random_pct(v->random, ANSWER_PCT)
                              ? SERVER_END : CLIENT_END;
    const unsigned n = random_pct(v->random, ROW_PCT) ? 1 + random_below(v->random, 3) : 1;

    for (unsigned i = 0; i < n; i++)
        datagram(v, from);
    if (v->end->phase != PHASE_NEW && random_pct(v->random, v->scene->leave_pct))
        v->end->phase = PHASE_NEW;
}
