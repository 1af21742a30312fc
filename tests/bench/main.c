/* main.c - measure one scenario and print one JSON object (script/bench makes tables of them).
 *
 *   dpvs-core-bench EAL-OPTIONS -- SCENARIO OPTIONS
 *   dpvs-core-bench --list
 *
 * The command line is read before EAL starts: a mistake costs no second and needs no memory.
 */
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>

#include "scenario.h"

enum { EXIT_USAGE = 2, N_MBUFS = 4095, MBUF_CACHE = 256, MBUF_PRIVATE_BYTES = 64,
       FCS_BYTES = 4 };

static struct bench bench;
static struct report report;

static void list(void)
{
    for (const struct scenario *s = scenarios; s->name; s++)
        printf("%-13s %s\n", s->name, s->help);
}

static const struct scenario *find(const char *name)
{
    for (const struct scenario *s = scenarios; name && s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    fprintf(stderr, "%s: no such scenario; dpvs-core-bench --list shows them\n",
            name ? name : "no scenario named");
    return NULL;
}

/* Does the scenario take what was given, and was all it needs given? */
static int check(const struct scenario *s, const struct options *options)
{
    const uint32_t foreign = options->given & ~s->takes, missing = s->needs & ~options->given;

    if (foreign)
        fprintf(stderr, "%s does not take %s\n", s->name, options_name(foreign & -foreign));
    else if (missing)
        fprintf(stderr, "%s needs %s\n", s->name, options_name(missing & -missing));
    return foreign || missing ? -1 : 0;
}

/* Where EAL's options end: the index of "--", or argc. */
static int eal_end(int argc, char **argv)
{
    int i = 1;

    while (i < argc && strcmp(argv[i], "--"))
        i++;
    return i;
}

static int set_up(struct bench *b, const struct scenario *s)
{
    b->n_flows = (uint32_t)b->options.flows;
    b->n_workers = RTE_MAX((uint32_t)b->options.workers, s->min_workers);
    b->frame_bytes = (uint32_t)b->options.packet_bytes - FCS_BYTES;
    b->hz = rte_get_tsc_hz();
    b->cycles_per_us = b->hz / 1000000;
    b->second_lcore = rte_get_next_lcore((unsigned)-1, 1, 0);
    if (b->second_lcore >= RTE_MAX_LCORE) {
        fprintf(stderr, "two lcores are needed (-l 0,1)\n");
        return -1;
    }
    b->pool = rte_pktmbuf_pool_create("wires", N_MBUFS, MBUF_CACHE, MBUF_PRIVATE_BYTES,
                                      RTE_MBUF_DEFAULT_BUF_SIZE, 0);
    if (b->pool && !wire_create(&b->wire[0], 0, b->n_workers) &&
        !wire_create(&b->wire[1], 1, b->n_workers))
        return 0;
    fprintf(stderr, "no memory for %d packets and the rings: more pages, or -m\n", N_MBUFS);
    return -1;
}

int main(int argc, char **argv)
{
    const int end = eal_end(argc, argv);
    const struct scenario *scenario;

    if (argc == 2 && !strcmp(argv[1], "--list")) {
        list();
        return 0;
    }
    if (end == argc) {
        fprintf(stderr, "usage: dpvs-core-bench EAL-OPTIONS -- SCENARIO OPTIONS, or --list\n");
        return EXIT_USAGE;
    }
    if (options_parse(&bench.options, argc - end - 1, argv + end + 1))
        return EXIT_USAGE;
    scenario = find(bench.options.scenario);
    if (!scenario || check(scenario, &bench.options))
        return EXIT_USAGE;
    if (rte_eal_init(end, argv) < 0 || set_up(&bench, scenario))
        return 1;
    report_begin(&report);
    report_word(&report, "scenario", scenario->name);
    report_count(&report, "flows", bench.n_flows);
    report_count(&report, "workers", bench.n_workers);
    report_count(&report, "packet_bytes", (uint64_t)bench.options.packet_bytes);
    report_count(&report, "hz", bench.hz);
    return scenario->run(&bench, &report) || report_print(&report) ? 1 : 0;
}
