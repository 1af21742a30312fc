/* main.c - one scenario of the audit, and what it touched, as text.
 *
 * audit SCENARIO: N_WORKERS workers with flows of UDP and TCP each take their turns, one after the
 * other; what a turn reads and writes is recorded by line and worker. Which lines two actors met
 * on, and whether they may, is for the reader of the text (findings.py, allowed.py).
 * audit layout: no packets, but where fields stand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "director.h"
#include "flow.h"
#include "layout.h"
#include "memory.h"
#include "pkt/headers.h"
#include "record.h"

enum { FLOWS_PER_OWNER = 4, N_PROTOS = 2, N_FLOWS = N_WORKERS * FLOWS_PER_OWNER * N_PROTOS };
enum { ROUNDS = 12, ROUND_MS = 3000 };

struct scenario {
    const char *name;
    struct director_conf conf;
    void (*run)(void);
};

static struct flow flows[N_FLOWS];

/* Flows of each protocol for each worker, of which the director has seen the first packet. Either
 * half of them has some of every kind. */
static void find_flows(uint8_t af)
{
    static const uint8_t proto[N_PROTOS] = { PROTO_UDP, PROTO_TCP };
    unsigned n = 0, n_of[N_PROTOS][N_WORKERS] = { 0 };

    for (uint32_t number = 0; n < N_FLOWS && number < 4 * N_FLOWS; number++) {
        const unsigned p = number % N_PROTOS;
        struct flow f;
        unsigned k;

        flow_init(&f, af, proto[p], number);
        flow_find_owner(&f);
        k = n_of[p][f.owner]++;
        if (k < FLOWS_PER_OWNER) {
            flows[(k * N_PROTOS + p) * N_WORKERS + f.owner] = f;
            n++;
        }
    }
    if (n < N_FLOWS)
        fail("too few flows for each worker");
}

static void establish(void)
{
    for (unsigned i = 0; i < N_FLOWS; i++)
        flow_establish(&flows[i]);
}

/* Each flow's packet from the side; `shift` 0: to its owner. */
static void send_all(unsigned side, uint32_t shift)
{
    for (unsigned i = 0; i < N_FLOWS; i++)
        flow_send(&flows[i], side, (flows[i].owner + shift) % N_WORKERS);
}

static void check(unsigned side, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        flow_check(&flows[i], side);
}

static void rounds(uint32_t shift)
{
    director_mark_verdicts();
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned side = 0; side < 2; side++) {
            send_all(side, shift);
            director_turns(2, 1);
            check(side, 0, N_FLOWS);
        }
        director_pass_ms(ROUND_MS);
    }
}

/* Long enough that connections are filed anew; next hops are marked as used once more, as after
 * each period of the host thread's. */
static void run_established(void)
{
    establish();
    director_forget_use();
    rounds(0);
}

/* Every packet is received by another worker than its owner. */
static void run_redirected(void)
{
    establish();
    rounds(1);
}

static void send_first(unsigned from, unsigned to, int recorded)
{
    director_mark_verdicts();
    for (unsigned i = from; i < to; i++)
        flow_send_first(&flows[i]);
    director_turns(2, recorded);
    check(SIDE_CLIENT, from, to);
}

static void run_first(void)
{
    send_first(0, N_FLOWS, 1);
}

/* Every worker has had first packets of every service. */
static void run_later(void)
{
    send_first(0, N_FLOWS / 2, 0);
    send_first(N_FLOWS / 2, N_FLOWS, 1);
}

/* As long after them as wlc's look at the other workers is good for. */
static void run_later_10ms(void)
{
    send_first(0, N_FLOWS / 2, 0);
    director_pass_ms(10);
    send_first(N_FLOWS / 2, N_FLOWS, 1);
}

/* All connections time out; TCP's end with a reset to both ends. */
static void run_ends(void)
{
    establish();
    director_mark_verdicts();
    director_pass_ms(2 * DIRECTOR_TIMEOUT_S * 1000);
    director_turns(20, 1);
}

enum { POOLS = 16, ROOM = 1000 };

static const struct scenario scenarios[] = {
    { "established", { 4, CORE_SCHED_RR, 0, POOLS }, run_established },
    { "redirected", { 4, CORE_SCHED_RR, 0, POOLS }, run_redirected },
    { "established6", { 6, CORE_SCHED_RR, 0, POOLS }, run_established },
    { "established-threshold", { 4, CORE_SCHED_WLC, ROOM, POOLS }, run_established },
    { "redirected6", { 6, CORE_SCHED_RR, 0, POOLS }, run_redirected },
    { "first-rr", { 4, CORE_SCHED_RR, 0, POOLS }, run_first },
    { "first-wrr", { 4, CORE_SCHED_WRR, 0, POOLS }, run_first },
    { "first-wlc", { 4, CORE_SCHED_WLC, 0, POOLS }, run_first },
    { "first-threshold", { 4, CORE_SCHED_WLC, ROOM, POOLS }, run_first },
    { "first-rr6", { 6, CORE_SCHED_RR, 0, POOLS }, run_first },
    { "first-one-pool", { 4, CORE_SCHED_RR, 0, 1 }, run_first },
    { "later-rr", { 4, CORE_SCHED_RR, 0, POOLS }, run_later },
    { "later-wlc", { 4, CORE_SCHED_WLC, 0, POOLS }, run_later },
    { "later-wlc-10ms", { 4, CORE_SCHED_WLC, 0, POOLS }, run_later_10ms },
    { "later-threshold", { 4, CORE_SCHED_WLC, ROOM, POOLS }, run_later },
    { "ends", { 4, CORE_SCHED_RR, 0, POOLS }, run_ends },
    { "ends6", { 6, CORE_SCHED_RR, 0, POOLS }, run_ends },
    { "ends-threshold", { 4, CORE_SCHED_RR, ROOM, POOLS }, run_ends },
};

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "layout")) {
        layout_print();
        return 0;
    }
    for (unsigned i = 0; argc == 2 && i < RTE_DIM(scenarios); i++)
        if (!strcmp(scenarios[i].name, argv[1])) {
            director_make(&scenarios[i].conf);
            find_flows(scenarios[i].conf.af);
            director_unmake();
            director_make(&scenarios[i].conf);
            scenarios[i].run();
            director_print_verdicts();
            memory_print();
            record_print();
            return 0;
        }
    fail("which scenario?");
}
