/* command.c - the master's requests, carried out by the host thread in its next step.
 *
 * A ring of heap objects, one producer and one consumer; the host thread frees them (they are the
 * only heap memory it touches, and only at an operator's pace). The list of neighbours is read
 * beside the host thread, under each entry's sequence word.
 */
#include "host/command.h"

#include <stdlib.h>

#include "worker/check.h"
#include "host/link_up.h"
#include "host/neigh.h"
#include "host/protocol.h"
#include "net/fib.h"

enum { COMMAND_SLOTS = 1024, READ_TRIES = 100 };

enum command_kind {
    COMMAND_NEIGH_ADD, COMMAND_NEIGH_DEL, COMMAND_GARP, COMMAND_DEVICE, COMMAND_LINK_UP,
};

struct command {
    enum command_kind kind;
    uint16_t dev;
    uint8_t af;
    uint8_t addr[16];
    uint8_t mac[MAC_BYTES];
};

int command_create(struct host *host)
{
    const struct env_ops *ops = host->core->env.ops;

    host->commands = ops->zalloc((size_t)rte_ring_get_memsize(COMMAND_SLOTS));
    return host->commands ? rte_ring_init(host->commands, "commands", COMMAND_SLOTS,
                                          RING_F_SP_ENQ | RING_F_SC_DEQ)
                          : -ENOMEM;
}

void command_destroy(struct host *host)
{
    void *command;

    while (host->commands && !rte_ring_sc_dequeue(host->commands, &command))
        free(command);
    host->core->env.ops->free(host->commands);
}

/* --- the host thread's side ----------------------------------------------------------------- */

static void run_neigh_add(struct host *host, const struct command *c)
{
    neigh_add_static(host, c->dev, c->af, c->addr, c->mac);
}

static void run_neigh_del(struct host *host, const struct command *c)
{
    neigh_del(host, c->dev, c->af, c->addr);
}

static void run_garp(struct host *host, const struct command *c)
{
    protocol_of(c->af)->announce(host, c->dev, c->addr);
}

static void run_device(struct host *host, const struct command *c)
{
    neigh_device_changed(host, c->dev);
}

static void run_link_up(struct host *host, const struct command *c)
{
    link_up(host, c->dev);
}

static void (*const run[])(struct host *, const struct command *) = {
    [COMMAND_NEIGH_ADD] = run_neigh_add,
    [COMMAND_NEIGH_DEL] = run_neigh_del,
    [COMMAND_GARP] = run_garp,
    [COMMAND_DEVICE] = run_device,
    [COMMAND_LINK_UP] = run_link_up,
};

unsigned command_run(struct host *host)
{
    struct command *commands[BURST];
    const unsigned n = rte_ring_sc_dequeue_burst(host->commands, (void **)commands, BURST, NULL);

    for (unsigned i = 0; i < n; i++) {
        run[commands[i]->kind](host, commands[i]);
        free(commands[i]);
    }
    return n;
}

/* --- the master's side ---------------------------------------------------------------------- */

static int post(struct core *core, const struct command *command)
{
    struct command *copy = malloc(sizeof *copy);

    if (!copy)
        return -ENOMEM;
    *copy = *command;
    if (rte_ring_sp_enqueue(core->host->commands, copy)) {
        free(copy);
        return -EAGAIN;
    }
    core->io->wake_host(core);
    return 0;
}

static int check(const struct core *core, uint32_t dev, uint8_t af)
{
    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    return af == 4 || af == 6 ? 0 : -EAFNOSUPPORT;
}

int host_device_changed(struct core *core, uint16_t dev)
{
    return post(core, &(struct command){ .kind = COMMAND_DEVICE, .dev = dev });
}

int host_link_up(struct core *core, uint16_t dev)
{
    return post(core, &(struct command){ .kind = COMMAND_LINK_UP, .dev = dev });
}

int core_neigh_add(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr,
                   const uint8_t *mac)
{
    static const uint8_t no_mac[MAC_BYTES];
    struct command c = { .kind = COMMAND_NEIGH_ADD, .dev = (uint16_t)dev, .af = af };
    const int error = check(core, dev, af);

    if (error)
        return error;
    if ((mac[0] & 1) || !memcmp(mac, no_mac, MAC_BYTES))
        return -EINVAL;
    memcpy(c.addr, addr, 16);
    memcpy(c.mac, mac, MAC_BYTES);
    if (core->host->neighs.n_entries >= core->nexthops.n &&
        nexthop_find(&core->nexthops, c.dev, af, c.addr) == NH_NONE)
        return -ENOSPC;
    return post(core, &c);
}

int core_neigh_del(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr)
{
    struct command c = { .kind = COMMAND_NEIGH_DEL, .dev = (uint16_t)dev, .af = af };
    const int error = check(core, dev, af);

    if (error)
        return error;
    memcpy(c.addr, addr, 16);
    if (rte_ring_empty(core->host->commands) && /* else it may be one that is just being added */
        nexthop_find(&core->nexthops, c.dev, af, c.addr) == NH_NONE)
        return -ENOENT;
    return post(core, &c);
}

int core_garp(struct core *core, uint32_t dev, uint8_t af, const uint8_t *addr)
{
    struct command c = { .kind = COMMAND_GARP, .dev = (uint16_t)dev, .af = af };
    const struct fib_addr *ours;
    const int error = check(core, dev, af);

    if (error)
        return error;
    memcpy(c.addr, addr, 16);
    ours = fib_addr_on(core->fib, c.dev, af, c.addr);
    if (!ours || ours->kind != CORE_ADDR_LOCAL || ours->dev != dev || !fib_addr_is_usable(ours))
        return -EADDRNOTAVAIL;
    return post(core, &c);
}

/* A copy that no write crossed; false: the entry is free, or changes without end. */
static bool read_entry(const struct nexthop *from, struct nexthop *to)
{
    for (int i = 0; i < READ_TRIES; i++) {
        const uint32_t seq = __atomic_load_n(&from->seq, __ATOMIC_ACQUIRE);

        *to = *from;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!(seq & 1) && __atomic_load_n(&from->seq, __ATOMIC_RELAXED) == seq)
            return to->state != NH_FREE;
    }
    return false;
}

int core_neigh_list(struct core *core, uint32_t *cursor, struct core_neigh *out, uint32_t max)
{
    uint32_t id = *cursor ? *cursor : 1, n = 0;

    CHECK_MASTER(core);
    for (; id <= core->nexthops.n && n < max; id++) {
        const struct neigh *ne = &core->host->neighs.neigh[id];
        struct nexthop nh;

        if (!read_entry(&core->nexthops.entry[id], &nh))
            continue;
        out[n] = (struct core_neigh){ .af = nh.af, .dev = nh.dev, .state = ne->state,
                                      .is_static = ne->is_static,
                                      .has_mac = nh.state == NH_USABLE };
        memcpy(out[n].addr, nh.addr, 16);
        if (out[n].has_mac)
            memcpy(out[n].mac, nh.l2, MAC_BYTES);
        n++;
    }
    *cursor = id <= core->nexthops.n ? id : 0;
    return (int)n;
}
