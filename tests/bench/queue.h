/* queue.h - flows that wait for their turn, first in, first out. */
#ifndef DPVS_BENCH_QUEUE_H
#define DPVS_BENCH_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum { QUEUE_SLOTS = 4096 };

struct queue {
    uint32_t slot[QUEUE_SLOTS];
    uint32_t head, tail;        /* taken out, put in: ever */
};

static inline uint32_t queue_count(const struct queue *q)
{
    return q->tail - q->head;
}

static inline void queue_put(struct queue *q, uint32_t i)
{
    q->slot[q->tail++ % QUEUE_SLOTS] = i;
}

static inline uint32_t queue_take(struct queue *q)
{
    return q->slot[q->head++ % QUEUE_SLOTS];
}

#endif
