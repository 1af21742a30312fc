/* tunnel_source.h - from which address tunnelled packets are sent. */
#ifndef DPVS_LB_TUNNEL_SOURCE_H
#define DPVS_LB_TUNNEL_SOURCE_H

#include <stdbool.h>

#include "base/addr.h"

struct worker;

/* The outer source of packets to a real server; false: there is none. */
bool tunnel_source(const struct worker *w, uint8_t af, struct addr16 server, struct addr16 *source);

#endif
