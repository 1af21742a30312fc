/* scene.h - the director that is soaked, as plain data: what the core is told (director.c), what
 * the ends talk to (traffic.c), what the oracle judges by. All of it follows from the seed.
 *
 * Two arms: device 0 towards the clients (all behind one gateway), device 1 towards the servers
 * (half on the link, half behind a gateway and a smaller MTU). Addresses are 16 bytes, IPv4 in the
 * first four, so that another family is another value of `family`.
 */
#ifndef SOAK_SCENE_H
#define SOAK_SCENE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TO_CLIENTS, TO_SERVERS, N_DEVICES,
    N_GROUPS = 64, MAX_WORKERS = 3, MAX_LADDRS = 16,
    N_SERVICES = 8, N_DESTS_EACH = 8, N_DESTS = N_SERVICES * N_DESTS_EACH,
    N_SERVERS = 24,
    N_TCP_STATES = 11, N_UDP_STATES = 3,
    LINK_MTU = 1500, FAR_MTU = 1400, /* FAR: servers behind the gateway */
    FEW_PORTS_FLOWS_MAX = 60000, /* of one local address, with some to spare in every group */
    PORT_WITHOUT_SERVICE = 999, MADE_HERE_TTL = 64,
};

struct scene_server {           /* a socket that one or two services share */
    uint8_t addr[16], mac[6];   /* mac: of its next hop */
    uint16_t port, mtu;
};

struct scene_dest {             /* its id is its place in scene.dest */
    uint8_t server, weight;
};

struct scene_service {
    uint8_t vip[16], proto, sched;
    uint16_t port;
    uint32_t timeout_s;         /* 0: the states' own */
    uint32_t laddr_mask;        /* those that its connections may use */
};

struct scene {
    uint64_t seed;
    uint32_t n_workers, n_flows, n_laddrs, n_lport_pools;
    uint8_t family, xmit_ttl, one_sender; /* one_sender: only worker 0 has transmit queues */
    uint8_t few_ports;          /* one local address, one pool, one dest with weight a service */
    uint8_t leave_pct;          /* of visits of a UDP flow: its client takes another socket */
    uint8_t device_mac[N_DEVICES][6], client_gateway_mac[6];
    uint8_t stranger[16], stranger_mac[6]; /* on the servers' link, behind no service */
    uint8_t laddr[MAX_LADDRS][16];
    uint8_t group_worker[N_GROUPS];
    uint32_t tcp_timeout_s[N_TCP_STATES], udp_timeout_s[N_UDP_STATES];
    struct scene_server server[N_SERVERS];
    struct scene_service service[N_SERVICES];
    struct scene_dest dest[N_DESTS];
};

/* `few_ports`: flows that end often begin again by the port that they had. */
void scene_make(struct scene *s, uint64_t seed, uint32_t n_workers, uint32_t n_flows,
                bool few_ports);

#endif
