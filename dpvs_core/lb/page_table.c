/* page_table.c - changing a table: pages copied when first written, split when full. */
#include "lb/page_table.h"

#include <errno.h>

#include "worker/core.h"

static size_t page_bytes(const struct page_kind *kind)
{
    return PAGE_HEAD_BYTES + (size_t)PAGE_ROWS * kind->row_bytes;
}

static uint8_t *row_at(struct page *p, const struct page_kind *kind, uint32_t i)
{
    return p->row + (size_t)i * kind->row_bytes;
}

int page_table_create(struct core *core, struct page_table *t, const struct page_kind *kind)
{
    const struct env_ops *ops = core->env.ops;

    *t = (struct page_table){ .dir = ops->zalloc(sizeof(*t->dir)) };
    if (!t->dir)
        return -ENOMEM;
    t->dir[0] = ops->zalloc(page_bytes(kind));
    return t->dir[0] ? 0 : -ENOMEM;
}

/* A page stands in the directory under each index that ends in its bits; this is the first. */
static bool is_first(const struct page_table *t, uint32_t i)
{
    return t->dir[i] && i >> t->dir[i]->depth == 0;
}

void page_table_free(struct core *core, struct page_table *t)
{
    if (!t->dir)
        return;
    for (uint32_t i = t->mask + 1; i-- > 0;) /* from the end: the first entry is asked last */
        if (is_first(t, i))
            core->env.ops->free(t->dir[i]);
    core->env.ops->free(t->dir);
    t->dir = NULL;
}

void *page_table_next(const struct page_table *t, const struct page_kind *kind, uint64_t *cursor)
{
    while (*cursor >> 8 <= t->mask) {
        const uint32_t i = (uint32_t)(*cursor >> 8), row = *cursor & 0xff;

        if (is_first(t, i) && row < t->dir[i]->n) {
            (*cursor)++;
            return row_at(t->dir[i], kind, row);
        }
        *cursor = (uint64_t)(i + 1) << 8;
    }
    return NULL;
}

/* Memory that goes with the edit if it is aborted. */
static void *make(struct edit_memory *m, size_t bytes, uint32_t *at)
{
    void *made = retired_reserve(m->core, m->made, 1) ? NULL : m->core->env.ops->zalloc(bytes);

    if (made)
        *at = retired_add(m->made, made, release_memory);
    return made;
}

/* A directory of the edit's own with `factor` (1, 2) times the entries. */
static int own_dir(struct edit_memory *m, struct page_table *t, uint32_t factor)
{
    const size_t n = (size_t)t->mask + 1;
    struct page **dir, **old = t->dir;
    uint32_t at;

    if (t->own_dir && factor == 1)
        return 0;
    if (retired_reserve(m->core, m->gone, 1))
        return -ENOMEM;
    dir = make(m, factor * n * sizeof(*dir), &at);
    if (!dir)
        return -ENOMEM;
    for (uint32_t i = 0; i < factor; i++)
        memcpy(dir + i * n, old, n * sizeof(*dir));
    if (t->own_dir) {
        retired_set(m->made, t->own_dir - 1, NULL);
        m->core->env.ops->free(old);
    } else {
        retired_add(m->gone, old, release_memory);
    }
    *t = (struct page_table){ .dir = dir, .mask = (uint32_t)(factor * n - 1), .own_dir = at + 1 };
    return 0;
}

/* Put `p` under every index that ends in the `depth` low bits of `bits`. */
static void dir_set(struct page_table *t, uint32_t bits, uint8_t depth, struct page *p)
{
    const uint32_t step = 1u << depth;

    for (uint64_t i = bits & (step - 1); i <= t->mask; i += step)
        t->dir[i] = p;
}

static int own_page(struct edit_memory *m, struct page_table *t, const struct page_kind *kind,
                    uint32_t hash)
{
    struct page *p, *old = page_of(t, hash);
    uint32_t at;

    if (old->edit == m->serial)
        return 0;
    if (own_dir(m, t, 1) || retired_reserve(m->core, m->gone, 1))
        return -ENOMEM;
    p = make(m, page_bytes(kind), &at);
    if (!p)
        return -ENOMEM;
    memcpy(p, old, page_bytes(kind));
    p->edit = m->serial;
    retired_add(m->gone, old, release_memory);
    dir_set(t, hash, p->depth, p);
    return 0;
}

/* Move the rows with the next bit set from the full page of `hash` to a new one. */
static int split(struct edit_memory *m, struct page_table *t, const struct page_kind *kind,
                 uint32_t hash)
{
    struct page *p = page_of(t, hash), *high;
    const uint32_t bit = 1u << p->depth, low_bits = hash & (bit - 1);
    uint32_t at, kept = 0;

    if (p->depth >= PAGE_MAX_DEPTH)
        return -ENOSPC;
    if (bit > t->mask && own_dir(m, t, 2))
        return -ENOMEM;
    high = make(m, page_bytes(kind), &at);
    if (!high)
        return -ENOMEM;
    p->depth++;
    high->depth = p->depth;
    high->edit = m->serial;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint8_t *row = row_at(p, kind, i);
        const bool up = kind->hash(row) & bit;
        struct page *to = up ? high : p;
        const uint32_t place = up ? high->n++ : kept++;

        to->tag[place] = p->tag[i];
        memmove(row_at(to, kind, place), row, kind->row_bytes);
    }
    p->n = (uint8_t)kept;
    dir_set(t, low_bits | bit, high->depth, high);
    return 0;
}

int page_table_own(struct edit_memory *m, struct page_table *t, const struct page_kind *kind,
                   uint32_t hash, uint32_t n_free)
{
    int error = own_page(m, t, kind, hash);

    while (!error && page_of(t, hash)->n + n_free > PAGE_ROWS)
        error = split(m, t, kind, hash);
    return error;
}

void *page_add(struct page *p, const struct page_kind *kind, uint32_t hash)
{
    p->tag[p->n] = page_tag(hash);
    return row_at(p, kind, p->n++);
}

/* The last row takes its place. */
void page_remove(struct page *p, const struct page_kind *kind, void *row)
{
    const size_t i = (size_t)((uint8_t *)row - p->row) / kind->row_bytes;

    p->n--;
    p->tag[i] = p->tag[p->n];
    memmove(row, row_at(p, kind, p->n), kind->row_bytes);
}
