/* lport_choice.h - which local address and port a new connection takes. */
#ifndef DPVS_LB_LPORT_CHOICE_H
#define DPVS_LB_LPORT_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

struct dest;
struct laddr;
struct service;
struct worker;

struct lport_choice {
    struct laddr *laddr;
    uint16_t port;              /* host order */
    uint8_t pool;
};

/* An active local address of the service and of the dest's family, tried from a place that the
 * flow's hash decides, with a port of the group that is free towards the dest, if possible one
 * whose answers arrive at this worker. False: none, and each address counted a miss. The port is
 * the caller's, to be given back with lport_give. */
bool lport_choose(struct worker *w, const struct service *s, const struct dest *d, uint8_t proto,
                  uint8_t group, uint32_t hash, struct lport_choice *out);
/* The same of one address. */
bool lport_choose_at(struct worker *w, struct laddr *l, const struct dest *d, uint8_t proto,
                     uint8_t group, struct lport_choice *out);

#endif
