/* tunnel_source.c - the outer source address: the route's preferred one, else one of its device.
 *
 * Not a VIP if there is another: the real server has the VIP itself, and drops what comes from its
 * own address. Nor a local address of FULLNAT, if there is another. Asked once a connection and
 * publication of routes; O(1) where the device's own address was configured first, else O(n) in
 * the addresses.
 */
#include "lb/tunnel_source.h"

#include "lb/service.h"
#include "net/fib.h"
#include "worker/worker.h"

static bool is_set(const uint8_t addr[16])
{
    static const uint8_t unset[16];

    return memcmp(addr, unset, sizeof unset);
}

static bool is_of_one_link(const struct fib_addr *a)
{
    return a->af == 6 && a->addr[0] == 0xfe && (a->addr[1] & 0xc0) == 0x80;
}

static bool is_vip(const struct worker *w, const struct fib_addr *a)
{
    return lb_vip(w->lb, a->af, a->addr);
}

/* An address that is there for nothing but being the device's own. */
static const struct fib_addr *own_address(const struct worker *w, uint8_t af, uint16_t dev)
{
    const struct fib_addr *a = NULL;

    while ((a = fib_addr_after(w->fib, a)))
        if (a->af == af && a->dev == dev && a->kind == CORE_ADDR_LOCAL &&
            a->laddr_id == CORE_NO_ID && !(a->flags & CORE_ADDR_DEPRECATED) &&
            fib_addr_is_usable(a) && !is_of_one_link(a) &&
            !is_vip(w, a))
            break;
    return a;
}

bool tunnel_source(const struct worker *w, uint8_t af, struct addr16 server, struct addr16 *source)
{
    const struct fib_route *route = fib_route(w->fib, af, server.byte);
    const struct fib_addr *a;

    if (!route)
        return false;
    if (is_set(route->src)) {
        *source = addr6(route->src);
        return true;
    }
    a = own_address(w, af, route->dev);
    if (!a)
        a = fib_source(w->fib, af, route->dev, server.byte);
    if (!a)
        return false;
    *source = addr6(a->addr);
    return true;
}
