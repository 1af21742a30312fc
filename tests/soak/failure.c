/* failure.c - the report of a difference. */
#include "failure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t run_seed;

void failure_seed(uint64_t seed)
{
    run_seed = seed;
}

static void print_hex(const char *name, const uint8_t *bytes, uint32_t n_bytes)
{
    printf("  %-4s", name);
    for (uint32_t i = 0; i < n_bytes; i++)
        printf("%s%02x", i % 4 ? "" : " ", bytes[i]);
    printf("%s\n", n_bytes ? "" : " nothing");
}

void failure(const struct packet *p, const char *format, ...)
{
    va_list args;

    printf("FAILED seed %" PRIu64, run_seed);
    if (p)
        printf(", packet %" PRIu64 ", to worker %u by device %u", p->number, p->worker, p->in.dev);
    printf(":\n  ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    if (p) {
        print_hex("in", p->in.bytes, p->in.n_bytes);
        print_hex("out", p->out.bytes, p->out.n_bytes);
    }
    exit(1);
}

void failure_frame(const uint8_t *bytes, uint32_t n_bytes, const char *sentence)
{
    printf("FAILED seed %" PRIu64 ":\n  %s\n", run_seed, sentence);
    print_hex("out", bytes, n_bytes);
    exit(1);
}
