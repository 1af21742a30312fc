/* oracle_state.c - the tables as text: a row an input, a column a state, two letters the next. */
#include "oracle_state.h"

#include <string.h>

#include "pkt/headers.h"

static const char columns[] = "NO ES SS SR FW TW CL CW LA LI SA ";

static const struct {
    uint8_t flag;
    const char *next[2];        /* from the client, from the server */
} inputs[] = {                  /* the first flag that is set decides */
    { TCP_RST, { "CL CL CL SR CL CL CL CL LA LI SR ", "CL CL SS CL CL TW CL CL CL CL CL " } },
    { TCP_SYN, { "SR ES ES SR SR SR SR SR SR SR SR ", "SS ES SS SR SS SS SS SS SS LI SR " } },
    { TCP_FIN, { "CL CW SS TW TW TW CL CW LA LI TW ", "TW FW SS TW FW TW CL TW LA LI TW " } },
    { TCP_ACK, { "CL ES SS ES FW TW CL CW CL LI ES ", "ES ES SS ES FW TW CL CW LA ES ES " } },
};

static uint8_t state_named(const char *name)
{
    for (uint8_t i = 0; i < N_TCP_STATES; i++)
        if (!memcmp(columns + 3 * i, name, 2))
            return i;
    return STATE_NONE;          /* no such word in the tables */
}

bool state_is_closing(uint8_t state)
{
    const char *name = columns + 3 * state;

    return !memcmp(name, "FW", 2) || !memcmp(name, "TW", 2) || !memcmp(name, "CL", 2) ||
           !memcmp(name, "CW", 2) || !memcmp(name, "LA", 2);
}

/* A late copy of the handshake's SYN-ACK. */
static bool is_of_the_past(uint8_t state, uint8_t tcp_flags)
{
    return (tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == (TCP_SYN | TCP_ACK) &&
           state_is_closing(state);
}

uint8_t state_after(uint8_t proto, uint8_t state, unsigned side, uint8_t tcp_flags)
{
    if (proto == PROTO_UDP)     /* one way until the server answers, both ways from then on */
        return side == FROM_SERVER ? UDP_NORMAL : state == UDP_NORMAL ? UDP_NORMAL : 1;
    if (is_of_the_past(state, tcp_flags))
        return state;
    for (unsigned i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (tcp_flags & inputs[i].flag)
            return state_named(inputs[i].next[side] + 3 * state);
    return state;
}

uint32_t state_timeout_ms(const struct scene *s, unsigned service, uint8_t state)
{
    const struct scene_service *of = &s->service[service];
    const bool is_udp = of->proto == PROTO_UDP;

    if (of->timeout_s && (is_udp || state == TCP_ESTABLISHED))
        return of->timeout_s * 1000;
    return (is_udp ? s->udp_timeout_s : s->tcp_timeout_s)[state] * 1000;
}
