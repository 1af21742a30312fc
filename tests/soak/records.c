/* records.c - a random choice of forwarded packets into a file. */
#include "records.h"

#include <stdlib.h>
#include <string.h>

struct record {
    uint64_t number;
    uint8_t from_server, proto, xmit_ttl, pad;
    uint16_t cport, vport, lport, dport;
    uint8_t caddr[4], vaddr[4], laddr[4], daddr[4];
    uint32_t shift, first_data;
    uint8_t synack_seen, data_acked; /* after this packet */
    uint16_t mtu, n_in, n_out;
} __attribute__((packed));
_Static_assert(sizeof(struct record) == 52, "RECORD of test_soak.py");

static void put(FILE *file, const void *bytes, size_t n_bytes)
{
    if (fwrite(bytes, 1, n_bytes, file) == n_bytes)
        return;
    perror("writing records");
    exit(2);
}

static void write_pair(struct records *r, const struct scene *s, const struct flow *f,
                       const struct packet *p)
{
    const bool from_server = p->in.dev == TO_SERVERS;
    const struct scene_service *service = &s->service[f->service];
    const struct scene_server *server = &s->server[f->server];
    struct record out = {
        .number = p->number, .from_server = from_server, .proto = service->proto,
        .xmit_ttl = s->xmit_ttl, .cport = f->cport, .vport = service->port, .lport = f->lport,
        .dport = server->port, .shift = f->shift, .first_data = f->first_data,
        .synack_seen = !!(f->flags & FLOW_SYNACK), .data_acked = !!(f->flags & FLOW_DATA_ACKED),
        .mtu = from_server ? LINK_MTU : server->mtu,
        .n_in = p->in_view.l3_bytes, .n_out = p->out_view.l3_bytes,
    };

    memcpy(out.caddr, f->caddr, 4);
    memcpy(out.vaddr, service->vip, 4);
    memcpy(out.laddr, s->laddr[f->laddr], 4);
    memcpy(out.daddr, server->addr, 4);
    put(r->file, &out, sizeof out);
    put(r->file, p->in_view.l3, out.n_in);
    put(r->file, p->out_view.l3, out.n_out);
    r->n_written++;
}

/* A flow is known as it is after the batch: right for the last packet of a visit only. */
static bool is_last_of_visit(const struct batch *b, uint32_t i)
{
    return i + 1 == b->n || b->packet[i + 1].slot != b->packet[i].slot;
}

void records_write(struct records *r, const struct scene *s, const struct oracle *o,
                   const struct batch *b, struct random *random, uint64_t n_left)
{
    if (!r->file)
        return;
    for (uint32_t i = 0; i < b->n && r->n_written < r->n_wanted; i++) {
        const struct packet *p = &b->packet[i];
        const uint64_t out_of = 1 + n_left / 2; /* many are not forwarded, or not the last */
        const struct flow *f;

        if (p->fate != FATE_FORWARDED || !is_last_of_visit(b, i) ||
            random_next(random) % out_of >= r->n_wanted - r->n_written)
            continue;
        f = oracle_flow_of(o, p);
        if (f)
            write_pair(r, s, f, p);
    }
}
