/* twin.c - workers that feed themselves. */
#include "twin.h"

#include <stdio.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_pause.h>

enum { DRAIN_TURNS = 1000000 };

struct half {
    struct twin *twin;
    unsigned w;
};

static unsigned fed_packets(struct twin *twin, unsigned w)
{
    unsigned n = 0;

    for (unsigned p = 0; p < twin->load->n_ports; p++)
        n += feed_push(twin->feed[w], twin->load, p);
    return n;
}

static void one_turn(struct twin *twin, unsigned w, bool feeds)
{
    struct load *load = twin->load;
    const unsigned n_fed = feeds ? fed_packets(twin, w) : 0;
    const uint64_t began = rte_rdtsc();
    const unsigned n = load->turn(load->self, w, began / twin->bench->cycles_per_us);
    const uint64_t cycles = rte_rdtsc() - began;
    const bool counts = load->measure[w]->window_packets || n_fed == load_full_packets(load);

    if (counts && __atomic_load_n(&twin->counted, __ATOMIC_RELAXED))
        measure_add(load->measure[w], cycles, n);
    while (feed_pull(twin->feed[w], load))
        ;
}

static void next_turn(struct twin *twin, unsigned w)
{
    const enum twin_next next = twin->next ? twin->next(twin->load->self, w) : TWIN_FEED;

    if (next == TWIN_WAIT)
        rte_pause();
    else
        one_turn(twin, w, next == TWIN_FEED);
}

/* Both lcores begin together: a worker alone would have the memory to itself. */
static void meet(struct twin *twin)
{
    __atomic_fetch_add(&twin->ready, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&twin->ready, __ATOMIC_ACQUIRE) < (int)twin->n_workers)
        rte_pause();
}

static int other_half(void *arg)
{
    struct half *half = arg;

    meet(half->twin);
    while (!__atomic_load_n(&half->twin->stop, __ATOMIC_ACQUIRE))
        next_turn(half->twin, half->w);
    return 0;
}

static uint64_t n_sent(const struct twin *twin)
{
    uint64_t n = 0;

    for (unsigned w = 0; w < twin->n_workers; w++)
        n += twin->feed[w]->n_sent;
    return n;
}

static uint64_t n_back(const struct twin *twin)
{
    uint64_t n = 0;

    for (unsigned w = 0; w < twin->n_workers; w++)
        n += twin->feed[w]->n_back;
    return n;
}

/* The other lcore has ended: turns of all workers here until nothing is on its way. */
static int drain(struct twin *twin)
{
    __atomic_store_n(&twin->counted, 0, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < DRAIN_TURNS && n_sent(twin) != n_back(twin); i++)
        for (unsigned w = 0; w < twin->n_workers; w++)
            one_turn(twin, w, false);
    if (n_sent(twin) == n_back(twin))
        return 0;
    fprintf(stderr, "%llu of %llu packets did not come out\n",
            (unsigned long long)(n_sent(twin) - n_back(twin)), (unsigned long long)n_sent(twin));
    return -1;
}

int twin_run(struct twin *twin)
{
    const uint64_t hz = twin->bench->hz;
    struct half half = { twin, 1 };
    uint64_t began, warm_end, end;

    twin->ready = twin->stop = twin->counted = 0;
    if (twin->n_workers > 1 &&
        rte_eal_remote_launch(other_half, &half, twin->bench->second_lcore))
        return -1;
    meet(twin);
    began = rte_rdtsc();
    warm_end = began + (uint64_t)(twin->warm_s * (double)hz);
    end = warm_end + (uint64_t)(twin->seconds * (double)hz);
    for (uint64_t now = began; now < end; now = rte_rdtsc()) {
        if (now >= warm_end && !twin->counted)
            __atomic_store_n(&twin->counted, 1, __ATOMIC_RELAXED);
        next_turn(twin, 0);
    }
    __atomic_store_n(&twin->stop, 1, __ATOMIC_RELEASE);
    rte_eal_mp_wait_lcore();
    return drain(twin);
}
