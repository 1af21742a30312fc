/* report.c - JSON into a fixed buffer. Words are the program's own: nothing needs escaping. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static void add(struct report *r, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(r->text + r->n, sizeof r->text - r->n, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof r->text - r->n)
        r->is_full = true;
    else
        r->n += (size_t)n;
}

/* A comma unless something was just opened. */
static void separate(struct report *r)
{
    if (r->n && r->text[r->n - 1] != '{' && r->text[r->n - 1] != '[')
        add(r, ", ");
}

void report_begin(struct report *r)
{
    r->n = 0;
    r->is_full = false;
    add(r, "{");
}

void report_number(struct report *r, const char *key, double value)
{
    separate(r);
    add(r, "\"%s\": %.3f", key, value);
}

void report_count(struct report *r, const char *key, uint64_t value)
{
    separate(r);
    add(r, "\"%s\": %llu", key, (unsigned long long)value);
}

void report_word(struct report *r, const char *key, const char *value)
{
    separate(r);
    add(r, "\"%s\": \"%s\"", key, value);
}

void report_list(struct report *r, const char *key)
{
    separate(r);
    add(r, "\"%s\": [", key);
}

void report_open(struct report *r)
{
    separate(r);
    add(r, "{");
}

void report_close(struct report *r)
{
    add(r, "}");
}

void report_list_end(struct report *r)
{
    add(r, "]");
}

int report_print(struct report *r)
{
    add(r, "}");
    if (r->is_full) {
        fprintf(stderr, "the report is longer than %d bytes\n", REPORT_BYTES);
        return -1;
    }
    printf("%s\n", r->text);
    return 0;
}
