/* proto_sctp.c - SCTP as a balancer sees it (F-130): an association by the chunks that pass.
 *
 * States have LVS's names: what a server has sent or received. A row of the table is a chunk, from
 * whom, and the state it leads to from which; the first row that fits counts, none changes nothing.
 * All chunks of a packet are looked at, because SHUTDOWN and ABORT may come behind others. Where
 * answers go another way, the client's chunks alone tell. The way through the states is RFC 9260's
 * (4, 5.1, 9.2); the tags that both ends expect are remembered for the ABORT that ends an idle
 * association. Further addresses that the ends tell each other (multi-homing) are not followed.
 */
#include "lb/conn_table.h"
#include "lb/fwd.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "pkt/sctp.h"
#include "worker/reply.h"
#include "worker/worker.h"

static_assert(SCTP_N_STATES == sizeof((struct core_settings){ 0 }.sctp_timeout_s) / 4, "one each");

/* Whose packets. */
enum { CLIENT = 1 << SIDE_CLIENT, SERVER = 1 << SIDE_SERVER, ALONE = 1 << (SIDE_SERVER + 1) };

#define IN(state) (1u << SCTP_S_##state)
enum {
    OPENING = IN(INIT1) | IN(INIT) | IN(COOKIE_SENT) | IN(COOKIE_REPLIED),
    OPENING_BY_SERVER = IN(COOKIE_WAIT) | IN(COOKIE) | IN(COOKIE_ECHOED),
    OVER = IN(REJECTED) | IN(CLOSED),
    CLOSING = IN(SHUTDOWN_SENT) | IN(SHUTDOWN_RECEIVED) | IN(SHUTDOWN_ACK_SENT),
    ANY = (1u << SCTP_N_STATES) - 1,
};

struct step {
    uint8_t who, chunk, to;
    uint16_t from;              /* states, a bit each */
};

static const struct step steps[] = {
    { CLIENT | ALONE, SCTP_INIT, SCTP_S_INIT1, IN(NONE) },
    { CLIENT | ALONE, SCTP_INIT, SCTP_S_INIT, OPENING | OVER },
    { SERVER, SCTP_INIT_ACK, SCTP_S_COOKIE_SENT, IN(INIT1) | IN(INIT) },
    { CLIENT, SCTP_COOKIE_ECHO, SCTP_S_COOKIE_REPLIED, OPENING },
    { SERVER, SCTP_COOKIE_ACK, SCTP_S_ESTABLISHED, OPENING },
    { SERVER, SCTP_DATA, SCTP_S_ESTABLISHED, IN(COOKIE_REPLIED) },
    { SERVER, SCTP_SACK, SCTP_S_ESTABLISHED, IN(COOKIE_REPLIED) },
    { SERVER, SCTP_ERROR, SCTP_S_CLOSED, IN(COOKIE_REPLIED) }, /* stale cookie */
    { ALONE, SCTP_COOKIE_ECHO, SCTP_S_ESTABLISHED, OPENING },
    { ALONE, SCTP_DATA, SCTP_S_ESTABLISHED, OPENING },
    { ALONE, SCTP_SACK, SCTP_S_ESTABLISHED, OPENING },
    /* the server opens, or both at once (5.2.1) */
    { SERVER, SCTP_INIT, SCTP_S_COOKIE_WAIT, IN(NONE) | OPENING | OVER },
    { CLIENT, SCTP_INIT_ACK, SCTP_S_COOKIE, IN(COOKIE_WAIT) },
    { SERVER, SCTP_COOKIE_ECHO, SCTP_S_COOKIE_ECHOED, IN(COOKIE_WAIT) | IN(COOKIE) },
    { CLIENT, SCTP_COOKIE_ACK, SCTP_S_ESTABLISHED, OPENING_BY_SERVER },
    { CLIENT, SCTP_ERROR, SCTP_S_CLOSED, IN(COOKIE_ECHOED) },
    /* the end */
    { CLIENT | ALONE, SCTP_SHUTDOWN, SCTP_S_SHUTDOWN_RECEIVED, IN(ESTABLISHED) },
    { SERVER, SCTP_SHUTDOWN, SCTP_S_SHUTDOWN_SENT, IN(ESTABLISHED) },
    { SERVER, SCTP_SHUTDOWN_ACK, SCTP_S_SHUTDOWN_ACK_SENT, IN(ESTABLISHED) | CLOSING },
    { CLIENT | ALONE, SCTP_SHUTDOWN_ACK, SCTP_S_CLOSED, IN(ESTABLISHED) | CLOSING },
    { CLIENT | SERVER | ALONE, SCTP_SHUTDOWN_COMPLETE, SCTP_S_CLOSED, CLOSING },
    { SERVER, SCTP_ABORT, SCTP_S_REJECTED, OPENING | IN(REJECTED) },
    { CLIENT | SERVER | ALONE, SCTP_ABORT, SCTP_S_CLOSED, ANY },
};

static uint8_t state_after(uint8_t state, uint8_t who, uint8_t chunk)
{
    for (unsigned i = 0; i < RTE_DIM(steps); i++)
        if ((steps[i].who & who) && steps[i].chunk == chunk && (steps[i].from & 1u << state))
            return steps[i].to;
    return state;
}

/* INIT stands alone, and nobody has told a tag yet (8.5.1). */
static bool sctp_begins(const struct pkt *p)
{
    const struct sctp_chunk_hdr *first = sctp_first(p);

    return first->type == SCTP_INIT && !pkt_sctp(p)->tag_be && !sctp_next(p, first);
}

static void enter(struct worker *w, struct conn *c, uint8_t state)
{
    const uint32_t service_ms = conn_rest(w->conns, c)->service_timeout_ms;

    conn_set_state(c, state);
    conn_set_active(w, c, state == SCTP_S_ESTABLISHED);
    conn_set_timeout(w, c, state == SCTP_S_ESTABLISHED && service_ms
                               ? service_ms
                               : w->settings->sctp_timeout_s[state] * 1000);
}

/* Not of ABORT and SHUTDOWN COMPLETE, whose tag may be the sender's own. */
static void remember_tag(struct conn_side *in, const struct pkt *p)
{
    struct conn_side *server = conn_side(side_conn(in), SIDE_SERVER);
    const uint8_t first = sctp_first(p)->type;

    if (first == SCTP_INIT || first == SCTP_ABORT || first == SCTP_SHUTDOWN_COMPLETE)
        return;
    if (side_number(in) == SIDE_CLIENT)
        server->server_tag_be = pkt_sctp(p)->tag_be;
    else
        server->client_tag_be = pkt_sctp(p)->tag_be;
}

static void sctp_track(struct worker *w, struct conn_side *in, const struct pkt *p)
{
    const uint8_t who = fwd_table[in->fwd]->one_way ? ALONE : (uint8_t)(1 << side_number(in));
    const struct sctp_chunk_hdr *chunk = sctp_first(p);
    uint8_t state = in->state;

    for (unsigned n = 0; chunk && n < SCTP_MAX_CHUNKS; n++, chunk = sctp_next(p, chunk))
        state = state_after(state, who, chunk->type);
    remember_tag(in, p);
    if (state != in->state)
        enter(w, side_conn(in), state);
}

/* As with TCP, both ends that still believe in an idle association are told. */
static void sctp_expire(struct worker *w, struct conn *c)
{
    if (c->client.state == SCTP_S_ESTABLISHED)
        conn_abort_both(w, c);
}

const struct proto_ops proto_sctp = {
    .begins = sctp_begins, .track = sctp_track, .expire = sctp_expire,
};
