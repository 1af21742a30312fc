/* link_up.c - announcements after a link came up, and who notices it. */
#include "host/link_up.h"

#include "host/command.h"
#include "host/dad.h"
#include "host/host.h"
#include "host/mld.h"
#include "host/neigh.h"
#include "host/protocol.h"
#include "net/fib.h"

void link_up(struct host *host, uint16_t dev)
{
    host->announce[dev] = (struct announce){ .is_active = 1 };
    dad_restart(host, dev);
    mld_tell_again(host, dev);
    neigh_link_up(host, dev);
}

/* IPv6's without NODAD announce themselves when they are verified (dad.c). */
static bool is_to_announce(const struct fib_addr *a, uint16_t dev)
{
    return a->dev == dev && a->af == 4 && a->kind == CORE_ADDR_LOCAL &&
           !(a->flags & CORE_ADDR_NODAD);
}

/* From where the last turn stopped; the addresses may be others by now, and are all seen once more
 * then. */
static unsigned announce_some(struct host *host, uint16_t dev, unsigned budget)
{
    struct announce *left = &host->announce[dev];
    unsigned n = 0;

    if (left->fib_epoch != fib_epoch(host->fib))
        *left = (struct announce){ .is_active = 1, .fib_epoch = fib_epoch(host->fib) };
    for (; n < budget && left->next < fib_n_addrs(host->fib); left->next++) {
        const struct fib_addr *a = fib_addr_at(host->fib, left->next);

        if (is_to_announce(a, dev)) {
            protocol_of(a->af)->announce(host, dev, a->addr);
            n++;
        }
    }
    left->is_active = left->next < fib_n_addrs(host->fib);
    return n;
}

unsigned link_up_step(struct host *host)
{
    unsigned n = 0;

    for (uint16_t dev = 0; n < BURST && dev < host->core->n_devices; dev++)
        if (host->announce[dev].is_active)
            n += announce_some(host, dev, BURST - n);
    return n;
}

/* --- the master's side ---------------------------------------------------------------------- */

void host_watch_links(struct core *core)
{
    for (uint16_t dev = 0; dev < core->n_devices; dev++) {
        struct device *d = &core->device[dev];
        const enum link_seen now = core->io->link_is_up(core, dev) ? LINK_UP : LINK_DOWN;

        if (d->link_seen == LINK_DOWN && now == LINK_UP && host_link_up(core, dev))
            continue;           /* too many commands wait: noticed the next time */
        d->link_seen = (uint8_t)now;
    }
}
