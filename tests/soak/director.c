/* director.c - a scene told to a plain core, through its public API only. */
#include "director.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ADDRS = MAX_LADDRS + N_SERVICES, N_ROUTES = 4, UNLIMITED_PPS = 1000000000 };

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "the core refuses %s: error %d\n", what, -result);
    exit(2);
}

static struct core *create(const struct scene *s)
{
    struct core_conf conf = {
        .n_workers = s->n_workers,
        .conn_pool = 3 * s->n_flows / s->n_workers + 4096,
        .max_dests = N_DESTS, .max_laddrs = MAX_LADDRS, .max_nexthops = 256,
        .lport_pools = s->n_lport_pools, .plain = 1, .hash_key = (uint32_t)s->seed,
        .isn_key = { (uint32_t)(s->seed >> 32), 1, 2, 3 },
    };
    char err[CORE_ERR_BYTES];
    struct core *core = core_create(&conf, err);

    if (!core) {
        fprintf(stderr, "%s\n", err);
        exit(2);
    }
    return core;
}

static void add_devices(struct core *core, const struct scene *s)
{
    char err[CORE_ERR_BYTES];

    for (unsigned dev = 0; dev < N_DEVICES; dev++) {
        struct core_device_conf conf = { .port_id = -1, .mtu = LINK_MTU,
                                         .n_rxq = (uint16_t)s->n_workers,
                                         .n_txq = (uint16_t)s->n_workers };

        snprintf(conf.name, sizeof conf.name, "dpdk%u", dev);
        memcpy(conf.mac, s->device_mac[dev], 6);
        must(core_device_add(core, &conf, err), "a device");
        for (uint32_t w = 0; w < s->n_workers; w++)
            must(core_device_poll(core, w, dev, (int)w, s->one_sender && w ? -1 : (int)w),
                 "a queue");
        must(core_device_kernel(core, dev, -1, err), "a kernel port");
    }
}

static void set_timeouts(struct core *core, const struct scene *s)
{
    struct core_settings settings;

    core_settings_default(&settings);
    memcpy(settings.tcp_timeout_s, s->tcp_timeout_s, sizeof settings.tcp_timeout_s);
    memcpy(settings.udp_timeout_s, s->udp_timeout_s, sizeof settings.udp_timeout_s);
    settings.xmit_ttl = s->xmit_ttl;
    settings.default_ttl = MADE_HERE_TTL;
    settings.reset_pps = settings.kernel_bulk_pps = UNLIMITED_PPS;
    must(core_settings_set(core, &settings), "settings");
}

static struct core_route route(uint16_t dev, const char *prefix, uint8_t plen, const char *gateway)
{
    struct core_route out = { .af = 4, .kind = gateway ? CORE_ROUTE_GATEWAY : CORE_ROUTE_LINK,
                              .plen = plen, .dev = dev };

    memcpy(out.prefix, prefix, 4);
    if (gateway)
        memcpy(out.gateway, gateway, 4);
    return out;
}

static void publish_stack(struct core *core, const struct scene *s)
{
    struct core_addr addr[N_ADDRS] = { 0 };
    struct core_route routes[N_ROUTES] = {
        route(TO_CLIENTS, "\x0a\x00\x00\x00", 16, NULL),
        route(TO_CLIENTS, "\x00\x00\x00\x00", 0, "\x0a\x00\x00\x01"),
        route(TO_SERVERS, "\xc0\xa8\x01\x00", 24, NULL),
        route(TO_SERVERS, "\xc0\xa8\x02\x00", 24, "\xc0\xa8\x01\xfe"),
    };
    uint32_t n = 0;

    routes[3].mtu = FAR_MTU;
    for (uint32_t i = 0; i < s->n_laddrs; i++) {
        must(core_laddr_add(core, i, s->family, s->laddr[i]), "a local address");
        addr[n] = (struct core_addr){ .af = s->family, .dev = TO_SERVERS, .laddr_id = i,
                                      .flags = CORE_ADDR_NODAD };
        memcpy(addr[n++].addr, s->laddr[i], 16);
    }
    for (unsigned i = 0; i < 3; i++) { /* the services' addresses */
        addr[n] = (struct core_addr){ .af = s->family, .dev = TO_CLIENTS,
                                      .laddr_id = CORE_NO_ID, .flags = CORE_ADDR_NODAD };
        memcpy(addr[n++].addr, s->service[i].vip, 16);
    }
    must(core_fib_publish(core, addr, n, routes, N_ROUTES), "routes");
}

static void add_neighbour(struct core *core, const struct scene *s, uint32_t dev,
                          const uint8_t *addr, const uint8_t *mac, uint64_t now_us)
{
    must(core_neigh_add(core, dev, s->family, addr, mac), "a neighbour");
    must(core_step_host(core, now_us), "a turn of the host thread");
}

static void add_neighbours(struct core *core, const struct scene *s, uint64_t now_us)
{
    const uint8_t clients[16] = { 10, 0, 0, 1 }, far[16] = { 192, 168, 1, 254 };

    add_neighbour(core, s, TO_CLIENTS, clients, s->client_gateway_mac, now_us);
    add_neighbour(core, s, TO_SERVERS, s->stranger, s->stranger_mac, now_us);
    add_neighbour(core, s, TO_SERVERS, far, s->server[0].mac, now_us);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (s->server[i].mtu == LINK_MTU)
            add_neighbour(core, s, TO_SERVERS, s->server[i].addr, s->server[i].mac, now_us);
}

static int set_service(struct lb_edit *edit, const struct scene *s, unsigned i)
{
    const struct scene_service *from = &s->service[i];
    struct core_service service = {
        .key = { .af = s->family, .proto = from->proto, .port = from->port },
        .id = i, .sched = from->sched, .conn_timeout_s = from->timeout_s,
    };
    struct core_dest dest[N_DESTS_EACH] = { 0 };
    uint32_t laddr[MAX_LADDRS], n_laddrs = 0;

    memcpy(service.key.addr, from->vip, 16);
    for (unsigned k = 0; k < N_DESTS_EACH; k++) {
        const unsigned id = i * N_DESTS_EACH + k;
        const struct scene_server *server = &s->server[s->dest[id].server];

        dest[k] = (struct core_dest){ .id = id, .af = s->family, .fwd = CORE_FWD_FNAT,
                                      .port = server->port, .weight = s->dest[id].weight };
        memcpy(dest[k].addr, server->addr, 16);
    }
    for (uint32_t k = 0; k < s->n_laddrs; k++)
        if (from->laddr_mask >> k & 1)
            laddr[n_laddrs++] = k;
    return core_lb_set(edit, &service, dest, N_DESTS_EACH, laddr, n_laddrs);
}

void director_publish(struct core *core, const struct scene *s)
{
    struct lb_edit *edit = core_lb_begin(core);

    if (!edit)
        must(-1, "a set of services");
    for (unsigned i = 0; i < N_SERVICES; i++)
        must(set_service(edit, s, i), "a service");
    must(core_lb_commit(edit), "the services");
}

struct core *director_make(const struct scene *s, uint64_t now_us)
{
    struct core *core = create(s);

    add_devices(core, s);
    set_timeouts(core, s);
    must(core_groups_set(core, s->group_worker), "the groups' workers");
    publish_stack(core, s);
    add_neighbours(core, s, now_us);
    director_publish(core, s);
    return core;
}
