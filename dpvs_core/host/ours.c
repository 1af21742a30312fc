/* ours.c - our addresses, MACs and links; a lookup in the fib each. */
#include "host/ours.h"

#include "host/conflict.h"

const struct fib_addr *ours_addr(const struct host *host, uint16_t dev, uint8_t af,
                                 const uint8_t addr[16])
{
    const struct fib_addr *a = fib_addr_on(host->fib, dev, af, addr);

    return a && a->kind == CORE_ADDR_LOCAL ? a : NULL;
}

bool ours_is_on_link(const struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    const struct fib_route *r;

    if (fib_is_link_local(af, addr))
        return true;            /* on every link, whatever the routes say */
    r = fib_route(host->fib, af, addr);
    return r && r->kind == CORE_ROUTE_LINK && r->dev == dev;
}

bool ours_is_mac(const struct core *core, const uint8_t mac[MAC_BYTES])
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++)
        if (!memcmp(core->device[dev].mac, mac, MAC_BYTES))
            return true;
    return false;
}

bool ours_claimed(struct host *host, uint16_t dev, const struct fib_addr *ours,
                  const uint8_t mac[MAC_BYTES], enum verdict v)
{
    if (ours->dev != dev || ours_is_mac(host->core, mac))
        return false;
    host_count(host, v);
    conflict_note(host->conflicts, dev, ours->af, ours->addr, mac, host->now_us);
    return true;
}

/* The address that the route names; NULL: none, or not (yet) to be used. */
static const struct fib_addr *route_source(const struct host *host, uint16_t dev, uint8_t af,
                                           const uint8_t target[16])
{
    const struct fib_route *route = fib_route(host->fib, af, target);
    const struct fib_addr *a;

    if (!route || route->dev != dev)
        return NULL;
    a = fib_addr_on(host->fib, dev, af, route->src);
    return a && fib_addr_is_usable(a) ? a : NULL;
}

const uint8_t *ours_source(const struct host *host, uint16_t dev, uint8_t af,
                           const uint8_t target[16])
{
    const struct fib_addr *a = route_source(host, dev, af, target);

    if (!a)
        a = fib_source(host->fib, af, dev, target);
    for (uint16_t other = 0; !a && other < host->core->n_devices; other++) {
        a = fib_source(host->fib, af, other, target);
        if (a && (fib_is_link_local(af, a->addr) || !ours_is_on_link(host, dev, af, a->addr)))
            a = NULL;           /* the neighbour could not answer there */
    }
    return a ? a->addr : NULL;
}
