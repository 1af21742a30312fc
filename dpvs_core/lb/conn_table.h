/* conn_table.h - a worker's connections: pool, tuple index, expiry.
 *
 * Index: buckets of one cache line, 8 entries of a 16-bit tag and a 32-bit slot (connection << 1 |
 * side), two thirds filled when the pool is used up, overflow buckets chained. A burst looks up in
 * three passes (bucket, side, compare) so that the memory's latency is hidden. Expiry: a wheel of
 * 4096 slots of 128 ms; a packet only writes last_seen_ms, and the wheel files a connection anew
 * when its slot comes too early. All memory is taken at creation; every operation is O(1).
 * A connection takes 160 B, its share of the index at most 28 B.
 */
#ifndef DPVS_LB_CONN_TABLE_H
#define DPVS_LB_CONN_TABLE_H

#include <emmintrin.h>
#include <stdbool.h>

#include <rte_prefetch.h>

#include "base/env.h"
#include "lb/conn.h"

enum { BUCKET_ENTRIES = 8, WHEEL_SLOTS = 4096, WHEEL_SHIFT_MS = 7 };

struct conn_bucket {
    uint16_t tag[BUCKET_ENTRIES]; /* 0: free */
    uint32_t slot[BUCKET_ENTRIES];
    uint32_t next;              /* overflow bucket + 1 */
    uint32_t pad[3];
} __rte_cache_aligned;
static_assert(sizeof(struct conn_bucket) == 64, "a bucket is one line");

struct conn_table {
    struct conn_bucket *bucket, *overflow;
    struct conn *conn;
    struct conn_rest *rest;     /* by the connection's index */
    uint32_t seed;              /* of the flow hash */
    uint32_t n_buckets, n_overflow;
    uint32_t n_conns, n_used;
    uint32_t free_conn;         /* list through wheel_next; CONN_NONE: none */
    uint32_t fresh_conn;        /* from here on never used: their memory is untouched */
    uint32_t free_overflow;     /* list through next */
    uint32_t wheel_tick;        /* slots before this were taken */
    uint32_t due;               /* list being worked off */
    uint32_t wheel[WHEEL_SLOTS];
};

/* `seed` is that of the hashes given to find. */
struct conn_table *conn_table_create(struct env *env, uint32_t n_conns, uint32_t seed);
void conn_table_destroy(struct env *env, struct conn_table *t);

/* A zeroed connection with gen odd and not indexed yet; NULL: the pool is used up. */
struct conn *conn_table_alloc(struct conn_table *t);
/* Index both sides and file for expiry; false: no overflow bucket. */
bool conn_table_insert(struct conn_table *t, struct conn *c);
/* Out of index and wheel, back to the pool. */
void conn_table_free(struct conn_table *t, struct conn *c);
/* After last_seen_ms or timeout_ms changed so that it may expire sooner. */
void conn_table_refile(struct conn_table *t, struct conn *c);
/* The next connection whose time is over, or NULL; re-files at most `*budget` others. */
struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint32_t *budget);

static inline uint32_t conn_index(const struct conn_table *t, const struct conn *c)
{
    return (uint32_t)(c - t->conn);
}

static inline struct conn_rest *conn_rest(const struct conn_table *t, const struct conn *c)
{
    return &t->rest[conn_index(t, c)];
}

static inline uint16_t conn_tag(uint32_t hash)
{
    return (uint16_t)(hash | 1);
}

/* The high bits choose the bucket, so that their number need not be a power of two. */
static inline struct conn_bucket *conn_bucket(const struct conn_table *t, uint32_t hash)
{
    return &t->bucket[(uint64_t)hash * t->n_buckets >> 32];
}

static inline unsigned conn_bucket_match(const struct conn_bucket *b, uint16_t tag)
{
    const __m128i tags = _mm_load_si128((const __m128i *)b->tag);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag))) & 0x5555;
}

static inline struct conn_side4 *conn_side(const struct conn_table *t, uint32_t slot)
{
    return (struct conn_side4 *)t->conn + slot;
}

/* First pass done, the bucket is near: fetch the likely side. */
static inline void conn_table_prefetch(const struct conn_table *t, uint32_t hash)
{
    const struct conn_bucket *b = conn_bucket(t, hash);
    const unsigned match = conn_bucket_match(b, conn_tag(hash));

    if (match)
        rte_prefetch0(conn_side(t, b->slot[__builtin_ctz(match) >> 1]));
}

/* The connection with this tuple and the side it belongs to, or NULL. */
static inline struct conn *conn_table_find(const struct conn_table *t, uint32_t hash,
                                           const struct key4 *key, unsigned *side)
{
    const uint16_t tag = conn_tag(hash);
    const struct conn_bucket *b = conn_bucket(t, hash);

    for (;;) {
        for (unsigned match = conn_bucket_match(b, tag); match; match &= match - 1) {
            const uint32_t slot = b->slot[__builtin_ctz(match) >> 1];
            const struct conn_side4 *s = conn_side(t, slot);

            if (s->src_be == key->src_be && s->dst_be == key->dst_be &&
                s->sport_be == key->sport_be && s->dport_be == key->dport_be &&
                s->proto == key->proto) {
                *side = slot & 1;
                return &t->conn[slot >> 1];
            }
        }
        if (likely(!b->next))
            return NULL;
        b = &t->overflow[b->next - 1];
    }
}

#endif
