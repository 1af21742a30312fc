/* conn_table.c - the tuple index of a worker's connections. */
#include "lb/conn_table.h"

enum { FILL_NUM = 2, FILL_DEN = 3 }; /* how far the buckets are filled by a full pool */

const struct conn_side6 conn_no_side;

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
    conn_pool_destroy(env, &t->pool);
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
    conn_wheel_create(t);
    t->bucket = env->ops->zalloc((size_t)n_buckets * sizeof(*t->bucket));
    t->overflow = env->ops->zalloc(t->n_overflow * sizeof(*t->overflow));
    if (conn_pool_create(env, &t->pool, n_conns) || !t->bucket || !t->overflow) {
        conn_table_destroy(env, t);
        return NULL;
    }
    for (uint32_t i = 0; i < t->n_overflow; i++)
        t->overflow[i].next = i + 2 <= t->n_overflow ? i + 2 : 0;
    t->free_overflow = 1;
    t->n_free_overflow = t->n_overflow;
    return t;
}

/* Line by line: for both at once compilers repeat an instruction that takes long to begin. */
static inline void clear_unit(struct conn_unit *u)
{
    memset(u->line[0], 0, sizeof u->line[0]);
    memset(u->line[1], 0, sizeof u->line[1]);
}

struct conn *conn_table_alloc(struct conn_table *t, uint8_t client_af, uint8_t server_af)
{
    const bool wide = client_af == 6 || server_af == 6;
    const uint8_t ip4 = wide ? SIDE_WIDE4 : 0;
    const uint32_t unit = conn_pool_take(&t->pool, wide);
    struct conn_rest *rest;
    struct conn *c;
    uint32_t gen;

    if (unit == CONN_NONE)
        return NULL;
    rest = &t->pool.rest[unit];
    gen = rest->gen;
    c = conn_at(t, unit);
    clear_unit(&t->pool.unit[unit]);
    if (wide)
        clear_unit(&t->pool.unit[unit + 1]);
    *rest = (struct conn_rest){ .wheel_next = CONN_NONE, .wheel_prev = CONN_NONE,
                                .laddr_id = CONN_NO_LADDR, .gen = gen };
    c->client.flags = client_af == 6 ? SIDE_IP6 : ip4;
    conn_side(c, SIDE_SERVER)->flags = (server_af == 6 ? SIDE_IP6 : ip4) | SIDE_IS_SERVER;
    __atomic_store_n(&rest->gen, gen | 1, __ATOMIC_RELEASE);
    t->n_used++;
    return c;
}

/* Where a side stands in the index, and as what. */
struct index_key {
    struct conn_bucket *bucket;
    uint16_t tag;
    uint32_t slot;
};

static inline struct index_key index_key(const struct conn_table *t, const struct conn_side *s,
                                         uint32_t hash)
{
    return (struct index_key){ conn_bucket(t, hash), conn_tag(side_af(s), hash),
                               conn_side_slot(t, s) };
}

static bool bucket_put(struct conn_bucket *b, uint16_t tag, uint32_t slot)
{
    const unsigned is_free = conn_bucket_match(b, 0);
    unsigned i;

    if (unlikely(!is_free))
        return false;
    i = (unsigned)__builtin_ctz(is_free) >> 1;
    b->slot[i] = slot;
    b->tag[i] = tag;
    return true;
}

/* A bucket of a chain that has room, behind a new overflow bucket if need be. */
static bool index_put(struct conn_table *t, const struct index_key *at)
{
    struct conn_bucket *b = at->bucket;

    while (!bucket_put(b, at->tag, at->slot)) {
        if (!b->next) {
            const uint32_t more = t->free_overflow;

            if (!more)
                return false;
            t->free_overflow = t->overflow[more - 1].next;
            t->n_free_overflow--;
            t->overflow[more - 1] = (struct conn_bucket){ 0 };
            b->next = more;
        }
        b = &t->overflow[b->next - 1];
    }
    return true;
}

static bool bucket_del(struct conn_bucket *b, uint16_t tag, uint32_t slot)
{
    for (unsigned match = conn_bucket_match(b, tag); match; match &= match - 1) {
        const unsigned i = (unsigned)__builtin_ctz(match) >> 1;

        if (b->slot[i] == slot) {
            b->tag[i] = 0;
            return true;
        }
    }
    return false;
}

static bool bucket_is_empty(const struct conn_bucket *b)
{
    return conn_bucket_match(b, 0) == 0x5555;
}

static void index_del(struct conn_table *t, struct index_key at)
{
    struct conn_bucket *before = NULL, *b = at.bucket;

    while (!bucket_del(b, at.tag, at.slot)) {
        if (!b->next)
            return;
        before = b;
        b = &t->overflow[b->next - 1];
    }
    if (before && bucket_is_empty(b)) {
        const uint32_t me = before->next;

        before->next = b->next;
        b->next = t->free_overflow;
        t->free_overflow = me;
        t->n_free_overflow++;
    }
}

bool conn_table_insert(struct conn_table *t, struct conn *c)
{
    const struct conn_side *to = conn_side(c, SIDE_SERVER);
    const struct index_key client = index_key(t, &c->client, c->client.hash[SIDE_CLIENT]);
    const struct index_key server = index_key(t, to, c->client.hash[SIDE_SERVER]);

    if (!index_put(t, &client))
        return false;
    if (!(to->flags & SIDE_SILENT) && !index_put(t, &server)) {
        index_del(t, client);
        return false;
    }
    conn_wheel_file(t, c);
    return true;
}

void conn_table_free(struct conn_table *t, struct conn *c)
{
    const uint32_t *hash = c->client.hash;
    const bool wide = conn_is_wide(c);
    struct conn_side *to = conn_side(c, SIDE_SERVER);
    struct conn_rest *rest = conn_rest(t, c);

    if (rest->wheel_prev != CONN_NONE) {
        conn_wheel_remove(t, c);
        index_del(t, index_key(t, &c->client, hash[SIDE_CLIENT]));
        if (likely(!(to->flags & SIDE_SILENT)))
            index_del(t, index_key(t, to, hash[SIDE_SERVER]));
    }
    c->client.proto = to->proto = 0;
    __atomic_store_n(&rest->gen, rest->gen + 1, __ATOMIC_RELEASE);
    conn_pool_give(&t->pool, conn_index(t, c), wide);
    t->n_used--;
}
