/* established.c - a director whose connections all stand. */
#include "established.h"

#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

#include "pkt/headers.h"
#include "result.h"

enum { SEQ_MASK = 0x3fffffff, FCS_BYTES = 4 };

static int sort_by_owner(struct established *e, uint32_t n_workers)
{
    for (uint32_t w = 0; w < n_workers; w++) {
        e->owned[w] = rte_malloc("owned", e->flows.n * sizeof(uint32_t), 0);
        if (!e->owned[w]) {
            fprintf(stderr, "no memory for the lists of flows\n");
            return -1;
        }
    }
    for (uint32_t i = 0; i < e->flows.n; i++) {
        const unsigned w = e->flows.flow[i].worker;

        e->owned[w][e->n_owned[w]++] = i;
    }
    for (uint32_t w = 0; w < n_workers; w++)
        if (!e->n_owned[w]) {
            fprintf(stderr, "worker %u owns none of %u flows: use more\n", w, e->flows.n);
            return -1;
        }
    return 0;
}

int established_setup(struct established *e, struct bench *b, const struct director_conf *conf)
{
    const bool tcp = conf->proto == PROTO_TCP, one_way = director_is_one_way(conf);

    if (director_create(&e->director, b, conf) ||
        flows_create(&e->flows, &e->director, b->n_flows, b->frame_bytes))
        return -1;
    for (unsigned w = 0; w < b->n_workers; w++) {
        e->generator[w].rng = rng_of(w);
        e->feed[w] = feed_create(b, w);
        if (!e->feed[w])
            return -1;
    }
    if (one_way ? talk_all(b, &e->flows, e->feed, talk_one_way, TALK_ONE_WAY_STEPS)
        : tcp   ? talk_all(b, &e->flows, e->feed, talk_tcp, TALK_TCP_STEPS)
                : talk_all(b, &e->flows, e->feed, talk_udp, TALK_UDP_STEPS))
        return -1;
    return b->n_workers > 1 ? sort_by_owner(e, b->n_workers) : 0;
}

static uint32_t next_flow(struct established *e, unsigned w)
{
    unsigned owner = w;

    if (!e->owned[1])
        return rng_below(&e->generator[w].rng, e->flows.n);
    if (e->astray_per_mille && rng_below(&e->generator[w].rng, 1000) < e->astray_per_mille)
        owner = 1 - w;
    return e->owned[owner][rng_below(&e->generator[w].rng, e->n_owned[owner])];
}

/* TCP: both ends go on sending and acknowledging; the frame is full up to its end. */
bool established_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w)
{
    struct established *e = self;
    const bool one_way = director_is_one_way(&e->director.conf);
    const uint32_t progress = 1 + TALK_TCP_PAYLOAD +
                              (e->generator[w].n_packets++ * TALK_TCP_PAYLOAD & SEQ_MASK);
    const struct step step = {
        .from = one_way ? FROM_CLIENT : (uint8_t)p, .tcp_flags = TCP_PSH | TCP_ACK,
        .seq = progress, .ack = progress,
        .payload_bytes = (uint16_t)(e->flows.n_bytes -
                                    frame_min_bytes(e->director.conf.af, PROTO_TCP)),
    };

    flows_write(&e->flows, m, next_flow(e, w), &step);
    if (p != step.from)
        memcpy(rte_pktmbuf_mtod(m, uint8_t *), director_mac(&e->director, p), 6);
    return true;
}

static unsigned established_turn(void *self, unsigned w, uint64_t now_us)
{
    struct established *e = self;

    return director_turn(&e->director, w, now_us);
}

struct load established_load(struct established *e, struct measure *measures)
{
    return (struct load){
        .self = e, .n_ports = WIRE_PORTS, .full = { WIRE_BURST, WIRE_BURST },
        .fill = established_fill, .turn = established_turn,
        .measure = { &measures[0], &measures[1] },
    };
}

int established_report(struct established *e, const struct bench *b, struct report *r)
{
    struct director_sums sums;

    director_sums(&e->director, &sums);
    result_packets(r, e->feed, b->n_workers);
    report_count(r, "packet_bytes_sent", e->flows.n_bytes + FCS_BYTES);
    report_count(r, "connections_made", sums.made);
    report_count(r, "connections_live", sums.live);
    report_count(r, "dropped", sums.dropped);
    if (sums.made == e->flows.n && sums.live == sums.made && !sums.dropped)
        return 0;
    fprintf(stderr, "%u flows, but %llu connections made, %llu live, %llu packets dropped\n",
            e->flows.n, (unsigned long long)sums.made, (unsigned long long)sums.live,
            (unsigned long long)sums.dropped);
    director_blame(&e->director);
    return -1;
}
