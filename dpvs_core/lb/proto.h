/* proto.h - what a transport protocol does to a connection: one row each. */
#ifndef DPVS_LB_PROTO_H
#define DPVS_LB_PROTO_H

#include <stdbool.h>

#include "lb/conn.h"

struct worker;

/* By protocol; the numbers of control/conn_states.py. */
enum tcp_state {
    TCP_S_NONE, TCP_S_ESTABLISHED, TCP_S_SYN_SENT, TCP_S_SYN_RECV, TCP_S_FIN_WAIT, TCP_S_TIME_WAIT,
    TCP_S_CLOSE, TCP_S_CLOSE_WAIT, TCP_S_LAST_ACK, TCP_S_LISTEN, TCP_S_SYNACK, TCP_N_STATES,
};
enum sctp_state {
    SCTP_S_NONE, SCTP_S_INIT1, SCTP_S_INIT, SCTP_S_COOKIE_SENT, SCTP_S_COOKIE_REPLIED,
    SCTP_S_COOKIE_WAIT, SCTP_S_COOKIE, SCTP_S_COOKIE_ECHOED, SCTP_S_ESTABLISHED,
    SCTP_S_SHUTDOWN_SENT, SCTP_S_SHUTDOWN_RECEIVED, SCTP_S_SHUTDOWN_ACK_SENT, SCTP_S_REJECTED,
    SCTP_S_CLOSED, SCTP_N_STATES,
};
enum udp_state { UDP_S_NONE, UDP_S_ONEWAY, UDP_S_NORMAL, UDP_N_STATES };

struct proto_ops {
    /* May this packet, which belongs to no connection, begin one? */
    bool (*begins)(const struct pkt *p);
    /* Follow a packet that arrived from the side: state, time-out, active or inactive. */
    void (*track)(struct worker *w, struct conn_side *in, const struct pkt *p);
    /* Its time is over, before it is freed. */
    void (*expire)(struct worker *w, struct conn *c);
};

extern const struct proto_ops proto_tcp, proto_udp, proto_sctp, proto_icmp;

/* What the tables say of most packets: nothing changes, `track` need not be asked. */
static inline bool proto_is_steady(const struct conn_side *in, const struct pkt *p)
{
    if (in->proto == PROTO_UDP)
        return in->state == UDP_S_NORMAL ||
               (in->state == UDP_S_ONEWAY && side_number(in) == SIDE_CLIENT);
    return in->state == TCP_S_ESTABLISHED &&
           (p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

static inline const struct proto_ops *proto_of(uint8_t proto)
{
    if (proto == PROTO_TCP)
        return &proto_tcp;
    if (proto == PROTO_UDP)
        return &proto_udp;
    if (proto == PROTO_SCTP)
        return &proto_sctp;
    return proto == PROTO_ICMP || proto == PROTO_ICMP6 ? &proto_icmp : NULL;
}

/* Packets with this tuple may belong to connections. */
static inline bool proto_has_tuple(const union key *key)
{
    if (key->proto == PROTO_TCP || key->proto == PROTO_UDP || key->proto == PROTO_SCTP)
        return true;
    return (key->sport_be | key->dport_be) && proto_of((uint8_t)key->proto);
}

#endif
