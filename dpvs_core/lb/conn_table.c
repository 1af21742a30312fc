/* conn_table.c - pool, index and expiry wheel of a worker's connections. */
#include "lb/conn_table.h"

#include "base/hash.h"

enum { FILL_NUM = 2, FILL_DEN = 3 }; /* how far the buckets are filled by a full pool */

static uint32_t buckets_for(uint32_t n_conns)
{
    return (uint32_t)(2ull * n_conns * FILL_DEN / (FILL_NUM * BUCKET_ENTRIES)) + 16;
}

void conn_table_destroy(struct env *env, struct conn_table *t)
{
    if (!t)
        return;
    env->ops->free(t->bucket);
    env->ops->free(t->overflow);
    env->ops->free(t->conn);
    env->ops->free(t->rest);
    env->ops->free(t);
}

struct conn_table *conn_table_create(struct env *env, uint32_t n_conns, uint32_t seed)
{
    const uint32_t n_buckets = buckets_for(n_conns);
    struct conn_table *t = env->ops->zalloc(sizeof(*t));

    if (!t)
        return NULL;
    t->seed = seed;
    t->n_buckets = n_buckets;
    t->n_overflow = n_conns / 16 + 64;
    t->n_conns = n_conns;
    t->free_conn = CONN_NONE;
    t->due = CONN_NONE;
    for (unsigned i = 0; i < WHEEL_SLOTS; i++)
        t->wheel[i] = CONN_NONE;
    t->bucket = env->ops->zalloc((size_t)n_buckets * sizeof(*t->bucket));
    t->overflow = env->ops->zalloc(t->n_overflow * sizeof(*t->overflow));
    t->conn = env->ops->zalloc(n_conns * sizeof(*t->conn));
    t->rest = env->ops->zalloc(n_conns * sizeof(*t->rest));
    if (!t->bucket || !t->overflow || !t->conn || !t->rest) {
        conn_table_destroy(env, t);
        return NULL;
    }
    for (uint32_t i = 0; i < t->n_overflow; i++)
        t->overflow[i].next = i + 2 <= t->n_overflow ? i + 2 : 0;
    t->free_overflow = 1;
    return t;
}

struct conn *conn_table_alloc(struct conn_table *t)
{
    struct conn_rest *rest;
    uint32_t i, gen;

    if (t->free_conn != CONN_NONE) {
        i = t->free_conn;
        t->free_conn = t->rest[i].wheel_next;
    } else if (t->fresh_conn < t->n_conns) {
        i = t->fresh_conn++;
    } else {
        return NULL;
    }
    rest = &t->rest[i];
    gen = rest->gen;
    memset(&t->conn[i], 0, sizeof t->conn[i]);
    *rest = (struct conn_rest){ .wheel_next = CONN_NONE, .wheel_prev = CONN_NONE,
                                .laddr_id = CONN_NO_LADDR };
    __atomic_store_n(&rest->gen, gen | 1, __ATOMIC_RELEASE);
    t->n_used++;
    return &t->conn[i];
}

static bool bucket_put(struct conn_bucket *b, uint16_t tag, uint32_t slot)
{
    for (unsigned i = 0; i < BUCKET_ENTRIES; i++)
        if (!b->tag[i]) {
            b->slot[i] = slot;
            b->tag[i] = tag;
            return true;
        }
    return false;
}

static bool index_put(struct conn_table *t, uint32_t hash, uint32_t slot)
{
    struct conn_bucket *b = conn_bucket(t, hash);

    while (!bucket_put(b, conn_tag(hash), slot)) {
        if (!b->next) {
            const uint32_t more = t->free_overflow;

            if (!more)
                return false;
            t->free_overflow = t->overflow[more - 1].next;
            t->overflow[more - 1] = (struct conn_bucket){ 0 };
            b->next = more;
        }
        b = &t->overflow[b->next - 1];
    }
    return true;
}

static bool bucket_is_empty(const struct conn_bucket *b)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi16(_mm_load_si128((const __m128i *)b->tag),
                                             _mm_setzero_si128())) == 0xffff;
}

static void index_del(struct conn_table *t, uint32_t hash, uint32_t slot)
{
    struct conn_bucket *before = NULL, *b = conn_bucket(t, hash);

    for (;;) {
        for (unsigned i = 0; i < BUCKET_ENTRIES; i++)
            if (b->tag[i] == conn_tag(hash) && b->slot[i] == slot) {
                b->tag[i] = 0;
                if (before && bucket_is_empty(b)) {
                    const uint32_t me = before->next;

                    before->next = b->next;
                    b->next = t->free_overflow;
                    t->free_overflow = me;
                }
                return;
            }
        if (!b->next)
            return;
        before = b;
        b = &t->overflow[b->next - 1];
    }
}

/* --- the wheel -------------------------------------------------------------------------- */

static void wheel_unlink(struct conn_table *t, const struct conn_rest *r)
{
    const uint32_t next = r->wheel_next, prev = r->wheel_prev;

    if (next != CONN_NONE)
        t->rest[next].wheel_prev = prev;
    if (prev & 0x80000000)      /* head of a list: slot number, or WHEEL_SLOTS for `due` */
        *((prev & 0xffff) == WHEEL_SLOTS ? &t->due : &t->wheel[prev & 0xffff]) = next;
    else
        t->rest[prev].wheel_next = next;
}

static void wheel_push(struct conn_table *t, uint32_t *head, uint32_t head_mark, uint32_t i)
{
    struct conn_rest *r = &t->rest[i];

    r->wheel_next = *head;
    r->wheel_prev = 0x80000000 | head_mark;
    if (*head != CONN_NONE)
        t->rest[*head].wheel_prev = i;
    *head = i;
}

/* File under the slot in which it can expire at the earliest, or the farthest one there is. */
static void wheel_file(struct conn_table *t, const struct conn *c)
{
    const uint32_t i = conn_index(t, c);
    const uint32_t due_ms = conn_last_seen_ms(c) + t->rest[i].timeout_ms;
    const uint32_t expires = (due_ms >> WHEEL_SHIFT_MS) + 1;
    uint32_t ahead = (expires - t->wheel_tick) & (0xffffffff >> WHEEL_SHIFT_MS);

    if (ahead >= WHEEL_SLOTS)
        ahead = ahead > 0x80000000u >> WHEEL_SHIFT_MS ? 0 : WHEEL_SLOTS - 1;
    const uint32_t slot = (t->wheel_tick + ahead) % WHEEL_SLOTS;
    wheel_push(t, &t->wheel[slot], slot, i);
}

void conn_table_refile(struct conn_table *t, struct conn *c)
{
    wheel_unlink(t, conn_rest(t, c));
    wheel_file(t, c);
}

/* Next hops of routes that were replaced long ago: their number may come round again. */
static void forget_old_hops(struct conn *c)
{
    c->side[SIDE_CLIENT].fib_epoch = c->side[SIDE_SERVER].fib_epoch = 0;
}

struct conn *conn_table_expired(struct conn_table *t, uint32_t now_ms, uint32_t *budget)
{
    const uint32_t now_tick = now_ms >> WHEEL_SHIFT_MS;

    while (*budget) {
        if (t->due == CONN_NONE) {
            const uint32_t slot = t->wheel_tick % WHEEL_SLOTS;

            if (t->wheel_tick == now_tick)
                return NULL;
            t->due = t->wheel[slot];
            t->wheel[slot] = CONN_NONE;
            if (t->due != CONN_NONE)
                t->rest[t->due].wheel_prev = 0x80000000 | WHEEL_SLOTS;
            t->wheel_tick = (t->wheel_tick + 1) & (0xffffffff >> WHEEL_SHIFT_MS);
            (*budget)--;
            continue;
        }
        struct conn *c = &t->conn[t->due];

        (*budget)--;
        if (now_ms - conn_last_seen_ms(c) >= conn_rest(t, c)->timeout_ms)
            return c;
        forget_old_hops(c);
        conn_table_refile(t, c);
    }
    return NULL;
}

static uint32_t side_hash(const struct conn_table *t, const struct conn *c, unsigned side)
{
    const struct key4 key = conn_key4(c, side);

    return hash_16(&key, t->seed);
}

bool conn_table_insert(struct conn_table *t, struct conn *c)
{
    const uint32_t slot = conn_index(t, c) << 1;

    for (unsigned s = 0; s < 2; s++)
        if (!index_put(t, side_hash(t, c, s), slot | s)) {
            if (s)
                index_del(t, side_hash(t, c, 0), slot);
            return false;
        }
    wheel_file(t, c);
    return true;
}

void conn_table_free(struct conn_table *t, struct conn *c)
{
    const uint32_t i = conn_index(t, c);
    struct conn_rest *rest = &t->rest[i];

    if (rest->wheel_prev != CONN_NONE) {
        for (unsigned s = 0; s < 2; s++)
            index_del(t, side_hash(t, c, s), i << 1 | s);
        wheel_unlink(t, rest);
    }
    __atomic_store_n(&rest->gen, rest->gen + 1, __ATOMIC_RELEASE);
    rest->wheel_next = t->free_conn;
    t->free_conn = i;
    t->n_used--;
}
