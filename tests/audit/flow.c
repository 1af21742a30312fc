/* flow.c - frames of a flow, and its handshake. */
#include "flow.h"

#include <string.h>

#include "base/csum.h"
#include "director.h"
#include "pkt/headers.h"
#include "ports.h"
#include "worker/core.h"

enum { CLIENT_ISN = 1000, SERVER_ISN = 70000, FRAME_BYTES = 96 };

static unsigned ip_hdr_bytes(const struct flow *f)
{
    return f->af == 4 ? IP4_HDR_BYTES : IP6_HDR_BYTES;
}

static void put_ip4(const struct flow *f, struct addr16 src, struct addr16 dst, void *at)
{
    struct ip4_hdr *ip = at;

    *ip = (struct ip4_hdr){ .version_ihl = 0x45, .ttl = 64, .proto = f->proto,
                            .total_be = RTE_BE16(FRAME_BYTES - ETH_HDR_BYTES),
                            .src_be = addr_to4(src), .dst_be = addr_to4(dst) };
    ip->csum = csum_of(ip, IP4_HDR_BYTES);
}

static void put_ip6(const struct flow *f, struct addr16 src, struct addr16 dst, void *at)
{
    struct ip6_header *ip = at;

    *ip = (struct ip6_header){ .version_be = RTE_BE32(0x60000000), .hops = 64, .next = f->proto,
                            .payload_be = RTE_BE16(FRAME_BYTES - ETH_HDR_BYTES - IP6_HDR_BYTES) };
    memcpy(ip->src, src.byte, sizeof ip->src);
    memcpy(ip->dst, dst.byte, sizeof ip->dst);
}

static void frame(struct flow *f, unsigned side, uint8_t tcp_flags, uint32_t seq, uint32_t ack)
{
    const struct addr16 src = side == SIDE_CLIENT ? f->client : f->server;
    const struct addr16 dst = side == SIDE_CLIENT ? director_addr(DIRECTOR_VIP) : f->local;
    struct rte_mbuf *m = f->m[side];
    struct eth_hdr *eth;
    struct tcp_hdr *tcp;
    struct udp_hdr *udp;

    m->data_off = RTE_PKTMBUF_HEADROOM;
    m->data_len = FRAME_BYTES;
    m->pkt_len = FRAME_BYTES;
    eth = rte_pktmbuf_mtod(m, struct eth_hdr *);
    memset(eth, 0, FRAME_BYTES);
    memcpy(eth->dst, director->device[side].mac, 6);
    eth->type_be = f->af == 4 ? RTE_BE16(ETHERTYPE_IP4) : RTE_BE16(ETHERTYPE_IP6);
    (f->af == 4 ? put_ip4 : put_ip6)(f, src, dst, eth + 1);
    udp = (struct udp_hdr *)((uint8_t *)(eth + 1) + ip_hdr_bytes(f));
    udp->sport_be = side == SIDE_CLIENT ? f->cport_be : RTE_BE16(8080);
    udp->dport_be = side == SIDE_CLIENT ? RTE_BE16(VIP_PORT) : f->lport_be;
    if (f->proto == PROTO_UDP) {
        udp->length_be =
            rte_cpu_to_be_16((uint16_t)(FRAME_BYTES - ETH_HDR_BYTES - ip_hdr_bytes(f)));
        return;
    }
    tcp = (struct tcp_hdr *)udp;
    tcp->seq_be = rte_cpu_to_be_32(seq);
    tcp->ack_be = rte_cpu_to_be_32(ack);
    tcp->data_off = 5 << 4;
    tcp->flags = tcp_flags;
}

void flow_init(struct flow *f, uint8_t af, uint8_t proto, uint32_t number)
{
    *f = (struct flow){ .af = af, .proto = proto, .client = director_addr(CLIENT_ADDR),
                        .cport_be = rte_cpu_to_be_16((uint16_t)(1024 + number)),
                        .m = { ports_packet(), ports_packet() } };
}

static void learn(struct flow *f)
{
    const uint8_t *l3 = rte_pktmbuf_mtod_offset(f->m[SIDE_CLIENT], const uint8_t *, ETH_HDR_BYTES);
    const struct ip4_hdr *ip4 = (const struct ip4_hdr *)l3;
    const struct ip6_header *ip6 = (const struct ip6_header *)l3;
    const struct tcp_hdr *tcp = (const struct tcp_hdr *)(l3 + ip_hdr_bytes(f));

    f->server = f->af == 4 ? addr4(ip4->dst_be) : addr6(ip6->dst);
    f->local = f->af == 4 ? addr4(ip4->src_be) : addr6(ip6->src);
    f->lport_be = tcp->sport_be;
    f->client_isn = rte_be_to_cpu_32(tcp->seq_be);
}

void flow_check(const struct flow *f, unsigned side)
{
    uint32_t worker, dev;

    if (!ports_sent(f->m[side], &worker, &dev))
        fail("a packet did not come out");
    if (worker != f->owner)
        fail("a packet was sent by another worker than its owner");
    if (dev == side)
        fail("a packet went back where it came from");
}

void flow_send_first(struct flow *f)
{
    frame(f, SIDE_CLIENT, TCP_SYN, CLIENT_ISN, 0);
    ports_give(f->owner, SIDE_CLIENT, f->m[SIDE_CLIENT]);
}

void flow_find_owner(struct flow *f)
{
    uint32_t dev;

    flow_send_first(f);
    director_turns(2, 0);
    if (!ports_sent(f->m[SIDE_CLIENT], &f->owner, &dev))
        fail("a first packet did not come out");
}

void flow_send(struct flow *f, unsigned side, uint32_t worker)
{
    const uint32_t n_data = FRAME_BYTES - ETH_HDR_BYTES - ip_hdr_bytes(f) - TCP_HDR_BYTES;

    if (side == SIDE_CLIENT) {
        frame(f, side, TCP_ACK, CLIENT_ISN + 1, SERVER_ISN + 1 + f->n_from_server);
    } else {
        frame(f, side, TCP_ACK, SERVER_ISN + 1 + f->n_from_server, f->client_isn + 1);
        f->n_from_server += n_data;
    }
    ports_give(worker, side, f->m[side]);
}

void flow_establish(struct flow *f)
{
    flow_send_first(f);
    director_turns(2, 0);
    flow_check(f, SIDE_CLIENT);
    learn(f);
    if (f->proto == PROTO_TCP) {
        frame(f, SIDE_SERVER, TCP_SYN | TCP_ACK, SERVER_ISN, f->client_isn + 1);
        ports_give(f->owner, SIDE_SERVER, f->m[SIDE_SERVER]);
        director_turns(2, 0);
        flow_check(f, SIDE_SERVER);
    }
    /* To and fro, until the client's address need not ride along. */
    for (unsigned i = 0; i < 4; i++) {
        const unsigned side = i % 2 ? SIDE_SERVER : SIDE_CLIENT;

        flow_send(f, side, f->owner);
        director_turns(2, 0);
        flow_check(f, side);
    }
    flow_send(f, SIDE_CLIENT, f->owner);
    director_turns(2, 0);
    flow_check(f, SIDE_CLIENT);
}
