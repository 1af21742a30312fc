/* oracle_flow.c - chained hashes of flows. */
#include "oracle_flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ b * 0xd6e8feb86659fd93u) * 0x9e3779b97f4a7c15u;

    h ^= h >> 32;
    return (uint32_t)(h * 0xd6e8feb86659fd93u >> 32);
}

static uint32_t client_place(const struct flow_table *t, unsigned service, const uint8_t caddr[16],
                             uint16_t cport)
{
    uint64_t half[2];

    memcpy(half, caddr, 16);
    return mix(half[0] * 31 + half[1], (uint64_t)service << 16 | cport) & t->mask;
}

static uint32_t server_place(const struct flow_table *t, unsigned server, uint8_t proto,
                             unsigned laddr, uint16_t lport)
{
    return mix((uint64_t)server << 8 | proto, (uint64_t)laddr << 16 | lport) & t->mask;
}

void flow_table_make(struct flow_table *t, uint32_t n_max)
{
    uint32_t n_places = 1024;

    while (n_places < n_max / 2)
        n_places *= 2;
    *t = (struct flow_table){ .mask = n_places - 1, .first_free = NO_FLOW, .n_max = n_max };
    t->flow = calloc(n_max, sizeof *t->flow);
    for (unsigned i = 0; i < 2; i++) {
        t->chain[i] = malloc(n_places * sizeof(uint32_t));
        if (t->chain[i])
            memset(t->chain[i], 0xff, n_places * sizeof(uint32_t));
    }
    if (!t->flow || !t->chain[0] || !t->chain[1]) {
        fprintf(stderr, "no memory for the oracle's %u flows\n", n_max);
        exit(2);
    }
}

void flow_table_free(struct flow_table *t)
{
    free(t->flow);
    free(t->chain[0]);
    free(t->chain[1]);
}

struct flow *flow_by_client(const struct flow_table *t, unsigned service, const uint8_t caddr[16],
                            uint16_t cport)
{
    uint32_t i = t->chain[FROM_CLIENT][client_place(t, service, caddr, cport)];

    for (; i != NO_FLOW; i = t->flow[i].next[FROM_CLIENT]) {
        struct flow *f = &t->flow[i];

        if (f->cport == cport && f->service == service && !memcmp(f->caddr, caddr, 16))
            return f;
    }
    return NULL;
}

struct flow *flow_by_server(const struct flow_table *t, unsigned server, uint8_t proto,
                            unsigned laddr, uint16_t lport, const struct scene *s)
{
    uint32_t i = t->chain[FROM_SERVER][server_place(t, server, proto, laddr, lport)];

    for (; i != NO_FLOW; i = t->flow[i].next[FROM_SERVER]) {
        struct flow *f = &t->flow[i];

        if (f->lport == lport && f->laddr == laddr && f->server == server &&
            s->service[f->service].proto == proto)
            return f;
    }
    return NULL;
}

const uint32_t *flow_chain_of_client(const struct flow_table *t, unsigned service,
                                     const uint8_t caddr[16], uint16_t cport)
{
    return &t->chain[FROM_CLIENT][client_place(t, service, caddr, cport)];
}

const uint32_t *flow_chain_of_server(const struct flow_table *t, unsigned server, uint8_t proto,
                                     unsigned laddr, uint16_t lport)
{
    return &t->chain[FROM_SERVER][server_place(t, server, proto, laddr, lport)];
}

void flow_prefetch(const struct flow_table *t, const uint32_t *chain)
{
    if (*chain != NO_FLOW) {
        __builtin_prefetch(&t->flow[*chain]);
        __builtin_prefetch((const uint8_t *)&t->flow[*chain] + sizeof *t->flow - 1);
    }
}

struct flow *flow_add(struct flow_table *t, const struct flow *flow, uint8_t proto)
{
    const uint32_t place[2] = {
        client_place(t, flow->service, flow->caddr, flow->cport),
        server_place(t, flow->server, proto, flow->laddr, flow->lport),
    };
    uint32_t i = t->first_free;
    struct flow *f;

    if (i != NO_FLOW) {
        t->first_free = t->flow[i].next[0];
    } else if (t->n_touched < t->n_max) {
        i = t->n_touched++;
    } else {
        fprintf(stderr, "the oracle's table of %u flows is full\n", t->n_max);
        exit(2);
    }
    f = &t->flow[i];
    *f = *flow;
    f->flags |= FLOW_USED;
    for (unsigned by = 0; by < 2; by++) {
        f->next[by] = t->chain[by][place[by]];
        t->chain[by][place[by]] = i;
    }
    t->n_used++;
    return f;
}

static void unchain(struct flow_table *t, unsigned by, uint32_t place, uint32_t i)
{
    uint32_t *at = &t->chain[by][place];

    while (*at != i)
        at = &t->flow[*at].next[by];
    *at = t->flow[i].next[by];
}

void flow_remove(struct flow_table *t, struct flow *f, uint8_t proto)
{
    const uint32_t i = (uint32_t)(f - t->flow);

    unchain(t, FROM_CLIENT, client_place(t, f->service, f->caddr, f->cport), i);
    unchain(t, FROM_SERVER, server_place(t, f->server, proto, f->laddr, f->lport), i);
    f->flags = 0;
    f->next[0] = t->first_free;
    t->first_free = i;
    t->n_used--;
}
