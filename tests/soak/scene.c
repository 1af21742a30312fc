/* scene.c - a scene from a seed. */
#include "scene.h"

#include <string.h>

#include "pkt/headers.h"
#include "random.h"

enum {
    FLOWS_A_LADDR = 40000,      /* enough ports to spare, few enough to come round again */
    FEW_FLOWS = 100000,
    N_FAR = N_SERVERS / 2,
    N_TCP_OF_FEW_PORTS = 2,
};

static void address(uint8_t out[16], uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    memset(out, 0, 16);
    memcpy(out, (const uint8_t[]){ a, b, c, d }, 4);
}

static void station(uint8_t out[6], uint8_t kind, uint8_t number)
{
    memcpy(out, (const uint8_t[]){ 0x02, kind, 0, 0, 0, number }, 6);
}

static void make_servers(struct scene *s, struct random *r)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        struct scene_server *server = &s->server[i];
        const unsigned is_far = i < N_FAR;

        address(server->addr, 192, 168, is_far ? 2 : 1, (uint8_t)(10 + i));
        station(server->mac, 0xbb, is_far ? 254 : (uint8_t)(10 + i));
        server->port = (uint16_t)(8000 + random_below(r, 4));
        server->mtu = is_far ? FAR_MTU : LINK_MTU;
    }
}

/* Five of TCP, three of UDP, on three addresses; every scheduler; one dest each without weight. */
static void make_services(struct scene *s, struct random *r)
{
    const uint32_t n_used = s->n_laddrs - s->n_laddrs / 4;

    for (unsigned i = 0; i < N_SERVICES; i++) {
        struct scene_service *service = &s->service[i];
        const unsigned first = random_below(r, N_SERVERS);

        address(service->vip, 10, 0, 0, (uint8_t)(100 + i % 3));
        service->proto = i < 5 ? PROTO_TCP : PROTO_UDP;
        service->port = (uint16_t)(80 + i);
        service->sched = (uint8_t)(i % 3);
        service->timeout_s = i % 4 == 1 ? 1 + random_below(r, 4) : 0;
        for (uint32_t k = 0; k < n_used; k++)
            service->laddr_mask |= 1u << (i + k) % s->n_laddrs;
        for (unsigned k = 0; k < N_DESTS_EACH; k++)
            s->dest[i * N_DESTS_EACH + k] = (struct scene_dest){
                (uint8_t)((first + k) % N_SERVERS), (uint8_t)(k ? 1 + random_below(r, 5) : 0),
            };
    }
}

/* Most are datagrams, and their flows end as often as can be. */
static void make_few_ports(struct scene *s)
{
    for (unsigned id = 0; id < N_DESTS; id++)
        if (id % N_DESTS_EACH != N_DESTS_EACH - 1)
            s->dest[id].weight = 0;
    for (unsigned i = N_TCP_OF_FEW_PORTS; i < N_SERVICES; i++) {
        s->service[i].proto = PROTO_UDP;
        s->service[i].timeout_s = 1;
    }
}

void scene_make(struct scene *s, uint64_t seed, uint32_t n_workers, uint32_t n_flows,
                bool few_ports)
{
    struct random r = { seed };
    const uint32_t n_laddrs = few_ports ? 1 : n_flows / FLOWS_A_LADDR;

    *s = (struct scene){ .seed = seed, .n_workers = n_workers, .n_flows = n_flows, .family = 4,
                         .few_ports = few_ports };
    s->n_laddrs = n_laddrs < 1 ? 1 : n_laddrs > MAX_LADDRS ? MAX_LADDRS : n_laddrs;
    s->n_lport_pools = few_ports ? 1 : n_flows < FEW_FLOWS ? 1 + random_below(&r, 3) : 4;
    s->one_sender = n_workers > 1 && seed % 2 == 1;
    s->xmit_ttl = seed % 3 == 2;
    s->leave_pct = seed % 4 == 3 ? 30 : 5;
    for (unsigned dev = 0; dev < N_DEVICES; dev++)
        station(s->device_mac[dev], 0x10, (uint8_t)dev);
    station(s->client_gateway_mac, 0xaa, 1);
    address(s->stranger, 192, 168, 1, 250);
    station(s->stranger_mac, 0xbb, 250);
    for (unsigned i = 0; i < s->n_laddrs; i++)
        address(s->laddr[i], 192, 168, 3, (uint8_t)(1 + i));
    for (unsigned g = 0; g < N_GROUPS; g++)
        s->group_worker[g] = (uint8_t)random_below(&r, n_workers);
    for (unsigned i = 0; i < N_TCP_STATES; i++)
        s->tcp_timeout_s[i] = 1 + random_below(&r, 5);
    for (unsigned i = 0; i < N_UDP_STATES; i++)
        s->udp_timeout_s[i] = 1 + random_below(&r, 5);
    make_servers(s, &r);
    make_services(s, &r);
    if (few_ports)
        make_few_ports(s);
}
