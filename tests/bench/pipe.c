/* pipe.c - two lcores and the rings between them. */
#include "pipe.h"

#include <stdio.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_pause.h>

enum {
    DRAIN_S = 2,                /* so long without a packet: it will not come */
    STALL_S = 5,                /* so long with nothing to send: nothing will be */
};

static bool bursts_wait(const struct bench *b, const struct load *load)
{
    for (unsigned p = 0; p < load->n_ports; p++)
        if (rte_ring_count(b->wire[p].to_dut[0]) < load->full[p])
            return false;
    return true;
}

static void wait_for_bursts(const struct pipe *pipe)
{
    const uint64_t end = rte_rdtsc() + LOAD_PATIENCE_US * pipe->bench->cycles_per_us;

    while (!bursts_wait(pipe->bench, pipe->load) && rte_rdtsc() < end)
        rte_pause();
}

static int measured_lcore(void *arg)
{
    struct pipe *pipe = arg;
    struct load *load = pipe->load;
    struct bench_clock clock = *pipe->clock;
    const unsigned n_full = load_full_packets(load);
    const uint64_t cycles_per_us = pipe->bench->cycles_per_us;

    while (!__atomic_load_n(&pipe->stop, __ATOMIC_ACQUIRE)) {
        const bool counted = __atomic_load_n(&pipe->counted, __ATOMIC_RELAXED);
        uint64_t began, now_us, cycles;
        unsigned n;

        if (__atomic_load_n(&pipe->paced, __ATOMIC_RELAXED))
            wait_for_bursts(pipe);
        began = rte_rdtsc();
        now_us = bench_clock_us(&clock, began, cycles_per_us);
        n = load->turn(load->self, 0, now_us);
        cycles = rte_rdtsc() - began;
        clock.n_packets += n;
        if (counted && (n == n_full || pipe->pace == PIPE_WINDOW))
            measure_add(load->measure[0], cycles, n);
        if (load->after)
            load->after(load->self, 0);
    }
    *pipe->clock = clock;
    return 0;
}

static void generate_all(struct pipe *pipe, uint64_t tsc)
{
    (void)tsc;
    feed_pull(pipe->feed, pipe->load);
    for (unsigned p = 0; p < pipe->load->n_ports; p++)
        feed_push(pipe->feed, pipe->load, p);
}

/* For so many seconds, and until so many packets are sent; -1: they never will be. */
static int generate_for(struct pipe *pipe, double seconds, uint64_t n_packets)
{
    const uint64_t patience = STALL_S * pipe->bench->hz;
    const uint64_t until = pipe->feed->n_sent + n_packets;
    uint64_t now = rte_rdtsc(), n_sent = 0, last = now;
    const uint64_t end = now + (uint64_t)(seconds * (double)pipe->bench->hz);

    for (; now < end || pipe->feed->n_sent < until; now = rte_rdtsc()) {
        pipe->generate(pipe, now);
        if (pipe->feed->n_sent != n_sent) {
            n_sent = pipe->feed->n_sent;
            last = now;
        } else if (now - last > patience && now >= end) {
            fprintf(stderr, "nothing to send for %d s: what was sent is not answered\n", STALL_S);
            return -1;
        }
    }
    return 0;
}

static int drain(struct pipe *pipe)
{
    const uint64_t patience = DRAIN_S * pipe->bench->hz;
    uint64_t last = rte_rdtsc();

    while (pipe->feed->n_back != pipe->feed->n_sent && rte_rdtsc() - last < patience) {
        if (feed_pull(pipe->feed, pipe->load))
            last = rte_rdtsc();
        else
            rte_pause();
    }
    return pipe->feed->n_back == pipe->feed->n_sent ? 0 : -1;
}

/* The counted time: what is sent in it is measured. */
static int generate_counted(struct pipe *pipe)
{
    const uint64_t n_before = pipe->feed->n_sent, began = rte_rdtsc();
    const int error = generate_for(pipe, pipe->seconds, pipe->least_packets);

    pipe->feed->mpps_through = (double)(pipe->feed->n_sent - n_before) * (double)pipe->bench->hz /
                               (double)(rte_rdtsc() - began) / 1e6;
    return error;
}

int pipe_run(struct pipe *pipe)
{
    int error;

    if (!pipe->generate)
        pipe->generate = generate_all;
    pipe->stop = pipe->counted = 0;
    pipe->paced = pipe->pace != PIPE_FREE;
    if (rte_eal_remote_launch(measured_lcore, pipe, pipe->bench->second_lcore))
        return -1;
    error = generate_for(pipe, pipe->warm_s, pipe->warm_packets);
    __atomic_store_n(&pipe->counted, pipe->pace != PIPE_FREE, __ATOMIC_RELAXED);
    if (!error)
        error = generate_counted(pipe);
    __atomic_store_n(&pipe->counted, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&pipe->paced, 0, __ATOMIC_RELAXED);
    if (drain(pipe))
        error = -1;
    __atomic_store_n(&pipe->stop, 1, __ATOMIC_RELEASE);
    rte_eal_mp_wait_lcore();
    if (pipe->feed->n_sent != pipe->feed->n_back)
        fprintf(stderr, "%llu of %llu packets did not come out\n",
                (unsigned long long)(pipe->feed->n_sent - pipe->feed->n_back),
                (unsigned long long)pipe->feed->n_sent);
    return error;
}
