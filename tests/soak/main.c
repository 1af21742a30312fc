/* main.c - the soak: packets of many flows through the shipped core, each judged by the oracle.
 *
 * One process, one thread, a clock of its own: a flow is visited about every VISIT_US, so that
 * time-outs of seconds strike. Exit codes: 0 all was right, 1 a difference (printed), 2 it could
 * not run.
 */
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "director.h"
#include "exchange.h"
#include "failure.h"
#include "ledger.h"
#include "oracle.h"
#include "records.h"
#include "traffic.h"

enum {
    SECOND_US = 1000000, VISIT_US = 500000, SWEEP_US = 500000, SHORT_SWEEP_US = 100000,
    REWEIGH_US = 300000, END_TURN_US = 20000, END_ROUNDS = 100, REST_S = 8,
};

struct options {
    uint64_t seed, n_packets, n_records, spoil;
    uint32_t n_flows, n_workers;
    bool few_ports;
    const char *records;
};

struct soak {
    struct options options;
    struct scene scene;
    struct random random;
    struct core *core;
    struct oracle *oracle;
    struct traffic *traffic;
    struct records records;
    struct forbidden forbidden;
    struct batch *batch;
    uint64_t now_us, swept_us, reweighed_us, n_packets, n_batches, conns_max;
};

static void sweep(struct soak *k)
{
    struct tally tally;
    uint64_t n_conns;

    k->swept_us = k->now_us;
    oracle_sweep(k->oracle, (uint32_t)(k->now_us / 1000), &tally);
    ledger_compare(k->core, &k->scene, &tally, oracle_totals(k->oracle));
    n_conns = ledger_conns(k->core, &k->scene);
    if (n_conns > k->conns_max)
        k->conns_max = n_conns;
}

/* One dest is quiesced, or gets weight again; its service keeps others. */
static void reweigh(struct soak *k)
{
    const uint32_t id = random_below(&k->random, N_DESTS);

    k->reweighed_us = k->now_us;
    if (k->scene.few_ports)
        return;                 /* each service has one dest with weight */
    if (id % N_DESTS_EACH == N_DESTS_EACH - 1)
        return;                 /* the last one always has weight */
    k->scene.dest[id].weight = (uint8_t)random_below(&k->random, 5);
    director_publish(k->core, &k->scene);
}

/* One bit of what came out, of the first forwarded packet from number `spoil` on: the oracle has to
 * see it. Padding behind the IP packet does not count. */
static void spoil(struct soak *k)
{
    for (uint32_t i = 0; i < k->batch->n; i++) {
        const struct packet *p = &k->batch->packet[i];
        uint32_t bit;

        if (p->number < k->options.spoil || !p->out.n_bytes)
            continue;
        bit = random_below(&k->random, 8 * (ETH_HDR_BYTES + get16(p->out.bytes + 16)));
        p->out.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        k->options.spoil = UINT64_MAX;
    }
}

static void turn(struct soak *k, uint32_t n_packets, unsigned n_rounds)
{
    struct batch *b = k->batch;

    b->now_us = k->now_us;
    traffic_fill(k->traffic, b, n_packets);
    oracle_order(k->oracle, b);
    exchange(k->core, &k->scene, &k->random, b, n_rounds);
    ledger_check_drops(k->core, &k->scene, &k->forbidden);
    spoil(k);
    oracle_judge(k->oracle, b);
    traffic_receive(k->traffic, b);
    k->n_packets += b->n;
    k->n_batches++;
    core_poll(k->core);
}

static void forward_packets(struct soak *k)
{
    const struct options *o = &k->options;
    const uint64_t sweep_us = o->n_flows < 100000 ? SHORT_SWEEP_US : SWEEP_US;
    uint64_t time_ns = k->now_us * 1000;

    while (k->n_packets < o->n_packets) {
        turn(k, 8 + random_below(&k->random, BATCH_MAX - 8), 1);
        records_write(&k->records, &k->scene, k->oracle, k->batch, &k->random,
                      o->n_packets - k->n_packets);
        time_ns += (uint64_t)k->batch->n * 1000 * VISIT_US / o->n_flows;
        k->now_us = time_ns / 1000;
        if (k->now_us - k->swept_us >= sweep_us)
            sweep(k);
        if (k->now_us - k->reweighed_us >= REWEIGH_US)
            reweigh(k);
    }
}

/* No packets any more: all connections end, those that were established with resets. */
static void come_to_rest(struct soak *k)
{
    const uint64_t end_us = k->now_us + REST_S * SECOND_US;

    while (k->now_us < end_us) {
        k->now_us += END_TURN_US;
        turn(k, 0, END_ROUNDS);
        if (k->now_us - k->swept_us >= SWEEP_US)
            sweep(k);
    }
    sweep(k);
    ledger_close(k->core, &k->scene, oracle_totals(k->oracle));
}

static void report(const struct soak *k, double seconds)
{
    const struct totals *t = oracle_totals(k->oracle);
    uint64_t n_redirected = 0;

    for (unsigned w = 0; w < MAX_WORKERS; w++)
        n_redirected += t->redirected[w];
    printf("seed %" PRIu64 ", %u workers, %u flows: %" PRIu64 " packets right, none left\n",
           k->options.seed, k->options.n_workers, k->options.n_flows, k->n_packets);
    printf("forwarded %" PRIu64 " + %" PRIu64 ", connections %" PRIu64 " (at once %" PRIu64
           "), clients' ports used again while closing %" PRIu64
           ", local ports again to the same server %" PRIu64 "\n", t->forward_in,
           t->forward_out, t->scheduled, k->conns_max, t->tuple_reused, t->corner_reused);
    printf("one visit at a time %" PRIu64 " packets, ended and begun again alike %" PRIu64 "\n",
           t->alone, t->again_alike);
    printf("with the client's address %" PRIu64 ", no room for it %" PRIu64 ", handed over %" PRIu64
           "\n", t->toa_sent, t->toa_no_room, n_redirected);
    printf("refused with reset %" PRIu64 ", dropped without connection %" PRIu64
           ", to Linux %" PRIu64 ", expiry resets %" PRIu64 ", at most %" PRIu64 " ms late\n",
           t->reset_sent, t->no_connection, t->to_kernel, t->expiry_reset, t->late_ms);
    printf("%.1f s of the director's time in %.1f s, %.2f million packets/s, %" PRIu64
           " pairs recorded\n", (double)k->now_us / SECOND_US, seconds,
           (double)k->n_packets / seconds / 1e6, k->records.n_written);
}

/* --- options ------------------------------------------------------------------------------- */

static void usage(void)
{
    fprintf(stderr, "usage: dpvs-core-soak [--seed N] [--packets N] [--flows N] [--workers 1..3]\n"
                    "                      [--few-ports] [--records FILE --n-records N]\n"
                    "                      [--spoil PACKET]\n");
    exit(2);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char *end;
    const uint64_t n = strtoull(text, &end, 0);

    if (!*text || *end || *text == '-' || n < min || n > max) {
        fprintf(stderr, "%s: not a number from %" PRIu64 " to %" PRIu64 "\n", text, min, max);
        exit(2);
    }
    return n;
}

static struct options read_options(int argc, char **argv)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' }, { "packets", required_argument, NULL, 'p' },
        { "flows", required_argument, NULL, 'f' }, { "workers", required_argument, NULL, 'w' },
        { "records", required_argument, NULL, 'r' }, { "n-records", required_argument, NULL, 'n' },
        { "spoil", required_argument, NULL, 'b' }, { "few-ports", no_argument, NULL, 'e' },
        { NULL, 0, NULL, 0 },
    };
    struct options o = { .seed = 1, .n_packets = 1000000, .n_flows = 20000, .n_workers = 2,
                         .n_records = 1000, .spoil = UINT64_MAX };

    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (c) {
        case 's': o.seed = number(optarg, 0, UINT64_MAX); break;
        case 'p': o.n_packets = number(optarg, 1, UINT64_MAX / 4); break;
        case 'f': o.n_flows = (uint32_t)number(optarg, 256, 8000000); break;
        case 'w': o.n_workers = (uint32_t)number(optarg, 1, MAX_WORKERS); break;
        case 'r': o.records = optarg; break;
        case 'n': o.n_records = number(optarg, 1, 100000000); break;
        case 'b': o.spoil = number(optarg, 0, UINT64_MAX); break;
        case 'e': o.few_ports = true; break;
        default: usage();
        }
    if (optind != argc)
        usage();
    if (o.few_ports && o.n_flows > FEW_PORTS_FLOWS_MAX) {
        fprintf(stderr, "--few-ports: ports are for %u flows at most\n", FEW_PORTS_FLOWS_MAX);
        exit(2);
    }
    return o;
}

static struct records open_records(const struct options *o)
{
    struct records r = { .n_wanted = o->n_records };

    if (!o->records)
        return r;
    r.file = fopen(o->records, "wb");
    if (!r.file) {
        perror(o->records);
        exit(2);
    }
    return r;
}

static void close_records(struct records *r)
{
    if (!r->file || !fclose(r->file))
        return;
    perror("writing records");
    exit(2);
}

static double seconds_since(const struct timespec *began)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
    struct soak k = { .options = read_options(argc, argv), .now_us = 10 * SECOND_US };
    struct timespec began;

    clock_gettime(CLOCK_MONOTONIC, &began);
    mallopt(M_TRIM_THRESHOLD, INT_MAX); /* a plain core's packets come from the heap */
    mallopt(M_TOP_PAD, 16 << 20);
    failure_seed(k.options.seed);
    k.random.state = k.options.seed;
    scene_make(&k.scene, k.options.seed, k.options.n_workers, k.options.n_flows,
               k.options.few_ports);
    k.batch = calloc(1, sizeof *k.batch);
    if (!k.batch)
        return 2;
    k.core = director_make(&k.scene, k.now_us);
    ledger_forbid(&k.forbidden);
    k.oracle = oracle_make(&k.scene);
    k.traffic = traffic_make(&k.scene);
    k.records = open_records(&k.options);
    forward_packets(&k);
    come_to_rest(&k);
    close_records(&k.records);
    report(&k, seconds_since(&began));
    traffic_free(k.traffic);
    oracle_free(k.oracle);
    core_destroy(k.core);
    free(k.batch->made);
    free(k.batch);
    return 0;
}
