/* oracle_state.h - states and time-outs of flows (DPVS's tables), written as the feature list has
 * them. */
#ifndef SOAK_ORACLE_STATE_H
#define SOAK_ORACLE_STATE_H

#include "oracle_flow.h"

enum { STATE_NONE, TCP_ESTABLISHED = 1, UDP_NORMAL = 2 };

/* The state after a packet from `side`. */
uint8_t state_after(uint8_t proto, uint8_t state, unsigned side, uint8_t tcp_flags);
/* May a pure SYN of the client begin another connection here? */
bool state_is_closing(uint8_t state);
uint32_t state_timeout_ms(const struct scene *s, unsigned service, uint8_t state);

#endif
