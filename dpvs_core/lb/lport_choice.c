/* lport_choice.c - a local address and port for a new connection. */
#include "lb/lport_choice.h"

#include <string.h>

#include "base/hash.h"
#include "lb/lport.h"
#include "lb/lport_return.h"
#include "lb/service.h"
#include "worker/worker.h"

enum { MAX_SERVICE_PORTS = 8 };

/* A port that is no service of the same address: its packets would be taken for clients'. */
static uint16_t free_port(const struct worker *w, struct laddr *l, uint8_t proto, uint8_t group,
                          uint32_t pool, struct lport_wish wish)
{
    struct core_service_key key = { .af = l->af, .proto = proto };

    memcpy(key.addr, l->addr, 16);
    for (unsigned tries = 0; tries < MAX_SERVICE_PORTS; tries++) {
        key.port = lport_take(l, group, pool, wish);
        if (!key.port || !lb_find(w->lb, &key))
            return key.port;
        lport_give(l, pool, key.port);
    }
    return 0;
}

bool lport_choose(struct worker *w, const struct service *s, const struct dest *d, uint8_t proto,
                  uint8_t group, uint32_t hash, struct lport_choice *out)
{
    const uint32_t start = hash_mix(hash + 1);
    const uint32_t pool = hash_16(d->addr, d->port_be) % w->core->conf.lport_pools;

    for (uint32_t i = 0; i < s->n_laddrs; i++) {
        struct laddr *l = s->laddr[(start + i) % s->n_laddrs];

        if (l->af != d->af || !laddr_is_active(l))
            continue;
        out->laddr = l;
        out->pool = (uint8_t)pool;
        out->port = free_port(w, l, proto, group, pool, lport_return_wish(w, l, d, group));
        if (out->port)
            return true;
    }
    return false;
}
