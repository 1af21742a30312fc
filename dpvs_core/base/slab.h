/* slab.h - small pieces of memory, given and taken back in constant time.
 *
 * DPDK's heap looks for a free piece along a list; after some ten thousand services that took 0.1
 * ms a piece. Here an area of 2 MB is cut into chunks of 64 kB, a chunk into pieces of one size (a
 * multiple of 64 bytes); pieces that came back are a list by size. An area is found by its address,
 * so a piece needs no head. Areas are kept for ever. One lock, held for some ten instructions;
 * workers never call.
 */
#ifndef DPVS_BASE_SLAB_H
#define DPVS_BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include <rte_spinlock.h>

enum {
    SLAB_LINE_BYTES = 64,
    SLAB_MAX_BYTES = 2048,      /* larger ones are for the heap */
    SLAB_SIZES = SLAB_MAX_BYTES / SLAB_LINE_BYTES,
    SLAB_AREA_BYTES = 2 << 20,
    SLAB_CHUNK_BYTES = 64 << 10,
    SLAB_CHUNKS = SLAB_AREA_BYTES / SLAB_CHUNK_BYTES,
    SLAB_MAX_AREAS = 2048,      /* 4 GB */
    SLAB_INDEX = 2 * SLAB_MAX_AREAS,
};

struct slab_piece {
    struct slab_piece *next;
};

struct slab_area {
    uint8_t *base;              /* NULL: free entry */
    uint8_t lines[SLAB_CHUNKS]; /* of each chunk's pieces */
};

struct slab {
    rte_spinlock_t lock;
    /* SLAB_AREA_BYTES aligned to themselves, or NULL */
    void *(*area_alloc)(void);
    uint32_t n_areas;
    uint32_t n_chunks_left;     /* of the newest area */
    struct slab_area *newest;
    struct slab_piece *free[SLAB_SIZES];
    uint8_t *fresh[SLAB_SIZES]; /* the rest of a chunk that was never given */
    uint32_t n_fresh[SLAB_SIZES];
    struct slab_area area[SLAB_INDEX]; /* by address, open addressing */
};

/* Zeroed, aligned to a cache line; NULL: too large, or no memory for another area. */
void *slab_zalloc(struct slab *slab, size_t bytes);
/* Take a piece back; 0 if it is none of this slab. */
int slab_free(struct slab *slab, void *piece);

#endif
