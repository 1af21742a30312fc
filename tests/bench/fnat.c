/* fnat.c - FNAT of UDP, both directions 50:50, the shipped worker's turn.
 *
 * One service of N_SERVERS dests and N_LADDRS local addresses; port 0 faces the clients, port 1
 * the servers. Before the measurement each flow's first packet goes through and the local address
 * and port it got are read from what comes out, so that answers can be made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "base/csum.h"
#include "dpvs_core.h"
#include "host/host.h"
#include "pkt/headers.h"
#include "scenario.h"
#include "worker/worker.h"

enum { N_SERVERS = 16, SERVER_PORT = 8080, VIP_PORT = 80, FLOWS_PER_LADDR = 300000 };

static const uint32_t vip_be = RTE_BE32(0xc0a80101);
static const uint8_t peer_mac[6] = { 2, 0xaa, 0, 0, 0, 1 };

struct corner {                 /* what the server of a flow answers to */
    uint32_t server_be, local_be;
    uint16_t lport_be, pad;
};

static struct core *core;
static struct corner *corners;

static uint32_t client_be(uint32_t flow)
{
    return rte_cpu_to_be_32(0x0a000000u + flow / 50 % 0xfffff);
}

static uint16_t cport_be(uint32_t flow)
{
    return rte_cpu_to_be_16((uint16_t)(1024 + flow % 50 * 997));
}

static void addr16(uint8_t out[16], uint32_t addr)
{
    const uint32_t be = rte_cpu_to_be_32(addr);

    memset(out, 0, 16);
    memcpy(out, &be, 4);
}

static int add_devices(const struct bench *b, char *err)
{
    for (uint32_t dev = 0; dev < WIRE_PORTS; dev++) {
        struct core_device_conf conf = {
            .port_id = b->wire[dev].port_id, .n_rxq = 1, .n_txq = 1, .n_rxd = 1024, .n_txd = 1024,
            .mtu = 1500,
        };

        snprintf(conf.name, sizeof conf.name, "wire%u", dev);
        if (core_device_add(core, &conf, err) < 0 || core_device_poll(core, 0, dev, 0, 0))
            return -1;
    }
    return 0;
}

static int publish(uint32_t n_laddrs)
{
    struct core_addr addrs[256] = { 0 };
    struct core_route routes[2] = {
        { .af = 4, .plen = 0, .dev = 0, .kind = CORE_ROUTE_GATEWAY },
        { .af = 4, .plen = 16, .dev = 1, .kind = CORE_ROUTE_GATEWAY },
    };

    for (uint32_t i = 0; i < n_laddrs; i++) {
        addrs[i] = (struct core_addr){ .af = 4, .dev = 1, .laddr_id = i };
        addr16(addrs[i].addr, 0xc0a80201 + i);
        if (core_laddr_add(core, i, 4, addrs[i].addr))
            return -1;
    }
    addr16(routes[0].gateway, 0x0afffffe);
    addr16(routes[1].prefix, 0xc0a80000);
    addr16(routes[1].gateway, 0xc0a8fffe);
    if (core_neigh_add(core, 0, 4, routes[0].gateway, peer_mac) ||
        core_neigh_add(core, 1, 4, routes[1].gateway, peer_mac))
        return -1;
    host_step(core, 1);         /* the neighbours; the host thread does not run here */
    return core_fib_publish(core, addrs, n_laddrs, routes, 2);
}

static int add_service(uint32_t n_laddrs)
{
    struct core_service service = { .key = { .af = 4, .proto = PROTO_UDP, .port = VIP_PORT },
                                    .sched = CORE_SCHED_RR, .conn_timeout_s = 3600 };
    struct core_dest dests[N_SERVERS] = { 0 };
    uint32_t laddr_ids[256];
    struct lb_edit *edit = core_lb_begin(core);

    memcpy(service.key.addr, &vip_be, 4);
    for (uint32_t i = 0; i < N_SERVERS; i++) {
        dests[i] = (struct core_dest){ .id = i, .af = 4, .fwd = CORE_FWD_FNAT, .weight = 1,
                                       .port = SERVER_PORT };
        addr16(dests[i].addr, 0xc0a80300 + i);
    }
    for (uint32_t i = 0; i < n_laddrs; i++)
        laddr_ids[i] = i;
    if (!edit || core_lb_set(edit, &service, dests, N_SERVERS, laddr_ids, n_laddrs))
        return -1;
    return core_lb_commit(edit);
}

static int fnat_setup(struct bench *b)
{
    const uint32_t n_laddrs = b->n_flows / FLOWS_PER_LADDR + 2;
    struct core_conf conf = {
        .n_workers = 1, .conn_pool = b->n_flows + b->n_flows / 8 + 1024, .max_dests = 64,
        .max_laddrs = 256, .max_nexthops = 64, .lport_pools = N_SERVERS, .n_mbufs = 8191,
        .mbuf_cache = 256, .hash_key = 0x5eed,
    };
    char err[CORE_ERR_BYTES];

    corners = calloc(b->n_flows, sizeof(*corners));
    core = corners && n_laddrs <= 256 ? core_create(&conf, err) : NULL;
    if (!core || add_devices(b, err)) {
        fprintf(stderr, "core: %s\n", core || corners ? err : "no memory");
        return -1;
    }
    return publish(n_laddrs) || add_service(n_laddrs);
}

static void fill_udp(uint8_t *frame, const struct device *d, uint32_t src, uint32_t dst,
                     uint16_t sport, uint16_t dport)
{
    struct eth_hdr *eth = (struct eth_hdr *)frame;
    struct ip4_hdr *ip = (struct ip4_hdr *)(eth + 1);
    struct udp_hdr *udp = (struct udp_hdr *)(ip + 1);

    memcpy(eth->dst, d->mac, 6);
    ip->src_be = src;
    ip->dst_be = dst;
    udp->sport_be = sport;
    udp->dport_be = dport;
    udp->csum = RTE_BE16(0x1234); /* as good as any: changes by difference */
    ip->csum = 0;
    ip->csum = csum_of(ip, IP4_HDR_BYTES);
}

static void fnat_fill(const struct bench *b, uint8_t *frame, unsigned p, uint32_t flow)
{
    const struct corner *c = &corners[flow];

    (void)b;
    if (p == 0)
        fill_udp(frame, &core->device[0], client_be(flow), vip_be, cport_be(flow),
                 RTE_BE16(VIP_PORT));
    else
        fill_udp(frame, &core->device[1], c->server_be, c->local_be, RTE_BE16(SERVER_PORT),
                 c->lport_be);
}

static void learn_corner(const struct rte_mbuf *m, uint32_t flow)
{
    const struct ip4_hdr *ip = rte_pktmbuf_mtod_offset(m, const struct ip4_hdr *, ETH_HDR_BYTES);
    const struct udp_hdr *udp = (const struct udp_hdr *)(ip + 1);

    corners[flow] = (struct corner){ ip->dst_be, ip->src_be, udp->sport_be, 0 };
}

/* One packet a flow through the worker, in order. */
static int fnat_warm(struct bench *b)
{
    struct rte_mbuf *m = rte_pktmbuf_alloc(b->pool);
    uint8_t *frame = m ? (uint8_t *)rte_pktmbuf_append(m, WIRE_FRAME_BYTES) : NULL;
    const uint64_t patience = 5 * rte_get_tsc_hz();

    if (!frame)
        return -1;
    for (uint32_t flow = 0; flow < b->n_flows; flow++) {
        const uint64_t began = rte_rdtsc();

        wire_frame(frame);
        fnat_fill(b, frame, 0, flow);
        rte_ring_sp_enqueue(b->wire[0].to_dut, m);
        while (rte_ring_sc_dequeue(b->wire[1].from_dut, (void **)&m)) {
            if (rte_rdtsc() - began > patience) {
                fprintf(stderr, "flow %u of %u did not come out\n", flow, b->n_flows);
                return -1;
            }
            rte_pause();
        }
        learn_corner(m, flow);
        frame = rte_pktmbuf_mtod(m, uint8_t *);
    }
    rte_pktmbuf_free(m);
    return 0;
}

static unsigned fnat_turn(struct bench *b, uint64_t now_us)
{
    (void)b;
    return worker_step(core->worker[0], now_us);
}

const struct scenario scenario_fnat = {
    .name = "fnat", .n_ports = 2, .setup = fnat_setup, .warm = fnat_warm, .fill = fnat_fill,
    .turn = fnat_turn,
};
