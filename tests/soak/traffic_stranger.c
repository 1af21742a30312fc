/* traffic_stranger.c - packets of no flow, one row a kind. */
#include <string.h>

#include "traffic_end.h"

enum { STRANGER_NET = 64, FIRST_LOCAL_PORT = 1025 };

/* A segment from the world, from an address that no slot has. */
static struct segment of_world(struct visit *v)
{
    const uint64_t dice = random_next(v->random);
    struct segment s;

    memcpy(v->caddr, (uint8_t[16]){ 10, STRANGER_NET, (uint8_t)(dice >> 8), (uint8_t)dice }, 16);
    v->cport = (uint16_t)(dice >> 16);
    v->service = (uint32_t)(dice >> 32) % N_SERVICES;
    s = segment_from(v, CLIENT_END);
    s.n_payload = (uint16_t)((dice >> 40) % 100);
    if (s.proto == PROTO_TCP) {
        s.tcp_flags = (uint8_t)(dice >> 48);
        s.seq = (uint32_t)random_next(v->random);
        s.ack = (uint32_t)dice;
    }
    return s;
}

/* To a service, but not as a connection begins. */
static void without_connection(struct visit *v)
{
    struct segment s;

    do
        s = of_world(v);
    while (s.proto == PROTO_UDP ||
           (s.tcp_flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN);
    segment_send(v, &s, CLIENT_END);
}

static void to_no_service(struct visit *v)
{
    struct segment s = of_world(v);

    s.dport = PORT_WITHOUT_SERVICE;
    segment_send(v, &s, CLIENT_END);
}

static void to_local(struct visit *v, uint16_t port)
{
    struct segment s = of_world(v);

    s.dst_mac = v->scene->device_mac[TO_SERVERS];
    memcpy(s.src, v->scene->stranger, 16);
    memcpy(s.dst, v->scene->laddr[random_below(v->random, v->scene->n_laddrs)], 16);
    s.dport = port;
    segment_send(v, &s, SERVER_END);
}

static void to_local_port(struct visit *v)
{
    to_local(v, (uint16_t)(FIRST_LOCAL_PORT + random_below(v->random, 65536 - FIRST_LOCAL_PORT)));
}

static void to_low_port(struct visit *v)
{
    to_local(v, (uint16_t)(1 + random_below(v->random, FIRST_LOCAL_PORT - 1)));
}

static struct frame *any(struct visit *v)
{
    const struct segment s = of_world(v);

    segment_send(v, &s, CLIENT_END);
    return &v->batch->packet[v->batch->n - 1].in;
}

static void for_another_station(struct visit *v)
{
    any(v)->bytes[5] ^= 0x40;
}

static void truncated(struct visit *v)
{
    struct frame *f = any(v);

    frame_set_ip16(f->bytes, 2, (uint16_t)(f->n_bytes - ETH_HDR_BYTES + 1));
}

static void wrong_header_sum(struct visit *v)
{
    any(v)->bytes[ETH_HDR_BYTES + 10] ^= 0x10;
}

/* Beyond the largest packet there is. */
static void fragment(struct visit *v)
{
    frame_set_ip16(any(v)->bytes, 6, random_pct(v->random, 50) ? IP4_MF | 0x1fff : 0x1fff);
}

void stranger_visit(struct visit *v)
{
    static void (*const kinds[])(struct visit *v) = {
        without_connection, without_connection, to_no_service, to_local_port, to_local_port,
        to_low_port, for_another_station, truncated, wrong_header_sum, fragment,
    };

    kinds[random_below(v->random, sizeof kinds / sizeof *kinds)](v);
}
