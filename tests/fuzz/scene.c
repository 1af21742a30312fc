/* scene.c - making, changing and unmaking the director. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "lb/proto.h"
#include "packets.h"
#include "worker/core.h"

enum {
    N_CONNS = 64, SMALL_MTU = 700, SMALL_MTU6 = 1280,
    LADDR4 = 0, LADDR6, WAN4, WAN6,
    FIRST_SERVER = 10, OWN_HOST = 1, CLIENT_HOST = 48, LADDR_HOST = 200, UNKNOWN_HOST = 90,
    ROUTER_HOST = 254,
};

const uint8_t scene_mac[N_DEVICES][6] = { { 2, 0, 0, 0, 0, 0x10 }, { 2, 0, 0, 0, 0, 0x11 } };

static void must(bool done)
{
    if (!done)
        abort();
}

/* --- addresses ------------------------------------------------------------------------------- */

/* Of the network of a device; `net` 1: the VIPs. */
static void make_addr(uint8_t af, unsigned dev, uint8_t net, uint8_t host, uint8_t out[16])
{
    static const uint8_t prefix[2][2][8] = {
        { { 10, 0 }, { 0x20, 0x01, 0x0d, 0xb8 } },
        { { 192, 168, 100 }, { 0xfd, 0, 0, 0x64 } },
    };
    const unsigned last = af == 4 ? 3 : 15;

    memset(out, 0, 16);
    memcpy(out, prefix[dev][af == 6], 8);
    if (dev == TO_CLIENTS)
        out[last - 1] = net;
    out[last] = host;
}

void scene_addr(uint8_t af, uint8_t number, uint8_t out[16])
{
    static const struct { uint8_t dev, net, host; } others[] = {
        { TO_CLIENTS, 0, CLIENT_HOST }, { TO_CLIENTS, 0, LADDR_HOST }, { TO_SERVERS, 0, LADDR_HOST },
        { TO_CLIENTS, 0, OWN_HOST }, { TO_SERVERS, 0, OWN_HOST }, { TO_CLIENTS, 0, UNKNOWN_HOST },
        { TO_SERVERS, 0, UNKNOWN_HOST }, { TO_CLIENTS, 0, ROUTER_HOST },
        { TO_SERVERS, 0, ROUTER_HOST }, { TO_CLIENTS, 0, CLIENT_HOST + 1 },
    };
    const unsigned n_others = sizeof others / sizeof others[0];

    if (number < SCENE_ROWS) {
        make_addr(af, TO_CLIENTS, 1, (uint8_t)(number + 1), out);
    } else if (number < 2 * SCENE_ROWS) {
        make_addr(af, TO_SERVERS, 0, (uint8_t)(number - SCENE_ROWS + FIRST_SERVER), out);
    } else {
        const unsigned i = (number - 2u * SCENE_ROWS) % n_others;

        make_addr(af, others[i].dev, others[i].net, others[i].host, out);
    }
}

static struct core_addr addr_row(const struct scene *s, uint8_t af, unsigned dev, uint8_t net,
                                 uint8_t host, uint32_t laddr_id)
{
    struct core_addr row = {
        .af = af, .dev = (uint16_t)dev, .laddr_id = laddr_id, .kind = CORE_ADDR_LOCAL,
        .flags = s->options & SCENE_VERIFIED ? 0 : CORE_ADDR_NODAD,
    };

    make_addr(af, dev, net, host, row.addr);
    return row;
}

static unsigned fill_addrs(const struct scene *s, struct core_addr *rows)
{
    unsigned n = 0;

    for (unsigned dev = 0; dev < N_DEVICES; dev++)
        for (uint8_t af = 4; af <= 6; af += 2)
            rows[n++] = addr_row(s, af, dev, 0, OWN_HOST, CORE_NO_ID);
    for (unsigned dev = 0; dev < N_DEVICES; dev++) {
        rows[n] = addr_row(s, 6, dev, 0, OWN_HOST, CORE_NO_ID);
        memcpy(rows[n].addr, (const uint8_t[8]){ 0xfe, 0x80 }, 8);
        rows[n].addr[14] = (uint8_t)dev;
        n++;
    }
    if (!s->has_vips)
        return n;
    for (uint8_t af = 4; af <= 6; af += 2) {
        const uint32_t is6 = af == 6;

        rows[n++] = addr_row(s, af, TO_SERVERS, 0, LADDR_HOST, LADDR4 + is6);
        rows[n++] = addr_row(s, af, TO_CLIENTS, 0, LADDR_HOST, WAN4 + is6);
    }
    for (unsigned i = 0; i < SCENE_ROWS; i++) {
        rows[n] = addr_row(s, fwd_table[i]->client_af, TO_CLIENTS, 1, (uint8_t)(i + 1), CORE_NO_ID);
        rows[n++].kind = i == SCENE_ROWS - 1 ? CORE_ADDR_KERNEL : CORE_ADDR_LOCAL;
    }
    return n;
}

static struct core_route link_route(uint8_t af, unsigned dev, uint16_t mtu)
{
    struct core_route row = {
        .af = af, .kind = CORE_ROUTE_LINK, .dev = (uint16_t)dev, .mtu = mtu,
        .plen = (uint8_t)(af == 6 ? 32 : dev == TO_CLIENTS ? 16 : 24),
    };

    make_addr(af, dev, 0, 0, row.prefix);
    return row;
}

/* The rest of the world, behind a router on the clients' side. */
static struct core_route default_route(uint8_t af)
{
    struct core_route row = { .af = af, .kind = CORE_ROUTE_GATEWAY, .dev = TO_CLIENTS };

    make_addr(af, TO_CLIENTS, 0, ROUTER_HOST, row.gateway);
    return row;
}

static void publish(struct scene *s)
{
    struct core_addr addrs[2 * SCENE_ROWS + 16];
    struct core_route routes[6];
    const unsigned n_addrs = fill_addrs(s, addrs);
    unsigned n = 0;

    for (uint8_t af = 4; af <= 6; af += 2) {
        routes[n++] = link_route(af, TO_CLIENTS, 0);
        routes[n++] = link_route(af, TO_SERVERS, s->route_mtu);
        routes[n++] = default_route(af);
    }
    must(!core_fib_publish(s->core, addrs, n_addrs, routes, n));
}

static void add_neighbour(struct scene *s, uint8_t af, unsigned dev, uint8_t host)
{
    const uint8_t mac[6] = { 2, 0xaa, (uint8_t)dev, af, 0, host };
    uint8_t addr[16];

    make_addr(af, dev, 0, host, addr);
    core_neigh_add(s->core, dev, af, addr, mac); /* may be refused: too many were learnt */
}

static void add_neighbours(struct scene *s)
{
    for (uint8_t af = 4; af <= 6; af += 2) {
        add_neighbour(s, af, TO_CLIENTS, CLIENT_HOST);
        add_neighbour(s, af, TO_CLIENTS, ROUTER_HOST);
        for (unsigned i = 0; i < SCENE_ROWS; i++)
            add_neighbour(s, af, TO_SERVERS, (uint8_t)(FIRST_SERVER + i));
    }
}

/* --- services -------------------------------------------------------------------------------- */

static void add_laddrs(struct scene *s)
{
    static const struct { uint8_t af, dev; } rows[SCENE_N_LADDRS] = {
        { 4, TO_SERVERS }, { 6, TO_SERVERS }, { 4, TO_CLIENTS }, { 6, TO_CLIENTS },
    };
    uint8_t addr[16];

    for (uint32_t id = 0; id < SCENE_N_LADDRS; id++) {
        make_addr(rows[id].af, rows[id].dev, 0, LADDR_HOST, addr);
        must(!core_laddr_add(s->core, id, rows[id].af, addr));
    }
}

static const struct {
    uint8_t proto, flags;
    uint16_t port;
} kinds[N_KINDS] = {
    [KIND_TCP] = { PROTO_TCP, 0, SCENE_TCP_PORT },
    [KIND_UDP] = { PROTO_UDP, 0, SCENE_UDP_PORT },
    [KIND_SCTP] = { PROTO_SCTP, 0, SCENE_SCTP_PORT },
    [KIND_ONE_PACKET] = { PROTO_UDP, CORE_SVC_ONE_PACKET, SCENE_ONE_PACKET_PORT },
};

static struct core_dest dest_of(unsigned row, enum scene_kind kind, uint32_t weight)
{
    const struct fwd_ops *mode = fwd_table[row];
    const bool keeps_port = mode->mode == CORE_FWD_DR || mode->mode == CORE_FWD_TUNNEL ||
                            (kind == KIND_SCTP && mode->mode == CORE_FWD_NAT); /* fragments pass */
    struct core_dest dest = {
        .id = N_KINDS * row + kind, .af = mode->server_af, .fwd = mode->mode,
        .weight = weight, .port = keeps_port ? 0 : 8080,
    };

    make_addr(dest.af, TO_SERVERS, 0, (uint8_t)(FIRST_SERVER + row), dest.addr);
    return dest;
}

static void set_service(struct lb_edit *edit, unsigned row, enum scene_kind kind, uint32_t weight)
{
    const struct core_dest dest = dest_of(row, kind, weight);
    const uint32_t laddr_id = dest.af == 4 ? LADDR4 : LADDR6;
    struct core_service service = {
        .key = { .af = fwd_table[row]->client_af, .proto = kinds[kind].proto,
                 .port = kinds[kind].port },
        .id = dest.id, .sched = (uint8_t)(row % CORE_N_SCHEDS),
        .flags = (uint8_t)(kinds[kind].flags | (row % 2 ? CORE_SVC_EXPIRE_QUIESCENT : 0)),
    };

    make_addr(service.key.af, TO_CLIENTS, 1, (uint8_t)(row + 1), service.key.addr);
    must(!core_lb_set(edit, &service, &dest, 1, &laddr_id, dest.fwd == CORE_FWD_FNAT));
}

/* SCTP's comes first; the other takes all protocols. */
static void set_match(struct lb_edit *edit, unsigned row, enum scene_kind kind, uint32_t weight)
{
    const uint8_t af = fwd_table[row]->client_af;
    const struct core_match match = {
        .af = af, .proto = kind == KIND_SCTP ? PROTO_SCTP : 0, .iif = TO_SERVERS,
        .oif = CORE_ANY_DEV,
    };
    const uint32_t laddr_id = af == 4 ? WAN4 : WAN6;
    struct core_dest dest = dest_of(row, kind, weight);
    const struct core_service service = { .id = dest.id, .conn_timeout_s = 4 }; /* ICMP: 300 s */

    dest.port = 0;
    make_addr(af, TO_CLIENTS, 0, LADDR_HOST, dest.addr);
    must(!core_lb_match_set(edit, &match, &service, &dest, &laddr_id, 1));
}

static bool is_left_out(const struct scene *s, unsigned row)
{
    const unsigned mode = fwd_table[row]->mode;

    return (s->scarcity & SCENE_NO_NAT) && (mode == CORE_FWD_NAT || mode == CORE_FWD_SNAT);
}

static void serve(struct scene *s, uint32_t weight)
{
    struct lb_edit *edit = core_lb_begin(s->core);

    must(edit != NULL);
    for (unsigned row = 0; row < SCENE_ROWS; row++) {
        if (is_left_out(s, row))
            continue;
        if (fwd_table[row]->mode != CORE_FWD_SNAT) {
            for (enum scene_kind kind = 0; kind < N_KINDS; kind++)
                set_service(edit, row, kind, weight);
        } else {
            set_match(edit, row, KIND_SCTP, weight);
            set_match(edit, row, KIND_TCP, weight);
        }
    }
    must(!core_lb_commit(edit));
}

/* --- life ------------------------------------------------------------------------------------ */

static void set_settings(struct scene *s)
{
    static const uint32_t tcp_s[11] = { 2, 6, 3, 3, 3, 3, 3, 3, 3, 6, 3 }, udp_s[3] = { 2, 4, 4 };
    const bool scarce = s->scarcity & SCARCE_RATES;
    struct core_settings to;

    core_settings_default(&to);
    memcpy(to.tcp_timeout_s, tcp_s, sizeof tcp_s);
    memcpy(to.udp_timeout_s, udp_s, sizeof udp_s);
    for (unsigned state = 0; state < SCTP_N_STATES; state++)
        to.sctp_timeout_s[state] = state == SCTP_S_ESTABLISHED ? 6 : 3;
    to.default_ttl = SCENE_TTL;
    to.xmit_ttl = !!(s->options & SCENE_XMIT_TTL);
    to.ip4_forwarding = !!(s->options & SCENE_FORWARDING);
    to.defence_tcp_drop = to.defence_udp_drop = !!(s->options & SCENE_DEFENCE);
    to.neigh_timeout_s = 5;
    to.fragment_timeout_ms = 200;
    to.dad_interval_ms = 100;
    if (scarce)
        to.icmp_pps = to.reset_pps = to.arp_pps = to.fragment_pps = to.kernel_bulk_pps = 3;
    if (scarce)
        to.unres_queue_length = 2;
    must(!core_settings_set(s->core, &to));
}

static void add_device(struct scene *s, unsigned dev)
{
    char err[CORE_ERR_BYTES];
    struct core_device_conf conf = {
        .port_id = -1, .mtu = s->mtu[dev], .n_rxq = (uint16_t)s->n_workers,
        .n_txq = (uint16_t)s->n_workers, .n_txd = s->scarcity & SCARCE_TX ? 2 : 0,
        .plain_nic = s->scarcity & SCENE_NIC_RSS ? CORE_NIC_RSS
                     : s->scarcity & SCENE_NIC_FLOW ? CORE_NIC_FLOW : CORE_NIC_OWN,
        .plain_max_rules = 64,
    };

    conf.name[0] = (char)('a' + dev);
    memcpy(conf.mac, scene_mac[dev], 6);
    must(core_device_add(s->core, &conf, err) == (int)dev);
    for (uint32_t w = 0; w < s->n_workers; w++)
        must(!core_device_poll(s->core, w, dev, (int)w,
                               w && (s->options & SCENE_ONE_SENDS) ? -1 : (int)w));
    must(!core_device_kernel(s->core, dev, -1, err));
}

/* Every row of the table is behind a service: those of SCTP have their mode's for all protocols. */
static void check_rows(void)
{
    for (unsigned i = 0; i < N_FWD_ROWS; i++) {
        const struct fwd_ops *row = fwd_table[i];
        const int general = fwd_row(row->mode, row->client_af, row->server_af);

        must(general >= 0 && general < SCENE_ROWS);
        must(i < SCENE_ROWS ? !row->proto && general == (int)i : row->proto == PROTO_SCTP);
    }
}

void scene_create(struct scene *s, uint8_t options, uint8_t scarcity)
{
    char err[CORE_ERR_BYTES];
    struct core_conf conf = {
        .n_workers = options & SCENE_THREE_WORKERS ? 3 : 1,
        .conn_pool = scarcity & SCARCE_CONNS ? 4 : N_CONNS, .max_dests = SCENE_N_DESTS,
        .max_laddrs = SCENE_N_LADDRS, .max_nexthops = 128, .lport_pools = 2, .hash_key = 0x5eed,
        .n_mbufs = scarcity & SCARCE_PACKETS ? 8 : 0, .plain = 1,
    };

    check_rows();
    *s = (struct scene){ .options = options, .scarcity = scarcity, .n_workers = conf.n_workers,
                         .now_us = 10000000, .has_vips = true };
    s->mtu[TO_CLIENTS] = options & SCENE_SMALL_CLIENTS_MTU ? SMALL_MTU : 1500;
    s->mtu[TO_SERVERS] = options & SCENE_SMALL_SERVERS_MTU ? SMALL_MTU : 1500;
    s->core = core_create(&conf, err);
    must(s->core != NULL);
    s->core->env.ops = &packets_exact;
    for (unsigned dev = 0; dev < N_DEVICES; dev++)
        add_device(s, dev);
    must(!core_steer(s->core));
    set_settings(s);
    add_laddrs(s);
    publish(s);
    add_neighbours(s);
    serve(s, 1);
    if (scarcity & SCENE_CAPTURE)
        must(!core_capture_start(s->core, TO_SERVERS, NULL, 0, 64));
    scene_turns(s, 2);
}

void scene_destroy(struct scene *s)
{
    core_destroy(s->core);
}

void scene_turns(struct scene *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        for (uint32_t w = 0; w < s->n_workers; w++)
            must(core_step_worker(s->core, w, s->now_us) >= 0);
        must(core_step_host(s->core, s->now_us) >= 0);
    }
    core_poll(s->core);
}

/* --- what happens to it ---------------------------------------------------------------------- */

enum { STANDBY, ACTIVE, QUIESCE, SERVE, ROUTE_MTU, ANNOUNCE, FORGET, LEARN, N_CHANGES };

static void set_active(struct scene *s, bool active)
{
    s->has_vips = active;
    for (uint32_t id = 0; id < SCENE_N_LADDRS; id++)
        must(!core_laddr_active(s->core, id, active));
    publish(s);
}

void scene_change(struct scene *s, uint8_t what, uint8_t a)
{
    uint8_t addr[16];
    const uint8_t af = a & 1 ? 6 : 4;

    switch (what % N_CHANGES) {
    case STANDBY: set_active(s, false); break;
    case ACTIVE: set_active(s, true); break;
    case QUIESCE: serve(s, 0); break;
    case SERVE: serve(s, 1); break;
    case ROUTE_MTU:
        s->route_mtu = (uint16_t)(a & 1 ? SMALL_MTU6 : a & 2 ? SMALL_MTU : 0);
        publish(s);
        break;
    case ANNOUNCE:
        scene_addr(af, (uint8_t)(a >> 1), addr);
        core_garp(s->core, TO_CLIENTS, af, addr);
        break;
    case FORGET:
        scene_addr(af, (uint8_t)(a >> 1), addr);
        core_neigh_del(s->core, TO_SERVERS, af, addr);
        break;
    case LEARN: add_neighbours(s); break;
    }
}
