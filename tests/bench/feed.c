/* feed.c - a generator's hands. */
#include "feed.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

#include "frame.h"

enum {
    IN_FLIGHT = 256,            /* packets at a port, small enough for the caches of both lcores */
    HELD = 960,                 /* in all: no port is starved by the other, all fit one ring */
};

void feed_reset(struct rte_mbuf *m, uint32_t n_bytes)
{
    if (m->data_len == n_bytes && m->data_off == RTE_PKTMBUF_HEADROOM)
        return;                 /* mostly: the packet's own line is not written then */
    m->data_off = RTE_PKTMBUF_HEADROOM;
    m->data_len = (uint16_t)n_bytes;
    m->pkt_len = n_bytes;
}

/* A new packet: the fixed bytes of an IPv4 UDP frame; what differs is written by each fill. */
static bool add_packet(struct feed *f, uint32_t n_bytes)
{
    struct rte_mbuf *m = rte_pktmbuf_alloc(f->pool);

    if (!m)
        return false;
    feed_reset(m, n_bytes);
    frame_blank(rte_pktmbuf_mtod(m, uint8_t *), n_bytes);
    stock_put(&f->stock, m);
    return true;
}

static_assert((int)HELD < (int)WIRE_SLOTS, "what comes out always finds room");

struct feed *feed_create(struct bench *b, unsigned w)
{
    struct feed *f = rte_zmalloc("feed", sizeof(*f), RTE_CACHE_LINE_SIZE);

    if (f) {
        f->wire = b->wire;
        f->pool = b->pool;
        f->w = w;
        while (f->n_held < HELD && add_packet(f, b->frame_bytes))
            f->n_held++;
    }
    if (f && f->n_held == HELD)
        return f;
    fprintf(stderr, "no memory for the generator's packets\n");
    return NULL;
}

unsigned feed_pull(struct feed *f, const struct load *load)
{
    unsigned total = 0;

    for (unsigned p = 0; p < WIRE_PORTS; p++) {
        struct rte_mbuf *m[WIRE_BURST];
        const unsigned n = rte_ring_sc_dequeue_burst(f->wire[p].from_dut[f->w], (void **)m,
                                                     WIRE_BURST, NULL);

        for (unsigned i = 0; i < n; i++) {
            if (load->took)
                load->took(load->self, m[i], p, f->w);
            stock_put(&f->stock, m[i]);
        }
        total += n;
    }
    f->n_back += total;
    return total;
}

unsigned feed_push(struct feed *f, const struct load *load, unsigned p)
{
    struct rte_ring *ring = f->wire[p].to_dut[f->w];
    struct rte_mbuf *m[WIRE_BURST];
    unsigned n = 0;

    if (f->stock.n < WIRE_BURST || rte_ring_count(ring) > IN_FLIGHT)
        return 0;
    while (n < WIRE_BURST) {
        m[n] = stock_take(&f->stock);
        if (!load->fill(load->self, m[n], p, f->w)) {
            stock_put(&f->stock, m[n]);
            break;
        }
        n++;
    }
    if (n && !rte_ring_sp_enqueue_bulk(ring, (void **)m, n, NULL)) {
        fprintf(stderr, "a ring of %d slots is full with %d packets\n", WIRE_SLOTS, IN_FLIGHT);
        rte_exit(1, "generator and rings do not fit\n");
    }
    f->n_sent += n;
    return n;
}

bool feed_send(struct feed *f, const struct load *load, unsigned p)
{
    struct rte_ring *ring = f->wire[p].to_dut[f->w];
    struct rte_mbuf *m;

    if (!f->stock.n || rte_ring_full(ring))
        return false;
    m = stock_take(&f->stock);
    if (!load->fill(load->self, m, p, f->w)) {
        stock_put(&f->stock, m);
        return false;
    }
    rte_ring_sp_enqueue(ring, m);
    f->n_sent++;
    return true;
}
