/* slab.c - pieces from free lists, free lists from chunks, chunks from areas. */
#include "base/slab.h"

#include <string.h>

/* The entry of the area that holds the address, or the free one it would get. */
static struct slab_area *area_at(struct slab *slab, uintptr_t address)
{
    const uintptr_t base = address & ~(uintptr_t)(SLAB_AREA_BYTES - 1);
    uint32_t i = (uint32_t)(base / SLAB_AREA_BYTES) * 0x9e3779b1u >> 16;

    while (slab->area[i % SLAB_INDEX].base && (uintptr_t)slab->area[i % SLAB_INDEX].base != base)
        i++;
    return &slab->area[i % SLAB_INDEX];
}

static int add_area(struct slab *slab)
{
    uint8_t *base;

    if (slab->n_areas == SLAB_MAX_AREAS)
        return 0;
    base = slab->area_alloc();
    if (!base)
        return 0;
    slab->newest = area_at(slab, (uintptr_t)base);
    slab->newest->base = base;
    slab->n_chunks_left = SLAB_CHUNKS;
    slab->n_areas++;
    return 1;
}

/* A new chunk for pieces of so many lines. */
static int add_chunk(struct slab *slab, uint32_t lines)
{
    uint32_t chunk;

    if (!slab->n_chunks_left && !add_area(slab))
        return 0;
    chunk = SLAB_CHUNKS - slab->n_chunks_left--;
    slab->newest->lines[chunk] = (uint8_t)lines;
    slab->fresh[lines - 1] = slab->newest->base + chunk * SLAB_CHUNK_BYTES;
    slab->n_fresh[lines - 1] = SLAB_CHUNK_BYTES / (lines * SLAB_LINE_BYTES);
    return 1;
}

static void *take(struct slab *slab, uint32_t lines)
{
    struct slab_piece *piece = slab->free[lines - 1];
    uint8_t *fresh;

    if (piece) {
        slab->free[lines - 1] = piece->next;
        return piece;
    }
    if (!slab->n_fresh[lines - 1] && !add_chunk(slab, lines))
        return NULL;
    fresh = slab->fresh[lines - 1];
    slab->fresh[lines - 1] += lines * SLAB_LINE_BYTES;
    slab->n_fresh[lines - 1]--;
    return fresh;
}

void *slab_zalloc(struct slab *slab, size_t bytes)
{
    const size_t lines = (bytes + SLAB_LINE_BYTES - 1) / SLAB_LINE_BYTES;
    void *piece;

    if (!lines || lines > SLAB_SIZES)
        return NULL;
    rte_spinlock_lock(&slab->lock);
    piece = take(slab, (uint32_t)lines);
    rte_spinlock_unlock(&slab->lock);
    return piece ? memset(piece, 0, lines * SLAB_LINE_BYTES) : NULL;
}

int slab_free(struct slab *slab, void *memory)
{
    struct slab_piece *piece = memory;
    struct slab_area *area;
    uint32_t lines;

    rte_spinlock_lock(&slab->lock);
    area = area_at(slab, (uintptr_t)memory);
    if (area->base) {
        lines = area->lines[((uint8_t *)memory - area->base) / SLAB_CHUNK_BYTES];
        piece->next = slab->free[lines - 1];
        slab->free[lines - 1] = piece;
    }
    rte_spinlock_unlock(&slab->lock);
    return area->base != NULL;
}
