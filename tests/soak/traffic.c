/* traffic.c - which slot is next, its tuple, and what its ends learn. */
#include "traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic_end.h"

enum { STRANGER_PCT = 3, VISIT_MAX = 4, LIVES = 4, NOISE_ROOM = NOISE_BYTES + FRAME_BYTES };

struct traffic {
    const struct scene *scene;
    struct random random;
    struct end *end;
    uint32_t n_batches;
    uint64_t n_packets;
    uint8_t noise[NOISE_ROOM];
};

struct traffic *traffic_make(const struct scene *s)
{
    struct traffic *t = calloc(1, sizeof *t);

    if (t)
        t->end = calloc(s->n_flows, sizeof *t->end);
    if (!t || !t->end) {
        fprintf(stderr, "no memory for the ends of %u flows\n", s->n_flows);
        exit(2);
    }
    t->scene = s;
    t->random.state = s->seed ^ 0x656e6473;
    for (unsigned i = 0; i < NOISE_ROOM; i++)
        t->noise[i] = (uint8_t)random_next(&t->random);
    return t;
}

void traffic_free(struct traffic *t)
{
    free(t->end);
    free(t);
}

/* Each (slot, life) is another client socket: the product is a permutation of 32 bits. */
static void set_tuple(struct visit *v)
{
    const uint32_t number = v->slot + v->end->life * v->scene->n_flows;
    const uint32_t spread = (number + (uint32_t)v->scene->seed) * 2654435761u;

    memcpy(v->caddr, (uint8_t[16]){ 10, 200, (uint8_t)(spread >> 8), (uint8_t)spread }, 16);
    v->cport = (uint16_t)(spread >> 16);
    v->service = (spread >> 5 ^ spread >> 21) % N_SERVICES;
}

static void visit(struct traffic *t, struct batch *b, uint32_t slot)
{
    struct visit v = { .scene = t->scene, .random = &t->random, .batch = b, .slot = slot,
                       .worker = (uint8_t)random_below(&t->random, t->scene->n_workers),
                       .noise = t->noise };

    if (slot == NO_SLOT) {
        stranger_visit(&v);
        return;
    }
    v.end = &t->end[slot];
    if (v.end->batch == t->n_batches)
        return;
    v.end->batch = t->n_batches;
    if (v.end->phase == PHASE_NEW && random_pct(&t->random, 50))
        v.end->life = (uint8_t)random_below(&t->random, LIVES);
    set_tuple(&v);
    if (t->scene->service[v.service].proto == PROTO_TCP)
        tcp_visit(&v);
    else
        udp_visit(&v);
}

void traffic_fill(struct traffic *t, struct batch *b, uint32_t n)
{
    uint32_t slot[BATCH_MAX];

    t->n_batches++;
    b->n = 0;
    b->n_made = 0;
    b->arena_used = 0;
    b->first_id = (uint16_t)t->n_packets;
    for (uint32_t i = 0; i < n; i++) {
        slot[i] = random_pct(&t->random, STRANGER_PCT)
                      ? NO_SLOT : random_below(&t->random, t->scene->n_flows);
        if (slot[i] != NO_SLOT)
            __builtin_prefetch(&t->end[slot[i]], 1);
    }
    for (uint32_t i = 0; i < n && b->n + VISIT_MAX <= n; i++)
        visit(t, b, slot[i]);
    for (uint32_t i = 0; i < b->n; i++)
        b->packet[i].number = t->n_packets++;
}

/* A server learns whom it talks to from what reaches it. */
static void learn_corner(struct traffic *t, struct end *e, const struct packet *p)
{
    const struct view *in = &p->in_view, *out = &p->out_view;

    e->lport = out->sport;
    e->shift = out->seq - in->seq;
    for (uint8_t i = 0; i < t->scene->n_laddrs; i++)
        if (!memcmp(t->scene->laddr[i], out->src, 16))
            e->laddr = i;
    for (uint8_t i = 0; i < N_SERVERS; i++)
        if (!memcmp(t->scene->server[i].addr, out->dst, 16))
            e->server = i;
    if (e->phase == PHASE_NEW)
        e->phase = PHASE_ASKED;
}

void traffic_receive(struct traffic *t, const struct batch *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        const struct packet *p = &b->packet[i];

        if (p->slot == NO_SLOT)
            continue;
        if (p->fate == FATE_FORWARDED && p->in.dev == TO_CLIENTS)
            learn_corner(t, &t->end[p->slot], p);
        else if (p->fate == FATE_RESET)
            t->end[p->slot].phase = PHASE_NEW;
    }
}
