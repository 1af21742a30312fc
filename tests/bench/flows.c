/* flows.c - the bench's conversations. */
#include "flows.h"

#include <stdio.h>

#include <rte_malloc.h>

#include "pkt/headers.h"

enum { FLOWS_A_CLIENT = 50, ROUNDS = 1280, FIRST_PORT = 1024 };

int flows_create(struct flows *f, struct director *d, uint32_t n, uint32_t n_bytes)
{
    const uint32_t least = RTE_MAX(frame_min_bytes(director_af(d, FROM_CLIENT), d->conf.proto),
                                   frame_min_bytes(director_af(d, FROM_SERVER), d->conf.proto));

    *f = (struct flows){ .director = d, .n = n, .n_bytes = RTE_MAX(n_bytes, least) };
    f->flow = rte_zmalloc("flows", (size_t)n * sizeof(*f->flow), RTE_CACHE_LINE_SIZE);
    if (f->flow)
        return 0;
    fprintf(stderr, "no memory for %u flows of the generator\n", n);
    return -1;
}

static uint32_t client_isn(uint32_t i, uint16_t round)
{
    return i * 2654435761u + round * 40503u;
}

static uint32_t server_isn(uint32_t i, uint16_t round)
{
    return ~client_isn(i, round);
}

static uint16_t client_port_be(uint32_t i, uint16_t round)
{
    return rte_cpu_to_be_16((uint16_t)(FIRST_PORT + i % FLOWS_A_CLIENT * ROUNDS + round % ROUNDS));
}

static bool is_snat(const struct director *d)
{
    return d->conf.fwd == CORE_FWD_SNAT;
}

/* Whom the client talks to: a service, or with SNAT the server itself. */
static struct place target(const struct director *d, uint32_t i)
{
    return is_snat(d) ? (struct place){ PLACE_SERVER, i % (d->n_services * d->n_dests) }
                      : director_vip(d, i % d->n_services);
}

static uint16_t target_port_be(const struct director *d, uint32_t i)
{
    return is_snat(d) ? RTE_BE16(DIRECTOR_SERVER_PORT)
                      : director_vip_port_be(i % d->n_services);
}

void flows_write(const struct flows *f, struct rte_mbuf *m, uint32_t i, const struct step *step)
{
    const struct flow *flow = &f->flow[i];
    const struct director *d = f->director;
    struct frame_spec spec = {
        .af = director_af(d, step->from), .proto = d->conf.proto, .tcp_flags = step->tcp_flags, .tag = i,
        .n_bytes = f->n_bytes, .payload_bytes = step->payload_bytes,
        .mac = director_mac(d, step->from),
    };

    if (step->from == FROM_CLIENT) {
        spec.src = (struct place){ PLACE_CLIENT, i / FLOWS_A_CLIENT };
        spec.dst = target(d, i);
        spec.sport_be = client_port_be(i, flow->round);
        spec.dport_be = target_port_be(d, i);
        spec.seq = client_isn(i, flow->round) + step->seq;
        spec.ack = step->tcp_flags & TCP_ACK ? server_isn(i, flow->round) + step->ack : 0;
    } else {
        spec.src = (struct place){ PLACE_SERVER, flow->server };
        spec.dst = d->conf.fwd == CORE_FWD_FNAT || is_snat(d)
                       ? (struct place){ PLACE_LADDR, flow->laddr }
                       : (struct place){ PLACE_CLIENT, i / FLOWS_A_CLIENT };
        spec.sport_be = RTE_BE16(DIRECTOR_SERVER_PORT);
        spec.dport_be = flow->lport_be;
        spec.seq = server_isn(i, flow->round) + step->seq;
        spec.ack = client_isn(i, flow->round) + flow->seq_shift + step->ack;
    }
    frame_write(m, &spec);
}

void flows_learn(struct flows *f, uint32_t i, const struct frame_view *view, unsigned w)
{
    struct flow *flow = &f->flow[i];

    flow->server = view->dst_index;
    flow->laddr = (uint16_t)view->src_index;
    flow->lport_be = view->sport_be;
    flow->seq_shift = view->seq - client_isn(i, flow->round);
    flow->worker = (uint8_t)w;
}
