/* established.h - a director whose connections all stand, and packets of them in random order.
 *
 * Both directions half and half: port 0 gets what clients send, port 1 what servers send. Where
 * servers answer another way, clients send to both ports.
 */
#ifndef DPVS_BENCH_ESTABLISHED_H
#define DPVS_BENCH_ESTABLISHED_H

#include "flows.h"
#include "load.h"
#include "rng.h"
#include "talk.h"

struct established {
    struct director director;
    struct flows flows;
    struct feed *feed[WIRE_WORKERS];
    uint32_t *owned[WIRE_WORKERS]; /* with two workers: flows by the worker that owns them */
    uint32_t n_owned[WIRE_WORKERS];
    uint32_t astray_per_mille;  /* packets that arrive at the worker that does not own them */
    struct {                    /* written for each packet, by the generator alone */
        struct rng rng;
        uint32_t n_packets;
    } __rte_cache_aligned generator[WIRE_WORKERS];
};

/* Director, flows, generators; then every flow through its script. 0, or -1 and a message. */
int established_setup(struct established *e, struct bench *b, const struct director_conf *conf);
/* The load of these flows; its fill, for loads that add to it. */
bool established_fill(void *self, struct rte_mbuf *m, unsigned p, unsigned w);
struct load established_load(struct established *e, struct measure *measures);
/* Packets and what the director counts; the clients' connections must be all there are. */
int established_report(struct established *e, const struct bench *b, struct report *r);

#endif
