/* exchange.c - injecting, stepping, counting what began, taking. */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "verdicts.h"

enum { ROUNDS_MAX = 100000 };

static void inject(struct core *core, const struct packet *p)
{
    if (core_inject(core, p->worker, p->in.dev, p->in.bytes, p->in.n_bytes))
        failure(p, "the core does not take it");
}

/* Until it has nothing to do: it takes 32 packets a turn from each of the others, who may give it
 * 128 (resets of 64 connections that end in one turn), and its rings are bounded. */
static int sender_turns(struct core *core, uint64_t now_us)
{
    int n = 0;

    for (int n_now; (n_now = core_step_worker(core, 0, now_us)); n += n_now)
        if (n_now < 0 || n > ROUNDS_MAX * BATCH_MAX)
            failure(NULL, "worker 0 never comes to rest");
    return n;
}

/* The workers in an order that changes. */
static int round_of_turns(struct core *core, const struct scene *s, struct random *random,
                          uint64_t now_us)
{
    const uint32_t first = random_below(random, s->n_workers);
    int n = 0;

    for (uint32_t i = 0; i < s->n_workers; i++) {
        n += core_step_worker(core, (first + i) % s->n_workers, now_us);
        if (s->one_sender)
            n += sender_turns(core, now_us);
    }
    return n;
}

static bool is_made_here(const uint8_t *frame, uint32_t n_bytes)
{
    return n_bytes == MADE_BYTES && frame[ETH_HDR_BYTES] == 0x45 && !frame[ETH_HDR_BYTES + 1] &&
           frame[ETH_HDR_BYTES + 9] == PROTO_TCP &&
           (frame[ETH_HDR_BYTES + IP4_HDR_BYTES + 13] & TCP_RST);
}

/* The packet of the batch with the frame's IP id. */
static struct packet *by_id(struct batch *b, const uint8_t *frame, uint32_t n_bytes)
{
    uint16_t i;

    if (n_bytes < ETH_HDR_BYTES + IP4_HDR_BYTES)
        failure_frame(frame, n_bytes, "a frame that is no IP packet");
    i = (uint16_t)(get16(frame + ETH_HDR_BYTES + 4) - b->first_id);
    if (i >= b->n)
        failure_frame(frame, n_bytes, "a frame that nothing in the batch can have become");
    return &b->packet[i];
}

static void keep_made(struct batch *b, uint8_t dev, const uint8_t *frame)
{
    struct made *m;

    if (b->n_made == b->made_room) {
        b->made_room = 2 * b->made_room + 1024;
        b->made = realloc(b->made, b->made_room * sizeof *b->made);
        if (!b->made)
            failure(NULL, "no memory for %u resets at once", b->made_room);
    }
    m = &b->made[b->n_made++];
    memcpy(m->bytes, frame, MADE_BYTES);
    m->dev = dev;
}

static void keep(struct batch *b, struct frame *to, uint8_t dev, uint32_t n_bytes)
{
    if (to->n_bytes)
        failure_frame(batch_room(b), n_bytes, "a packet came out twice");
    *to = batch_keep(b, dev, n_bytes);
}

static uint32_t checked_length(int n_bytes)
{
    if (n_bytes < 0 || n_bytes > FRAME_BYTES)
        failure(NULL, "a frame of %d bytes came out", n_bytes);
    return (uint32_t)n_bytes;
}

typedef int take_fn(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes);

/* The next frame, where the batch has room for it; its length, 0: there is none. */
static uint32_t next_frame(struct core *core, struct batch *b, uint8_t dev, take_fn *take)
{
    if (batch_is_full(b))
        failure(NULL, "more frames came out than went in");
    return checked_length(take(core, dev, batch_room(b), FRAME_BYTES));
}

static void take_all(struct core *core, struct batch *b, uint8_t dev)
{
    uint32_t n;

    while ((n = next_frame(core, b, dev, core_take))) {
        if (is_made_here(batch_room(b), n))
            keep_made(b, dev, batch_room(b));
        else
            keep(b, &by_id(b, batch_room(b), n)->out, dev, n);
    }
    while ((n = next_frame(core, b, dev, core_take_kernel)))
        keep(b, &by_id(b, batch_room(b), n)->kernel, dev, n);
}

/* Turns until rest: the connections that began in them. */
static uint32_t turns(struct core *core, const struct scene *s, struct random *random,
                      uint64_t now_us, unsigned n_rounds)
{
    const uint64_t n_before = verdicts_scheduled(core, s);
    unsigned n = 0;
    int n_busy;

    do {
        n_busy = round_of_turns(core, s, random, now_us);
        if (++n > ROUNDS_MAX)
            failure(NULL, "the workers never come to rest");
    } while (n_busy || n < n_rounds);
    return (uint32_t)(verdicts_scheduled(core, s) - n_before);
}

static void exchange_together(struct core *core, const struct scene *s, struct random *random,
                              struct batch *b, unsigned n_rounds)
{
    for (uint32_t i = 0; i < b->n; i++)
        if (!b->packet[i].alone)
            inject(core, &b->packet[i]);
    b->n_begun = turns(core, s, random, b->now_us, n_rounds);
}

static void exchange_alone(struct core *core, const struct scene *s, struct random *random,
                           struct batch *b)
{
    for (uint32_t i = 0, end; i < b->n; i = end) {
        end = batch_visit_end(b, i);
        if (!b->packet[i].alone)
            continue;
        for (uint32_t k = i; k < end; k++)
            inject(core, &b->packet[k]);
        b->packet[i].n_begun = turns(core, s, random, b->now_us, 1);
    }
}

void exchange(struct core *core, const struct scene *s, struct random *random, struct batch *b,
              unsigned n_rounds)
{
    exchange_together(core, s, random, b, n_rounds);
    exchange_alone(core, s, random, b);
    core_step_host(core, b->now_us);
    for (uint8_t dev = 0; dev < N_DEVICES; dev++)
        take_all(core, b, dev);
    if (core_mbufs_in_use(core))
        failure(NULL, "%d packets are still in the core", core_mbufs_in_use(core));
}
