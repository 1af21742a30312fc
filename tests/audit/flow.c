/* flow.c - frames of a flow, and its handshake. */
#include "flow.h"

#include <string.h>

#include "base/csum.h"
#include "director.h"
#include "pkt/headers.h"
#include "ports.h"
#include "worker/core.h"

enum { CLIENT_ISN = 1000, SERVER_ISN = 70000, FRAME_BYTES = 64 };

static void frame(struct flow *f, unsigned side, uint8_t tcp_flags, uint32_t seq, uint32_t ack)
{
    struct rte_mbuf *m = f->m[side];
    struct eth_hdr *eth;
    struct ip4_hdr *ip;
    struct tcp_hdr *tcp;
    struct udp_hdr *udp;

    m->data_off = RTE_PKTMBUF_HEADROOM;
    m->data_len = FRAME_BYTES;
    m->pkt_len = FRAME_BYTES;
    eth = rte_pktmbuf_mtod(m, struct eth_hdr *);
    memset(eth, 0, FRAME_BYTES);
    memcpy(eth->dst, director->device[side].mac, 6);
    eth->type_be = RTE_BE16(ETHERTYPE_IP4);
    ip = (struct ip4_hdr *)(eth + 1);
    *ip = (struct ip4_hdr){ .version_ihl = 0x45, .ttl = 64, .proto = f->proto,
                            .total_be = RTE_BE16(FRAME_BYTES - ETH_HDR_BYTES) };
    ip->src_be = side == SIDE_CLIENT ? f->client_be : f->server_be;
    ip->dst_be = side == SIDE_CLIENT ? director_vip_be : f->local_be;
    ip->csum = csum_of(ip, IP4_HDR_BYTES);
    udp = (struct udp_hdr *)(ip + 1);
    udp->sport_be = side == SIDE_CLIENT ? f->cport_be : RTE_BE16(8080);
    udp->dport_be = side == SIDE_CLIENT ? RTE_BE16(VIP_PORT) : f->lport_be;
    if (f->proto == PROTO_UDP) {
        udp->length_be = RTE_BE16(FRAME_BYTES - ETH_HDR_BYTES - IP4_HDR_BYTES);
        return;
    }
    tcp = (struct tcp_hdr *)udp;
    tcp->seq_be = rte_cpu_to_be_32(seq);
    tcp->ack_be = rte_cpu_to_be_32(ack);
    tcp->data_off = 5 << 4;
    tcp->flags = tcp_flags;
}

void flow_init(struct flow *f, uint8_t proto, uint32_t number)
{
    *f = (struct flow){ .proto = proto, .cport_be = rte_cpu_to_be_16((uint16_t)(1024 + number)),
                        .client_be = RTE_BE32(0x0a000001),
                        .m = { ports_packet(), ports_packet() } };
}

static void learn(struct flow *f)
{
    const struct ip4_hdr *ip = rte_pktmbuf_mtod_offset(f->m[SIDE_CLIENT], const struct ip4_hdr *,
                                                       ETH_HDR_BYTES);
    const struct tcp_hdr *tcp = (const struct tcp_hdr *)(ip + 1);

    f->server_be = ip->dst_be;
    f->local_be = ip->src_be;
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
    const uint32_t n_data = FRAME_BYTES - ETH_HDR_BYTES - IP4_HDR_BYTES - TCP_HDR_BYTES;

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
