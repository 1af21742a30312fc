/* page_table.h - a hash table in small pages; versions of it share the pages that are the same.
 *
 * Extendible hashing (Fagin et al. 1979): a directory of 2^depth pointers, indexed by the hash's
 * low bits, to pages of PAGE_ROWS rows. A full page is split in two, alone; the directory doubles
 * when that page already used all its bits. So no change costs more than a page and, at times, a
 * copy of the directory (8 bytes for about four rows): nothing is ever built anew. A version is
 * changed by copying the directory once and each page that differs. Pages are not merged again:
 * there are as many as the table once needed.
 *
 * Readers: one load for the page, eight tags compared at a time, one row. Memory is the edit's
 * until it is published (struct edit_memory), then the version's; freed through worker/retire.h.
 */
#ifndef DPVS_LB_PAGE_TABLE_H
#define DPVS_LB_PAGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "worker/retire.h"

enum {
    PAGE_ROWS = 13,
    PAGE_HEAD_BYTES = 24,
    PAGE_MAX_DEPTH = 20,        /* 2^20 pages: more than 10 million rows */
};

struct page {
    uint8_t tag[PAGE_ROWS];     /* the hash's top bits, row by row */
    uint8_t n;                  /* rows in use, the first ones */
    uint8_t depth;              /* low bits of the hash that all its rows have in common */
    uint8_t spare;
    uint32_t edit;              /* the serial of the edit that made it */
    uint32_t spare2;
    uint8_t row[];
};
_Static_assert(offsetof(struct page, row) == PAGE_HEAD_BYTES, "rows follow the head");
_Static_assert(PAGE_ROWS <= 16 && offsetof(struct page, tag) == 0, "tags are read as two words");

struct page_table {
    struct page **dir;          /* [mask + 1] */
    uint32_t mask;
    uint32_t own_dir;           /* 1 + its place in edit_memory.made; 0: shared with a version */
};

/* What kind of rows; they are aligned to 8 bytes if their size is. */
struct page_kind {
    uint32_t row_bytes;
    uint32_t (*hash)(const void *row);
};

/* An edit: what it has made, and what of the published it replaces. */
struct edit_memory {
    struct core *core;
    uint32_t serial;            /* no published page has it */
    struct retired *made, *gone;
};

static inline uint8_t page_tag(uint32_t hash)
{
    return (uint8_t)(hash >> 24);
}

static inline struct page *page_of(const struct page_table *t, uint32_t hash)
{
    return t->dir[hash & t->mask];
}

/* High bits of the bytes of `word` that are `tag` (and, rarely, of one that is not). */
static inline uint64_t page_tags_equal(uint64_t word, uint8_t tag)
{
    const uint64_t low = 0x0101010101010101u, x = word ^ tag * low;

    return (x - low) & ~x & low << 7;
}

typedef bool page_equal_fn(const void *row, const void *key);

/* The row that equals `key`, or NULL. Inlined with its kind's constants. */
static inline void *page_find(const struct page *p, uint32_t row_bytes, uint32_t hash,
                              page_equal_fn *equal, const void *key)
{
    for (unsigned word = 0; word < 2; word++) {
        uint64_t tags;

        memcpy(&tags, (const uint8_t *)p + 8 * word, sizeof tags);
        for (uint64_t hit = page_tags_equal(tags, page_tag(hash)); hit; hit &= hit - 1) {
            const unsigned i = 8 * word + (unsigned)__builtin_ctzll(hit) / 8;
            const uint8_t *row = (const uint8_t *)p + PAGE_HEAD_BYTES + i * row_bytes;

            if (i < p->n && equal(row, key))
                return (void *)(uintptr_t)row;
        }
    }
    return NULL;
}

/* An empty table of one page; -ENOMEM. */
int page_table_create(struct core *core, struct page_table *t, const struct page_kind *kind);
/* Pages and directory of a table that no edit and no thread uses. */
void page_table_free(struct core *core, struct page_table *t);
/* Row after row, each once: *cursor from 0 on; NULL at the end. */
void *page_table_next(const struct page_table *t, const struct page_kind *kind, uint64_t *cursor);

/* Make the page of `hash` the edit's own, with `n_free` (0 or 1) rows free: 0, -ENOMEM, -ENOSPC.
 * The table's contents stay the same, whatever the result. */
int page_table_own(struct edit_memory *m, struct page_table *t, const struct page_kind *kind,
                   uint32_t hash, uint32_t n_free);
/* On a page that page_table_own made ready. */
void *page_add(struct page *p, const struct page_kind *kind, uint32_t hash);
void page_remove(struct page *p, const struct page_kind *kind, void *row);

#endif
