/* director.c - the core under audit: configured, and taking its turns. */
#include "director.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt/headers.h"
#include "ports.h"
#include "record.h"
#include "worker/core.h"
#include "worker/worker.h"

enum { N_DESTS = 4, SERVER_PORT = 8080, SETTLE_S = 5 };

struct core *director;

static uint8_t af;
static uint64_t now_us = 10000000;
static uint64_t verdicts_before[N_WORKERS][N_VERDICTS];

void fail(const char *why)
{
    fprintf(stderr, "audit: %s\n", why);
    exit(1);
}

/* --- turns ---------------------------------------------------------------------------------- */

void director_pass_ms(uint32_t ms)
{
    now_us += ms * 1000ull;
}

static void turn(uint32_t actor, int recorded)
{
    if (recorded)
        record_begin(actor);
    if (actor == HOST_ACTOR)
        core_step_host(director, now_us);
    else
        core_step_worker(director, actor, now_us);
    record_end();
}

void director_turns(unsigned n_turns, int recorded)
{
    ports_forget_sent();
    for (unsigned i = 0; i < n_turns; i++)
        for (uint32_t actor = 0; actor <= HOST_ACTOR; actor++)
            turn(actor, recorded);
}

void director_forget_use(void)
{
    memset(director->nexthops.used, 0, director->nexthops.n);
}

void director_mark_verdicts(void)
{
    for (uint32_t w = 0; w < N_WORKERS; w++)
        core_verdict_counts(director, (int)w, verdicts_before[w]);
}

void director_print_verdicts(void)
{
    for (unsigned v = 0; v < N_VERDICTS; v++) {
        uint64_t n = 0;

        for (uint32_t w = 0; w < N_WORKERS; w++)
            n += director->worker[w]->verdicts[v] - verdicts_before[w][v];
        if (n)
            printf("verdict %s %lu\n", verdict_info[v].name, n);
    }
}

/* --- what it is configured to ---------------------------------------------------------------- */

struct addr16 director_addr(uint32_t addr)
{
    struct addr16 out = { { 0xfd } };
    const uint32_t addr_be = rte_cpu_to_be_32(addr);

    if (af == 4)
        return addr4(addr_be);
    memcpy(&out.byte[sizeof out - sizeof addr_be], &addr_be, sizeof addr_be);
    return out;
}

static void put_addr(uint8_t out[16], uint32_t addr)
{
    const struct addr16 whole = director_addr(addr);

    memcpy(out, whole.byte, sizeof whole.byte);
}

static void add_devices(void)
{
    char err[CORE_ERR_BYTES];

    for (uint32_t dev = 0; dev < N_DIRECTOR_DEVICES; dev++) {
        struct core_device_conf device = {
            .port_id = -1, .n_rxq = N_WORKERS, .n_txq = N_WORKERS, .mtu = 1500,
            .mac = { 2, 0, 0, 0, 0, (uint8_t)(0x10 + dev) },
        };

        snprintf(device.name, sizeof device.name, "dpdk%u", dev);
        if (core_device_add(director, &device, err) < 0)
            fail(err);
        for (uint32_t w = 0; w < N_WORKERS; w++)
            if (core_device_poll(director, w, dev, (int)w, (int)w))
                fail("a queue was refused");
    }
}

static void add_addresses(void)
{
    static const uint8_t peer_mac[6] = { 2, 0xaa, 0, 0, 0, 1 };
    struct core_addr laddr = { .af = af, .dev = 1, .laddr_id = 0, .flags = CORE_ADDR_NODAD };
    struct core_route routes[2] = {
        { .af = af, .plen = 0, .dev = 0, .kind = CORE_ROUTE_GATEWAY },
        { .af = af, .plen = af == 4 ? 16 : 112, .dev = 1, .kind = CORE_ROUTE_GATEWAY },
    };

    put_addr(laddr.addr, 0xc0a80201);
    put_addr(routes[0].gateway, 0x0afffffe);
    put_addr(routes[1].prefix, 0xc0a80000);
    put_addr(routes[1].gateway, 0xc0a8fffe);
    if (core_laddr_add(director, 0, af, laddr.addr) ||
        core_fib_publish(director, &laddr, 1, routes, 2))
        fail("addresses were refused");
    for (uint32_t dev = 0; dev < N_DIRECTOR_DEVICES; dev++)
        if (core_neigh_add(director, dev, af, routes[dev].gateway, peer_mac))
            fail("a neighbour was refused");
}

static void add_service(const struct director_conf *conf, uint8_t proto, uint32_t first_dest_id)
{
    struct core_service service = {
        .key = { .af = af, .proto = proto, .port = VIP_PORT }, .id = proto,
        .sched = (uint8_t)conf->sched, .conn_timeout_s = DIRECTOR_TIMEOUT_S,
    };
    struct core_dest dests[N_DESTS] = { 0 };
    const uint32_t laddr_id = 0;
    struct lb_edit *edit = core_lb_begin(director);

    put_addr(service.key.addr, DIRECTOR_VIP);
    for (uint32_t i = 0; i < N_DESTS; i++) {
        dests[i] = (struct core_dest){
            .id = first_dest_id + i, .af = af, .fwd = CORE_FWD_FNAT, .weight = 1 + i,
            .port = SERVER_PORT, .upper_threshold = conf->upper_threshold,
        };
        put_addr(dests[i].addr, 0xc0a80300 + i);
    }
    if (!edit || core_lb_set(edit, &service, dests, N_DESTS, &laddr_id, 1) || core_lb_commit(edit))
        fail("a service was refused");
}

void director_make(const struct director_conf *conf)
{
    const struct core_conf core_conf = {
        .n_workers = N_WORKERS, .conn_pool = 1024, .max_dests = 64, .max_laddrs = 4,
        .max_nexthops = 64, .lport_pools = conf->lport_pools, .hash_key = 0x5eed, .plain = 1,
    };
    char err[CORE_ERR_BYTES];

    af = conf->af;
    director = core_create(&core_conf, err);
    if (!director)
        fail(err);
    ports_attach(director);
    add_devices();
    add_addresses();
    add_service(conf, PROTO_UDP, 0);
    add_service(conf, PROTO_TCP, N_DESTS);
    director_turns(4, 0);
    for (unsigned i = 0; i < SETTLE_S; i++) {   /* MLD says where it listens, and again */
        director_pass_ms(1000);
        director_turns(1, 0);
    }
}

void director_unmake(void)
{
    core_destroy(director);
}
