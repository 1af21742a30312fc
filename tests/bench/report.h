/* report.h - the JSON object of a run: keys in the order they were added, printed as one line. */
#ifndef DPVS_BENCH_REPORT_H
#define DPVS_BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPORT_BYTES = 8192 };

struct report {
    char text[REPORT_BYTES];
    size_t n;
    bool is_full;               /* something did not fit: nothing may be printed */
};

void report_begin(struct report *r);
void report_number(struct report *r, const char *key, double value);
void report_count(struct report *r, const char *key, uint64_t value);
void report_word(struct report *r, const char *key, const char *value);
/* A list of objects: begin, then for each one open, keys, close; then end. */
void report_list(struct report *r, const char *key);
void report_open(struct report *r);
void report_close(struct report *r);
void report_list_end(struct report *r);
/* The line on stdout; -1: it did not fit. */
int report_print(struct report *r);

#endif
