/* record.c - the table of touched lines. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES = 64, MAX_ROWS = 1 << 17 };

struct row {
    uintptr_t line, pc;
    uint64_t bytes;             /* a bit a byte of the line */
    uint32_t n;                 /* 0: free */
    uint8_t actor, touch;
    int8_t order;
};

static struct row rows[MAX_ROWS];
static uint32_t n_rows;
static uint32_t turn_of;
static const char *stack_end;   /* NULL: nothing is recorded */

void record_begin(uint32_t actor)
{
    turn_of = actor;
    stack_end = __builtin_frame_address(0);
}

void record_end(void)
{
    stack_end = NULL;
}

static struct row *row_of(const struct row *key)
{
    uint64_t h = (key->line ^ key->pc * 0x9e3779b97f4a7c15u) + key->actor * 64u + key->touch;

    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    for (h ^= h >> 32;; h++) {
        struct row *row = &rows[h % MAX_ROWS];

        if (!row->n)
            return row;
        if (row->line == key->line && row->pc == key->pc && row->actor == key->actor &&
            row->touch == key->touch && row->order == key->order)
            return row;
    }
}

static void add(struct row *key)
{
    struct row *row = row_of(key);

    if (!row->n) {
        if (++n_rows > MAX_ROWS / 2) {
            fprintf(stderr, "audit: more than %d rows\n", MAX_ROWS / 2);
            exit(2);
        }
        *row = *key;
    }
    row->bytes |= key->bytes;
    row->n++;
}

void record(const void *at, size_t n_bytes, enum touch touch, int order, const void *pc)
{
    const char *here = __builtin_frame_address(0);
    uintptr_t from = (uintptr_t)at;
    const uintptr_t end = from + n_bytes;
    struct row key = { .pc = (uintptr_t)pc - 1, .actor = (uint8_t)turn_of,
                       .touch = (uint8_t)touch, .order = (int8_t)order };

    if (!stack_end || ((const char *)at >= here && (const char *)at < stack_end))
        return;
    if (!n_bytes)
        add(&key);
    while (from < end) {
        const unsigned first = from % LINE_BYTES;
        const unsigned n = end - from < LINE_BYTES - first ? (unsigned)(end - from)
                                                           : LINE_BYTES - first;

        key.line = from - first;
        key.bytes = (n == LINE_BYTES ? ~0ull : (1ull << n) - 1) << first;
        add(&key);
        from += n;
    }
}

void record_print(void)
{
    static const char *const name[] = { "read", "write", "rmw", "fence", "enter" };

    for (uint32_t i = 0; i < MAX_ROWS; i++) {
        const struct row *r = &rows[i];

        if (r->n)
            printf("touch %u %s %d %#lx %#lx %#lx %u\n", r->actor, name[r->touch], r->order,
                   r->line, r->bytes, r->pc, r->n);
    }
}
