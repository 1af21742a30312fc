/* traffic_segment.c - packets of either end, with all that may vary in them. */
#include <string.h>

#include "traffic_end.h"

struct segment segment_from(struct visit *v, unsigned from)
{
    const struct scene_service *service = &v->scene->service[v->service];
    const uint64_t dice = random_next(v->random);
    struct segment s = {
        .dst_mac = v->scene->device_mac[from == CLIENT_END ? TO_CLIENTS : TO_SERVERS],
        .proto = service->proto,
        .tos = (uint8_t)(dice & 0xfc),
        .ttl = (uint8_t)(2 + (dice >> 8) % 254),
        .n_ip_options = (dice >> 16) % 64 ? 0 : (uint8_t)(4 * (1 + (dice >> 22) % 3)),
        .n_pad = (dice >> 24) % 16 ? 0 : (uint8_t)(1 + (dice >> 28) % 18),
        .window = (uint16_t)(dice >> 32),
        .payload = v->noise + (dice >> 48) % NOISE_BYTES,
        .without_csum = service->proto == PROTO_UDP && (dice >> 40) % 8 == 0,
    };

    if (from == CLIENT_END) {
        memcpy(s.src, v->caddr, 16);
        memcpy(s.dst, service->vip, 16);
        s.sport = v->cport;
        s.dport = service->port;
    } else {
        const struct scene_server *server = &v->scene->server[v->end->server];

        memcpy(s.src, server->addr, 16);
        memcpy(s.dst, v->scene->laddr[v->end->laddr], 16);
        s.sport = server->port;
        s.dport = v->end->lport;
    }
    return s;
}

void segment_send(struct visit *v, const struct segment *s, unsigned from)
{
    struct packet *p = &v->batch->packet[v->batch->n];
    struct segment out = *s;

    out.id = (uint16_t)(v->batch->first_id + v->batch->n);
    if (out.tcp_flags & TCP_RST)
        out.tos |= 4;           /* never taken for the core's own */
    p->in = batch_keep(v->batch, from == CLIENT_END ? TO_CLIENTS : TO_SERVERS,
                       frame_write(batch_room(v->batch), &out));
    p->slot = v->slot;
    p->worker = v->worker;
    p->out.n_bytes = p->kernel.n_bytes = 0;
    v->batch->n++;
}

uint16_t payload_bytes(struct visit *v, unsigned l3_max, unsigned n_headers)
{
    const unsigned room = l3_max - n_headers;
    const unsigned dice = random_below(v->random, 100);

    if (dice < 2)
        return (uint16_t)(room - random_below(v->random, 14)); /* around where TOA finds no room */
    if (dice < 8)
        return (uint16_t)random_below(v->random, room + 1);
    return (uint16_t)random_below(v->random, dice < 30 ? 300 : 33);
}
