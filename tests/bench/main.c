/* main.c - measure one scenario and print one JSON object (script/bench makes tables of them).
 *
 *   dpvs-core-bench EAL-OPTIONS -- SCENARIO FLOWS SECONDS
 *
 * lcore 0 generates and collects, lcore 1 is measured. A turn is timed only when every fed port
 * has a full burst waiting.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "measure.h"
#include "scenario.h"

enum { IN_FLIGHT = 512 };       /* packets a port, small enough for the caches of both lcores */

static const struct scenario *const scenarios[] = {
    &scenario_io, &scenario_macswap, &scenario_nat, &scenario_fnat,
};

static struct bench bench;
static const struct scenario *scenario;
static struct measure measure;
static volatile int stop, timing;

static bool bursts_wait(void)
{
    for (unsigned p = 0; p < scenario->n_ports; p++)
        if (rte_ring_count(bench.wire[p].to_dut) < WIRE_BURST)
            return false;
    return true;
}

static int measured_lcore(void *arg)
{
    const uint64_t cycles_per_us = bench.hz / 1000000;

    (void)arg;
    while (!stop) {
        uint64_t began;
        unsigned n;

        if (timing && !bursts_wait()) {
            rte_pause();
            continue;
        }
        began = rte_rdtsc();
        n = scenario->turn(&bench, began / cycles_per_us);
        if (timing && n == WIRE_BURST * scenario->n_ports)
            measure_add(&measure, rte_rdtsc() - began, n);
    }
    return 0;
}

void wire_frame(uint8_t *frame)
{
    memset(frame, 0, WIRE_FRAME_BYTES);
    frame[0] = 2;
    frame[6] = 6;
    frame[12] = 0x08;
    frame[14] = 0x45;
    frame[17] = WIRE_FRAME_BYTES - 14;
    frame[22] = 64;
    frame[23] = 17;
    frame[39] = WIRE_FRAME_BYTES - 34;
}

static uint32_t random_flow(void)
{
    static uint64_t x = 88172645463325252ull;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(((x >> 11 & 0xffffffff) * bench.n_flows) >> 32);
}

/* Take what came out of any port, write new headers, put it back in. */
static void generate(struct rte_mbuf **held, unsigned *n_held)
{
    struct rte_mbuf *out[WIRE_BURST];

    for (unsigned p = 0; p < scenario->n_ports; p++)
        *n_held += rte_ring_sc_dequeue_burst(bench.wire[p].from_dut, (void **)(held + *n_held),
                                             WIRE_BURST, NULL);
    for (unsigned p = 0; p < scenario->n_ports; p++) {
        if (*n_held < WIRE_BURST || rte_ring_count(bench.wire[p].to_dut) > IN_FLIGHT / 2)
            continue;
        *n_held -= WIRE_BURST;
        memcpy(out, held + *n_held, sizeof out);
        for (unsigned i = 0; i < WIRE_BURST; i++) {
            uint8_t *frame = rte_pktmbuf_mtod(out[i], uint8_t *);

            frame[22] = 64;
            scenario->fill(&bench, frame, p, bench.n_flows == 1 ? 0 : random_flow());
        }
        rte_ring_sp_enqueue_bulk(bench.wire[p].to_dut, (void **)out, WIRE_BURST, NULL);
    }
}

static int run(double seconds)
{
    const unsigned n = IN_FLIGHT * scenario->n_ports;
    struct rte_mbuf **held = calloc(n + 2 * WIRE_BURST, sizeof(*held));
    unsigned n_held = 0;
    uint64_t end;

    for (; held && n_held < n; n_held++) {
        struct rte_mbuf *m = rte_pktmbuf_alloc(bench.pool);
        char *frame = m ? rte_pktmbuf_append(m, WIRE_FRAME_BYTES) : NULL;

        if (!frame)
            return -1;
        wire_frame((uint8_t *)frame);
        held[n_held] = m;
    }
    timing = 1;
    for (end = rte_rdtsc() + bench.hz / 2; rte_rdtsc() < end;)
        generate(held, &n_held);
    memset(&measure, 0, sizeof measure); /* the measured lcore may add meanwhile: one burst */
    for (end = rte_rdtsc() + (uint64_t)(seconds * (double)bench.hz); rte_rdtsc() < end;)
        generate(held, &n_held);
    return 0;
}

static void report(void)
{
    const double median = measure_percentile(&measure, 50);

    printf("{\"scenario\": \"%s\", \"flows\": %u, \"cycles_per_packet\": %.1f, \"p10\": %.1f, "
           "\"p90\": %.1f, \"bursts\": %lu, \"hz\": %lu, \"mpps_per_cpu_second\": %.2f}\n",
           scenario->name, bench.n_flows, median, measure_percentile(&measure, 10),
           measure_percentile(&measure, 90), (unsigned long)measure.n_bursts,
           (unsigned long)bench.hz, (double)bench.hz / median / 1e6);
}

static int parse(int argc, char **argv)
{
    if (argc != 4)
        return -1;
    for (unsigned i = 0; i < RTE_DIM(scenarios); i++)
        if (!strcmp(argv[1], scenarios[i]->name))
            scenario = scenarios[i];
    bench.n_flows = (uint32_t)strtoul(argv[2], NULL, 10);
    return scenario && bench.n_flows ? 0 : -1;
}

int main(int argc, char **argv)
{
    const int n_eal = rte_eal_init(argc, argv);
    unsigned lcore;
    int rc = 1;

    if (n_eal < 0)
        return 1;
    argc -= n_eal;
    argv += n_eal;
    if (parse(argc, argv)) {
        fprintf(stderr, "usage: dpvs-core-bench EAL-OPTIONS -- io|macswap|nat|fnat FLOWS SECONDS\n");
        return 2;
    }
    lcore = rte_get_next_lcore((unsigned)-1, 1, 0);
    bench.hz = rte_get_tsc_hz();
    bench.pool = rte_pktmbuf_pool_create("wires", 8191, 256, 64, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
    if (lcore >= RTE_MAX_LCORE || !bench.pool || wire_create(&bench.wire[0], 0) ||
        wire_create(&bench.wire[1], 1) || scenario->setup(&bench)) {
        fprintf(stderr, "cannot set up: two lcores and memory are needed\n");
        return 1;
    }
    rte_eal_remote_launch(measured_lcore, NULL, lcore);
    if ((!scenario->warm || !scenario->warm(&bench)) && !run(atof(argv[3]))) {
        report();
        rc = 0;
    }
    stop = 1;
    rte_eal_mp_wait_lcore();
    return rc;
}
