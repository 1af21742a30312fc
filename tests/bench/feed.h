/* feed.h - a generator's hands: takes what came out of the ports, fills it anew, puts it in. */
#ifndef DPVS_BENCH_FEED_H
#define DPVS_BENCH_FEED_H

#include "load.h"
#include "scenario.h"
#include "stock.h"

struct feed {
    struct wire *wire;          /* [WIRE_PORTS] */
    struct rte_mempool *pool;
    unsigned w;                 /* the worker whose rings it fills and empties */
    uint32_t n_held;            /* packets it keeps in hand and in flight */
    uint64_t n_sent, n_back;
    double mpps_through;        /* sent in the counted time, at the generator's own pace */
    struct stock stock;
};

/* NULL and a message on stderr: no memory. Never freed: lives as long as the program. */
struct feed *feed_create(struct bench *b, unsigned w);
/* All that came out, into the stock; the number. */
unsigned feed_pull(struct feed *f, const struct load *load);
/* A burst into port p unless enough wait there already; the number of packets. */
unsigned feed_push(struct feed *f, const struct load *load, unsigned p);
/* One packet into port p now; false: no room there, or nothing to fill it with. */
bool feed_send(struct feed *f, const struct load *load, unsigned p);
/* A packet as the pool gives it: empty, with headroom, n_bytes long. */
void feed_reset(struct rte_mbuf *m, uint32_t n_bytes);

#endif
