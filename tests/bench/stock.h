/* stock.h - the packets a generator holds; the last in is the first out. */
#ifndef DPVS_BENCH_STOCK_H
#define DPVS_BENCH_STOCK_H

#include <rte_mbuf.h>

enum { STOCK_SLOTS = 4096 };    /* more than all generators' packets together */

struct stock {
    uint32_t n;
    struct rte_mbuf *slot[STOCK_SLOTS];
};

static inline void stock_put(struct stock *s, struct rte_mbuf *m)
{
    s->slot[s->n++] = m;
}

static inline struct rte_mbuf *stock_take(struct stock *s)
{
    return s->slot[--s->n];
}

#endif
