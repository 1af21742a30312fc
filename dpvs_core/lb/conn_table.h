/* conn_table.h - a worker's connections: pool, tuple index, expiry.
 *
 * Index: buckets of one cache line, 8 entries of a 16-bit tag and a 32-bit slot (the side's line in
 * the pool, so that a side is found without knowing the record's size), two thirds filled when the
 * pool is used up, overflow buckets chained. Tags of IPv4 are odd, those of IPv6 even, so the
 * families never meet. A burst looks up in three passes (bucket, side, compare) so that the
 * memory's latency is hidden. Expiry (conn_wheel.c): a wheel of 4096 slots of 128 ms; a packet only
 * writes last_seen_ms, and the wheel files a connection anew when its slot comes too early. All
 * memory is taken at creation; every operation is O(1).
 * An IPv4 connection takes 160 B, any other 320; their share of the index is at most 28 B.
 */
#ifndef DPVS_LB_CONN_TABLE_H
#define DPVS_LB_CONN_TABLE_H

#include <emmintrin.h>
#include <stdbool.h>

#include <rte_prefetch.h>

#include "base/env.h"
#include "lb/conn.h"
#include "lb/conn_pool.h"

enum { BUCKET_ENTRIES = 8, WHEEL_SLOTS = 4096, WHEEL_SHIFT_MS = 7 };
/* Lists of a slot, worked off in turn; and where those that are due stand. */
enum { WHEEL_CHAINS = 4, WHEEL_DUE = WHEEL_SLOTS * WHEEL_CHAINS };

struct conn_bucket {
    uint16_t tag[BUCKET_ENTRIES]; /* 0: free */
    uint32_t slot[BUCKET_ENTRIES];
    uint32_t next;              /* overflow bucket + 1 */
    uint32_t pad[3];
} __rte_cache_aligned;
static_assert(sizeof(struct conn_bucket) == 64, "a bucket is one line");

struct conn_table {
    struct conn_bucket *bucket, *overflow;
    struct conn_pool pool;
    uint32_t seed;              /* of the flow hash */
    uint32_t n_buckets, n_overflow;
    uint32_t n_used;            /* connections */
    uint32_t free_overflow;     /* list through next */
    uint32_t n_free_overflow;   /* its length */
    uint32_t wheel_tick;        /* slots before this were taken */
    uint32_t due_turn;          /* the chain whose turn it is, modulo their number */
    uint32_t wheel[WHEEL_DUE + WHEEL_CHAINS]; /* heads, [slot][chain]; then of those that are due */
};

/* Room for n_conns IPv4 connections, or half as many wide ones, or a mixture. `seed` is that of
 * the hashes given to find. */
struct conn_table *conn_table_create(struct env *env, uint32_t n_conns, uint32_t seed);
void conn_table_destroy(struct env *env, struct conn_table *t);

/* A zeroed connection with gen odd, between sides of these families, and not indexed yet; NULL: the
 * pool is used up. */
struct conn *conn_table_alloc(struct conn_table *t, uint8_t client_af, uint8_t server_af);
/* Index both sides, whose hashes are in client.hash, and file for expiry; false: no overflow
 * bucket, which cannot be where conn_table_has_room said so. */
bool conn_table_insert(struct conn_table *t, struct conn *c);
/* Out of index and wheel, back to the pool. */
void conn_table_free(struct conn_table *t, struct conn *c);

/* --- conn_wheel.c --------------------------------------------------------------------------- */

void conn_wheel_create(struct conn_table *t);
/* File under the slot in which it can expire at the earliest, or the farthest one there is. */
void conn_wheel_file(struct conn_table *t, const struct conn *c);
void conn_wheel_remove(struct conn_table *t, const struct conn *c);
/* After last_seen_ms or timeout_ms changed so that it may expire sooner. */
void conn_table_refile(struct conn_table *t, const struct conn *c);
/* The next connection whose time is over, or NULL; re-files at most `*budget` others, which forget
 * next hops found under another fib_epoch. */
struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint16_t fib_epoch,
                                uint32_t *budget);
/* One that conn_table_expired will soon look at, whose record was fetched; NULL: none is known. */
struct conn *conn_table_due_soon(const struct conn_table *t);

/* --- where things are ------------------------------------------------------------------------ */

/* The number of its first unit. */
static inline uint32_t conn_index(const struct conn_table *t, const struct conn *c)
{
    return (uint32_t)((const struct conn_unit *)c - t->pool.unit);
}

static inline struct conn *conn_at(const struct conn_table *t, uint32_t unit)
{
    return (struct conn *)&t->pool.unit[unit];
}

static inline struct conn_rest *conn_rest(const struct conn_table *t, const struct conn *c)
{
    return &t->pool.rest[conn_index(t, c)];
}

static inline struct conn_side *conn_slot_side(const struct conn_table *t, uint32_t slot)
{
    return (struct conn_side *)((uintptr_t)t->pool.unit + (uintptr_t)slot * RTE_CACHE_LINE_SIZE);
}

static inline uint32_t conn_side_slot(const struct conn_table *t, const struct conn_side *s)
{
    return (uint32_t)(((uintptr_t)s - (uintptr_t)t->pool.unit) / RTE_CACHE_LINE_SIZE);
}

static inline uint16_t conn_tag(uint8_t af, uint32_t hash)
{
    return (uint16_t)(af == 4 ? hash | 1 : (hash | 2) & ~1u);
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

/* Two more will find their places in the index, wherever they are: one may not have its yet. */
static inline bool conn_table_has_room(const struct conn_table *t)
{
    return t->n_free_overflow >= 4;
}

/* What index and deletion will touch. */
static inline void conn_table_fetch(const struct conn_table *t, const struct conn *c)
{
    for (unsigned i = 0; i < 2; i++)
        rte_prefetch0(conn_bucket(t, c->client.hash[i]));
}

/* --- lookup; `af` is a constant at the callers that matter ----------------------------------- */

extern const struct conn_side6 conn_no_side; /* free */

/* Instead of a side: has no tuple. */
static inline struct conn_side *conn_nobody(void)
{
    return (struct conn_side *)(uintptr_t)&conn_no_side.side;
}

/* What a change of state touches beside the side itself. */
static inline void conn_table_fetch_shared(const struct conn_table *t, const struct conn_side *side)
{
    const struct conn *c = side_conn(side);

    rte_prefetch0(conn_side(c, 1 - side_number(side)));
    rte_prefetch0(conn_rest(t, c));
}

/* First pass done, the bucket is near: the likely side, and what both sides share if the packet
 * will change the connection's state, are fetched. conn_nobody: not in the first bucket. */
static __rte_always_inline struct conn_side *conn_table_candidate(const struct conn_table *t,
                                                                  const struct conn_bucket *b,
                                                                  uint8_t af, uint32_t hash,
                                                                  bool changes_state)
{
    const unsigned match = conn_bucket_match(b, conn_tag(af, hash));
    const unsigned lines = af == 6 ? 2 : 1; /* of a side */
    struct conn_side *side;
    uint32_t slot;

    if (unlikely(!match))
        return conn_nobody();
    slot = b->slot[__builtin_ctz(match) >> 1];
    side = conn_slot_side(t, slot);
    rte_prefetch0(side);
    if (af == 6)
        rte_prefetch0(conn_slot_side(t, slot + 1));
    if (unlikely(changes_state)) {
        rte_prefetch0(conn_slot_side(t, slot ^ lines));
        rte_prefetch0(&t->pool.rest[slot / (2 * lines) * lines]);
    }
    return side;
}

/* False for a side that is free: its protocol is 0. */
static __rte_always_inline bool side_has_key(const struct conn_side *s, uint8_t af,
                                             const union key *key)
{
    if (memcmp(&s->sport_be, &key->sport_be, 4) || s->proto != key->proto)
        return false;
    if (af == 4)
        return !memcmp(&side4(s)->src_be, &key->v4.src_be, 8);
    return !memcmp(side6(s)->src_be, key->v6.src_be, 16) &&
           !memcmp(side6(s)->dst_be, key->v6.dst_be, 16);
}

/* The side from which a packet with this tuple arrives, or NULL. */
static __rte_always_inline struct conn_side *conn_table_find(const struct conn_table *t, uint8_t af,
                                                             uint32_t hash, const union key *key)
{
    const uint16_t tag = conn_tag(af, hash);
    const struct conn_bucket *b = conn_bucket(t, hash);

    for (;;) {
        for (unsigned match = conn_bucket_match(b, tag); match; match &= match - 1) {
            struct conn_side *s = conn_slot_side(t, b->slot[__builtin_ctz(match) >> 1]);

            if (likely(side_has_key(s, af, key)))
                return s;
        }
        if (likely(!b->next))
            return NULL;
        b = &t->overflow[b->next - 1];
    }
}

/* The same with what conn_table_candidate gave earlier, since when none was made. */
static __rte_always_inline struct conn_side *
conn_table_find_candidate(const struct conn_table *t, struct conn_side *candidate, uint8_t af,
                          uint32_t hash, const union key *key)
{
    if (likely(side_has_key(candidate, af, key)))
        return candidate;
    return conn_table_find(t, af, hash, key);
}

#endif
