/* conn_table.h - a worker's connections: pool, tuple index, expiry.
 *
 * Index: buckets of one cache line, 8 entries of a 16-bit tag and a 32-bit slot (connection << 1 |
 * side), overflow buckets chained. A burst looks up in three passes (bucket, connection, compare)
 * so that the memory's latency is hidden. Expiry: a wheel of 4096 slots of 128 ms; a packet only
 * writes last_seen_ms, and the wheel files a connection anew when its slot comes too early.
 * All memory is taken at creation; every operation is O(1).
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
    uint32_t mask, n_overflow;
    uint32_t n_conns, n_used;
    uint32_t free_conn;         /* list through wheel_next; CONN_NONE: none */
    uint32_t fresh_conn;        /* from here on never used: their memory is untouched */
    uint32_t free_overflow;     /* list through next */
    uint32_t wheel_tick;        /* slots before this were taken */
    uint32_t due;               /* list being worked off */
    uint32_t wheel[WHEEL_SLOTS];
};

struct conn_table *conn_table_create(struct env *env, uint32_t n_conns);
void conn_table_destroy(struct env *env, struct conn_table *t);

/* A zeroed connection with gen odd and not indexed yet; NULL: the pool is used up. */
struct conn *conn_table_alloc(struct conn_table *t);
/* Index both sides (hash set from their keys) and file for expiry; false: no overflow bucket. */
bool conn_table_insert(struct conn_table *t, struct conn *c, uint32_t seed);
/* Out of index and wheel, back to the pool. */
void conn_table_free(struct conn_table *t, struct conn *c);
/* After last_seen_ms or timeout_ms changed so that it may expire sooner. */
void conn_table_refile(struct conn_table *t, struct conn *c);
/* The next connection whose time is over, or NULL; re-files at most `*budget` others. */
struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint32_t *budget);

static inline uint16_t conn_tag(uint32_t hash)
{
    return (uint16_t)(hash >> 16 | 1);
}

static inline const struct conn_bucket *conn_bucket(const struct conn_table *t, uint32_t hash)
{
    return &t->bucket[hash & t->mask];
}

static inline unsigned conn_bucket_match(const struct conn_bucket *b, uint16_t tag)
{
    const __m128i tags = _mm_load_si128((const __m128i *)b->tag);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag))) & 0x5555;
}

/* First pass done, the bucket is near: fetch the likely connection. */
static inline void conn_table_prefetch(const struct conn_table *t, uint32_t hash)
{
    const struct conn_bucket *b = conn_bucket(t, hash);
    const unsigned match = conn_bucket_match(b, conn_tag(hash));

    if (match) {
        const struct conn *c = &t->conn[b->slot[__builtin_ctz(match) >> 1] >> 1];

        rte_prefetch0(c);
        rte_prefetch0(&c->side);
    }
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
            struct conn *c = &t->conn[slot >> 1];
            const struct conn_side4 *s = &c->side[slot & 1];

            if (s->src_be == key->src_be && s->dst_be == key->dst_be &&
                s->sport_be == key->sport_be && s->dport_be == key->dport_be &&
                c->proto == key->proto) {
                *side = slot & 1;
                return c;
            }
        }
        if (likely(!b->next))
            return NULL;
        b = &t->overflow[b->next - 1];
    }
}

static inline uint32_t conn_index(const struct conn_table *t, const struct conn *c)
{
    return (uint32_t)(c - t->conn);
}

#endif
