/* options.c - the options as a table: name, range, default. */
#include "options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "dpvs_core.h"

/* Word values of an option, by number; NULL ends. */
static const char *const sched_words[] = {
    [CORE_SCHED_RR] = "rr", [CORE_SCHED_WRR] = "wrr", [CORE_SCHED_WLC] = "wlc", NULL,
};

static const struct row {
    const char *name;
    enum option bit;
    size_t offset;              /* of the double in struct options */
    double min, max, initial;
    bool whole;                 /* a whole number */
    bool is_switch;             /* takes no value: 1 when given */
    const char *const *words;   /* instead of numbers */
} rows[] = {
    { "--flows", OPT_FLOWS, offsetof(struct options, flows), 1, 100e6, 1000, .whole = true },
    { "--seconds", OPT_SECONDS, offsetof(struct options, seconds), 0.01, 3600, 1.5,
      .whole = false },
    { "--workers", OPT_WORKERS, offsetof(struct options, workers), 1, 2, 1, .whole = true },
    { "--packet-bytes", OPT_PACKET_BYTES, offsetof(struct options, packet_bytes), 64, 1518, 64,
      .whole = true },
    { "--services", OPT_SERVICES, offsetof(struct options, services), 1, 10000, 1, .whole = true },
    { "--dests", OPT_DESTS, offsetof(struct options, dests), 1, 1000, 16, .whole = true },
    { "--sched", OPT_SCHED, offsetof(struct options, sched), 0, 0, CORE_SCHED_RR,
      .words = sched_words },
    { "--redirect-pct", OPT_REDIRECT_PCT, offsetof(struct options, redirect_pct), 0, 100, 50,
      .whole = false },
    { "--rate-mpps", OPT_RATE_MPPS, offsetof(struct options, rate_mpps), 0.001, 1000, 0,
      .whole = false },
    { "--self-fed", OPT_SELF_FED, offsetof(struct options, self_fed), 0, 1, 0,
      .is_switch = true },
};

static double *value_of(struct options *options, const struct row *row)
{
    return (double *)((char *)options + row->offset);
}

static const struct row *row_of(const char *word)
{
    for (unsigned i = 0; i < RTE_DIM(rows); i++)
        if (!strcmp(word, rows[i].name))
            return &rows[i];
    return NULL;
}

const char *options_name(enum option option)
{
    for (unsigned i = 0; i < RTE_DIM(rows); i++)
        if (rows[i].bit == option)
            return rows[i].name;
    return "?";
}

static int read_word(const struct row *row, const char *text, double *out)
{
    for (unsigned i = 0; row->words[i]; i++)
        if (!strcmp(text, row->words[i])) {
            *out = i;
            return 0;
        }
    fprintf(stderr, "%s %s: one of", row->name, text);
    for (unsigned i = 0; row->words[i]; i++)
        fprintf(stderr, " %s", row->words[i]);
    fprintf(stderr, "\n");
    return -1;
}

static int read_number(const struct row *row, const char *text, double *out)
{
    char *end;

    *out = strtod(text, &end);
    if (end != text && !*end && *out >= row->min && *out <= row->max &&
        (!row->whole || *out == (double)(uint64_t)*out))
        return 0;
    fprintf(stderr, "%s %s: a %snumber from %.10g to %.10g\n", row->name, text,
            row->whole ? "whole " : "", row->min, row->max);
    return -1;
}

/* One option and its value; returns the number of words used, or -1. */
static int read_option(struct options *out, int argc, char **argv)
{
    const struct row *row = row_of(argv[0]);
    double *value;
    int error;

    if (!row) {
        fprintf(stderr, "%s: no such option\n", argv[0]);
        return -1;
    }
    out->given |= row->bit;
    value = value_of(out, row);
    if (row->is_switch) {
        *value = 1;
        return 1;
    }
    if (argc < 2) {
        fprintf(stderr, "%s: needs a value\n", argv[0]);
        return -1;
    }
    error = row->words ? read_word(row, argv[1], value) : read_number(row, argv[1], value);
    return error ? -1 : 2;
}

int options_parse(struct options *out, int argc, char **argv)
{
    *out = (struct options){ 0 };
    for (unsigned i = 0; i < RTE_DIM(rows); i++)
        *value_of(out, &rows[i]) = rows[i].initial;
    for (int i = 0, used; i < argc; i += used) {
        if (argv[i][0] != '-') {
            if (out->scenario) {
                fprintf(stderr, "%s: one scenario at a time, and %s was named\n", argv[i],
                        out->scenario);
                return -1;
            }
            out->scenario = argv[i];
            used = 1;
            continue;
        }
        used = read_option(out, argc - i, argv + i);
        if (used < 0)
            return -1;
    }
    return 0;
}
