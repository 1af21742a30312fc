/* director.c - the core that is measured. */
#include "director.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "lb/conn_table.h"
#include "lb/proto.h"
#include "pkt/headers.h"
#include "pkt/verdict.h"
#include "worker/worker.h"

enum {
    LPORT_POOLS = 16, PORTS_A_POOL = 64512, LONG_TIMEOUT_S = 600, HASH_KEY = 0x5eed,
    N_PACKETS = 1023, MAX_LADDRS = 4096,
    EXPIRE_STEP_US = 1000 << WHEEL_SHIFT_MS,
    EXPIRE_STEPS = 3 * LONG_TIMEOUT_S * 1000 >> WHEEL_SHIFT_MS,
};

static const uint8_t gateway_mac[6] = { 2, 0xaa, 0, 0, 0, 1 };

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "director: %s: %s\n", what, why);
    return -1;
}

static int add_devices(struct director *d, const struct bench *b)
{
    char err[CORE_ERR_BYTES];

    for (uint32_t dev = 0; dev < WIRE_PORTS; dev++) {
        struct core_device_conf conf = {
            .port_id = b->wire[dev].port_id, .n_rxq = (uint16_t)d->n_workers,
            .n_txq = (uint16_t)d->n_workers, .n_rxd = WIRE_SLOTS, .n_txd = WIRE_SLOTS,
            .mtu = 1500,
        };

        snprintf(conf.name, sizeof conf.name, "wire%u", dev);
        if (core_device_add(d->core, &conf, err) < 0)
            return fail("device", err);
        for (uint32_t w = 0; w < d->n_workers; w++)
            if (core_device_poll(d->core, w, dev, (int)w, (int)w))
                return fail("device", "its queues cannot be given to workers");
    }
    return 0;
}

uint8_t director_af(const struct director *d, unsigned port)
{
    return port && d->conf.server_af ? d->conf.server_af : d->conf.af;
}

static int add_gateway(struct director *d, struct core_route *route, uint16_t dev)
{
    const uint8_t af = director_af(d, dev);

    *route = (struct core_route){ .af = af, .dev = dev, .kind = CORE_ROUTE_GATEWAY };
    if (dev)
        route->plen = place_inside_prefix(route->prefix, af);
    place_addr(route->gateway, af, (struct place){ PLACE_GATEWAY, dev });
    return core_neigh_add(d->core, dev, af, route->gateway, gateway_mac);
}

static int add_addresses(struct director *d)
{
    struct core_addr *addrs = calloc(d->n_laddrs, sizeof(*addrs));
    const uint8_t af = director_af(d, 1);
    struct core_route routes[WIRE_PORTS];
    int error = addrs ? 0 : -1;

    for (uint32_t i = 0; !error && i < d->n_laddrs; i++) {
        addrs[i] = (struct core_addr){ .af = af, .dev = 1, .laddr_id = i,
                                       .flags = CORE_ADDR_NODAD };
        place_addr(addrs[i].addr, af, (struct place){ PLACE_LADDR, i });
        error = core_laddr_add(d->core, i, af, addrs[i].addr);
    }
    for (uint16_t dev = 0; !error && dev < WIRE_PORTS; dev++)
        error = add_gateway(d, &routes[dev], dev);
    if (!error) {
        host_step(d->core, 1);  /* the neighbours: the host thread does not run here */
        error = core_fib_publish(d->core, addrs, d->n_laddrs, routes, WIRE_PORTS);
    }
    free(addrs);
    return error ? fail("addresses and routes", strerror(abs(error))) : 0;
}

struct place director_vip(const struct director *d, uint32_t service)
{
    (void)d;
    return (struct place){ PLACE_VIP, service / DIRECTOR_SERVICES_A_VIP };
}

uint16_t director_vip_port_be(uint32_t service)
{
    return rte_cpu_to_be_16((uint16_t)(DIRECTOR_VIP_PORT + service % DIRECTOR_SERVICES_A_VIP));
}

static int set_service(struct director *d, struct lb_edit *edit, uint32_t service, uint8_t sched,
                       struct core_dest *dests, const uint32_t *laddr_ids)
{
    struct core_service spec = {
        .key = { .af = d->conf.af, .proto = d->conf.proto,
                 .port = rte_be_to_cpu_16(director_vip_port_be(service)) },
        .id = service, .sched = sched,
    };

    place_addr(spec.key.addr, d->conf.af, director_vip(d, service));
    for (uint32_t i = 0; i < d->n_dests; i++) {
        const uint32_t id = service * d->n_dests + i;

        dests[i] = (struct core_dest){ .id = id, .af = director_af(d, 1), .fwd = d->conf.fwd,
                                       .weight = sched == CORE_SCHED_RR ? 1 : 1 + i % 4,
                                       .port = director_is_one_way(&d->conf)
                                                   ? 0 : DIRECTOR_SERVER_PORT };
        place_addr(dests[i].addr, dests[i].af, (struct place){ PLACE_SERVER, id });
    }
    return core_lb_set(edit, &spec, dests, d->n_dests, laddr_ids,
                       d->conf.fwd == CORE_FWD_FNAT ? d->n_laddrs : 0);
}

/* SNAT: the one service takes whatever comes from the clients' side. */
static int set_match(struct director *d, struct lb_edit *edit, uint8_t sched,
                     struct core_dest *dests, const uint32_t *laddr_ids)
{
    const struct core_match match = { .af = d->conf.af, .iif = 0, .oif = CORE_ANY_DEV };
    const struct core_service spec = { .id = 1, .sched = sched };

    for (uint32_t i = 0; i < d->n_laddrs; i++) {
        dests[i] = (struct core_dest){ .id = i, .af = d->conf.af, .fwd = CORE_FWD_SNAT,
                                       .weight = 1 };
        place_addr(dests[i].addr, d->conf.af, (struct place){ PLACE_LADDR, i });
    }
    return core_lb_match_set(edit, &match, &spec, dests, laddr_ids, d->n_laddrs);
}

static int add_services(struct director *d, uint8_t sched)
{
    struct core_dest *dests = calloc(RTE_MAX(d->n_dests, d->n_laddrs), sizeof(*dests));
    uint32_t *laddr_ids = calloc(d->n_laddrs, sizeof(*laddr_ids));
    struct lb_edit *edit = core_lb_begin(d->core);
    int error = dests && laddr_ids && edit ? 0 : -1;

    for (uint32_t i = 0; !error && i < d->n_laddrs; i++)
        laddr_ids[i] = i;
    if (!error && d->conf.fwd == CORE_FWD_SNAT)
        error = set_match(d, edit, sched, dests, laddr_ids);
    for (uint32_t i = 0; !error && d->conf.fwd != CORE_FWD_SNAT && i < d->n_services; i++)
        error = set_service(d, edit, i, sched, dests, laddr_ids);
    if (!error)
        error = core_lb_commit(edit);
    free(dests);
    free(laddr_ids);
    return error ? fail("services", strerror(abs(error))) : 0;
}

/* What must outlast the run does; what must end within it has the scenario's time. */
static int set_timeouts(struct director *d)
{
    struct core_settings settings;

    core_settings_default(&settings);
    for (unsigned i = 0; i < RTE_DIM(settings.tcp_timeout_s); i++)
        settings.tcp_timeout_s[i] = LONG_TIMEOUT_S;
    for (unsigned i = 0; i < RTE_DIM(settings.udp_timeout_s); i++)
        settings.udp_timeout_s[i] = LONG_TIMEOUT_S;
    if (d->conf.timeout_s) {
        settings.tcp_timeout_s[TCP_S_TIME_WAIT] = d->conf.timeout_s;
        settings.udp_timeout_s[UDP_S_ONEWAY] = d->conf.timeout_s;
    }
    return core_settings_set(d->core, &settings) ? fail("settings", "no memory") : 0;
}

/* Ports for all, though several dests may share a pool of ports: a quarter of the pools hold
 * twice their share at worst, which the numbers of the bench's addresses bear out. */
static uint32_t laddrs_for(uint32_t n_conns, uint32_t n_dests)
{
    const uint32_t n_pools = RTE_MAX(RTE_MIN(n_dests, (uint32_t)LPORT_POOLS) / 4, 1u);

    return (uint32_t)(1.25 * n_conns / (PORTS_A_POOL * n_pools)) + 2;
}

int director_create(struct director *d, struct bench *b, const struct director_conf *conf)
{
    const uint32_t n_services = (uint32_t)b->options.services;
    const uint32_t n_dests = (uint32_t)b->options.dests;
    struct core_conf core_conf = {
        .n_workers = b->n_workers,
        .max_laddrs = MAX_LADDRS, .max_nexthops = 64, .lport_pools = LPORT_POOLS,
        .n_mbufs = N_PACKETS, .mbuf_cache = 256, .hash_key = HASH_KEY,
    };
    const uint32_t wide = conf->af == 6 || conf->server_af == 6 ? 2 : 1;
    char err[CORE_ERR_BYTES];

    *d = (struct director){ .conf = *conf, .n_workers = b->n_workers, .n_services = n_services,
                            .n_dests = n_dests,
                            .n_laddrs = laddrs_for(conf->n_conns, n_services * n_dests) };
    d->n_dest_ids = conf->fwd == CORE_FWD_SNAT ? d->n_laddrs : n_services * n_dests;
    core_conf.max_dests = d->n_dest_ids + 1;
    /* a worker owns its share of the groups, and flows are not spread quite evenly */
    core_conf.conn_pool = (conf->n_conns / b->n_workers / 8 * 9 + 2048) * wide;
    if (d->n_laddrs > MAX_LADDRS)
        return fail("local addresses", "too many connections for so few dests");
    d->core = core_create(&core_conf, err);
    if (!d->core)
        return fail("core", err);
    return add_devices(d, b) || set_timeouts(d) || add_addresses(d) ||
           add_services(d, (uint8_t)b->options.sched) ? -1 : 0;
}

unsigned director_turn(struct director *d, unsigned w, uint64_t now_us)
{
    struct worker *worker = d->core->worker[w];
    const uint64_t before = worker->stats.ipackets;

    worker_step(worker, now_us);
    return (unsigned)(worker->stats.ipackets - before);
}

void director_sums(struct director *d, struct director_sums *out)
{
    *out = (struct director_sums){ 0 };
    for (uint32_t w = 0; w < d->n_workers; w++) {
        struct core_worker_stats stats;

        core_worker_stats(d->core, w, &stats);
        out->live += stats.conns;
        out->dropped += stats.dropped;
    }
    for (uint32_t i = 0; i < d->n_dest_ids; i++) {
        struct core_dest_stats stats;

        core_dest_stats(d->core, -1, i, &stats);
        out->made += stats.conns;
        out->counted_live += stats.active + stats.inactive;
    }
    for (uint32_t i = 0; i < d->n_laddrs; i++) {
        struct core_laddr_stats stats;

        core_laddr_stats(d->core, i, &stats);
        out->ports_used += stats.used;
    }
}

static void expire_until(struct worker *w, uint64_t now_us)
{
    const uint32_t tick = (uint32_t)(now_us / 1000) >> WHEEL_SHIFT_MS;

    while (worker_step(w, now_us) || w->conns->wheel_tick != tick)
        ;
}

void director_expire_all(struct director *d, uint64_t now_us)
{
    for (unsigned step = 0; step < EXPIRE_STEPS; step++) {
        uint32_t live = 0;

        now_us += EXPIRE_STEP_US;
        for (uint32_t w = 0; w < d->n_workers; w++) {
            expire_until(d->core->worker[w], now_us);
            live += d->core->worker[w]->conns->n_used;
        }
        if (!live)
            return;
    }
}

void director_blame(struct director *d)
{
    for (uint32_t v = 0; v < (uint32_t)core_n_verdicts(); v++) {
        struct core_verdict info;
        uint64_t n = 0;

        core_verdict_get(v, &info);
        for (uint32_t w = 0; w < d->n_workers; w++)
            n += d->core->worker[w]->verdicts[v];
        if (n && info.is_drop)
            fprintf(stderr, "%llu packets: %s\n", (unsigned long long)n, info.help);
    }
}

const uint8_t *director_mac(const struct director *d, unsigned port)
{
    return d->core->device[port].mac;
}
