/* proto_tcp.c - TCP as a balancer sees it: DPVS's state tables (F-070..F-072) and time-outs.
 *
 * One table a direction, and one for modes in which the client's packets alone pass. An input flag
 * has precedence rst > syn > fin > ack; without any the state stays (F-073). A pure SYN that reaches
 * a closing connection never gets here: it begins a new one (worker/fast.c). A SYN with an ACK that
 * reaches one is a late copy of its own handshake's and changes nothing; by DPVS's tables it would
 * be in SYN_SENT from then on, for three seconds of silence, while data still goes one way.
 */
#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "worker/worker.h"

enum input { IN_SYN, IN_SYN_ACK, IN_FIN, IN_ACK, IN_RST, IN_NONE, N_INPUTS };

#define NO TCP_S_NONE
#define ES TCP_S_ESTABLISHED
#define SS TCP_S_SYN_SENT
#define SR TCP_S_SYN_RECV
#define FW TCP_S_FIN_WAIT
#define TW TCP_S_TIME_WAIT
#define CL TCP_S_CLOSE
#define CW TCP_S_CLOSE_WAIT
#define LA TCP_S_LAST_ACK
#define LI TCP_S_LISTEN
#define SA TCP_S_SYNACK

enum { CLIENT_ALONE = SIDE_SERVER + 1, N_WAYS };

static const uint8_t next_state[N_WAYS][N_INPUTS][TCP_N_STATES] = {
    [SIDE_CLIENT] = {        /* NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
        [IN_SYN]  =           { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
        [IN_SYN_ACK] =        { SR, ES, ES, SR, FW, TW, CL, CW, LA, SR, SR },
        [IN_FIN]  =           { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
        [IN_ACK]  =           { CL, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
        [IN_RST]  =           { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
        [IN_NONE] =           { NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA },
    },
    [SIDE_SERVER] = {
        [IN_SYN]  =           { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
        [IN_SYN_ACK] =        { SS, ES, SS, SR, FW, TW, CL, CW, LA, LI, SR },
        [IN_FIN]  =           { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
        [IN_ACK]  =           { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
        [IN_RST]  =           { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
        [IN_NONE] =           { NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA },
    },
    [CLIENT_ALONE] = {
        [IN_SYN]  =           { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
        [IN_SYN_ACK] =        { SR, ES, ES, SR, FW, TW, CL, CW, LA, SR, SR },
        [IN_FIN]  =           { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
        [IN_ACK]  =           { CL, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
        [IN_RST]  =           { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
        [IN_NONE] =           { NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA },
    },
};

/* By the flags FIN, SYN, RST, PSH and ACK. */
static const uint8_t input_of[32] = {
#define IN_4(flags, input) [flags] = input, [(flags) + 8] = input, [(flags) + 16] = input, \
                           [(flags) + 24] = input
    [0] = IN_NONE, [TCP_PSH] = IN_NONE, [TCP_ACK] = IN_ACK, [TCP_PSH | TCP_ACK] = IN_ACK,
    [TCP_SYN] = IN_SYN, [TCP_SYN | TCP_PSH] = IN_SYN,
    [TCP_SYN | TCP_ACK] = IN_SYN_ACK, [TCP_SYN | TCP_ACK | TCP_PSH] = IN_SYN_ACK,
    IN_4(TCP_FIN, IN_FIN), IN_4(TCP_SYN | TCP_FIN, IN_SYN),
    IN_4(TCP_RST, IN_RST), IN_4(TCP_RST | TCP_FIN, IN_RST), IN_4(TCP_RST | TCP_SYN, IN_RST),
    IN_4(TCP_RST | TCP_SYN | TCP_FIN, IN_RST),
};
static_assert(TCP_FIN == 1 && TCP_SYN == 2 && TCP_RST == 4 && TCP_PSH == 8 && TCP_ACK == 16,
              "the flags are its index");

static bool tcp_begins(const struct pkt *p)
{
    return (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN;
}

static __rte_noinline void enter(struct worker *w, struct conn *c, uint8_t state)
{
    const uint32_t service_ms = conn_rest(w->conns, c)->service_timeout_ms;

    conn_set_state(c, state);
    conn_set_active(w, c, state == TCP_S_ESTABLISHED);
    conn_set_timeout(w, c, state == TCP_S_ESTABLISHED && service_ms
                               ? service_ms
                               : w->settings->tcp_timeout_s[state] * 1000);
}

static void tcp_track(struct worker *w, struct conn_side *in, const struct pkt *p)
{
    const unsigned way = fwd_table[in->fwd]->one_way ? CLIENT_ALONE : side_number(in);
    const uint8_t next = next_state[way][input_of[p->tcp_flags % 32]][in->state];

    if (unlikely(next != in->state))
        enter(w, side_conn(in), next);
}

/* An idle connection that both ends still believe in ends with a reset to each (F-055). */
static void tcp_expire(struct worker *w, struct conn *c)
{
    if (c->client.state == TCP_S_ESTABLISHED)
        conn_reset_both(w, c);
}

const struct proto_ops proto_tcp = {
    .begins = tcp_begins, .track = tcp_track, .expire = tcp_expire,
};
