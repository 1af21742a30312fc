/* options.h - what the command line asks for. */
#ifndef DPVS_BENCH_OPTIONS_H
#define DPVS_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A bit each: which were given, and which a scenario takes. */
enum option {
    OPT_FLOWS = 1, OPT_SECONDS = 2, OPT_WORKERS = 4, OPT_PACKET_BYTES = 8, OPT_SERVICES = 16,
    OPT_DESTS = 32, OPT_SCHED = 64, OPT_REDIRECT_PCT = 128, OPT_RATE_MPPS = 256,
    OPT_SELF_FED = 512,
};

struct options {
    const char *scenario;       /* NULL: none was named */
    uint32_t given;             /* enum option */
    double flows, seconds, workers, packet_bytes, services, dests;
    double redirect_pct, rate_mpps;
    double sched;               /* enum core_sched */
    double self_fed;            /* 1: one worker feeds itself, as two do */
};

/* Read the words after "--". 0, or -1 and one line on stderr that says what is wrong. */
int options_parse(struct options *out, int argc, char **argv);
/* The option's word on the command line, for messages. */
const char *options_name(enum option option);

#endif
