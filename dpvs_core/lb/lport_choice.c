/* lport_choice.c - a local address and port for a new connection. */
#include "lb/lport_choice.h"

#include <string.h>

#include "base/hash.h"
#include "lb/laddr_list.h"
#include "lb/lport.h"
#include "lb/lport_return.h"
#include "lb/service.h"
#include "worker/worker.h"

enum { MAX_SERVICE_PORTS = 8 };

static bool is_service(const struct worker *w, const struct laddr *l, uint8_t proto, uint16_t port)
{
    struct core_service_key key = { .af = l->af, .proto = proto, .port = port };

    memcpy(key.addr, l->addr, 16);
    return lb_find_at(w->lb, &key, l->addr_hash) != NULL;
}

static struct lport_wish wish_of(const struct worker *w, const struct laddr *l,
                                 const struct dest *d, uint8_t group)
{
    return unlikely(w->core->lport_return != NULL) ? lport_return_wish(w, l, d, group)
                                                   : (struct lport_wish){ 0 };
}

/* A port that is no service of the same address: its packets would be taken for clients'. */
static uint16_t free_port(const struct worker *w, struct laddr *l, uint8_t proto, uint8_t group,
                          uint32_t pool, struct lport_wish wish)
{
    const bool has_services = lb_vip_at(w->lb, l->af, l->addr, l->addr_hash) != NULL;

    for (unsigned tries = 0; tries < MAX_SERVICE_PORTS; tries++) {
        const uint16_t port = lport_take(l, group, pool, wish);

        if (likely(!has_services) || !port || !is_service(w, l, proto, port))
            return port;
        lport_give(l, pool, port);
    }
    return 0;
}

static inline bool choose_at(struct worker *w, struct laddr *l, const struct dest *d,
                             uint8_t proto, uint8_t group, struct lport_choice *out)
{
    if (l->af != d->af || !laddr_is_active(l))
        return false;
    out->laddr = l;
    out->pool = d->lport_pool;
    out->port = free_port(w, l, proto, group, d->lport_pool, wish_of(w, l, d, group));
    return likely(out->port);
}

bool lport_choose_at(struct worker *w, struct laddr *l, const struct dest *d, uint8_t proto,
                     uint8_t group, struct lport_choice *out)
{
    return choose_at(w, l, d, proto, group, out);
}

bool lport_choose(struct worker *w, const struct service *s, const struct dest *d, uint8_t proto,
                  uint8_t group, uint32_t hash, struct lport_choice *out)
{
    const uint32_t n = s->n_laddrs;
    uint32_t at = (uint32_t)((uint64_t)hash_mix(hash + 1) * n >> 32);

    for (uint32_t i = 0; i < n; i++, at = at + 1 < n ? at + 1 : 0)
        if (choose_at(w, s->laddrs->laddr[at], d, proto, group, out))
            return true;
    return false;
}
