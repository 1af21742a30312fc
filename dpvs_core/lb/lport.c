/* lport.c - bitmaps of local ports. */
#include "lb/lport.h"

#include <string.h>

#include <rte_prefetch.h>

#include "base/addr.h"
#include "base/lazy.h"

enum { FIRST_BLOCK = LPORT_FIRST / CORE_GROUPS, ALL_WORDS = (1 << LPORT_WORDS) - 1 };
_Static_assert(LPORT_WORDS == 16, "summaries are 16 bits");

static bool lacks_first_block(uint8_t group)
{
    return group < LPORT_FIRST % CORE_GROUPS;
}

static uint32_t ports_of(uint8_t group)
{
    return LPORT_BLOCKS - FIRST_BLOCK - lacks_first_block(group);
}

static uint32_t n_quads(uint32_t n_pools)
{
    return (n_pools + LPORT_HEADS - 1) / LPORT_HEADS;
}

static size_t bits_bytes(uint32_t n_pools)
{
    return (size_t)n_pools * CORE_GROUPS * sizeof(struct lport_bits);
}

static size_t heads_bytes(uint32_t n_pools)
{
    return (size_t)n_quads(n_pools) * CORE_GROUPS * sizeof(struct lport_heads);
}

static size_t all_bytes(uint32_t n_pools)
{
    return bits_bytes(n_pools) + heads_bytes(n_pools) + CORE_GROUPS * sizeof(struct lport_misses);
}

void laddr_destroy(struct env *env, struct laddr *l)
{
    if (!l)
        return;
    lazy_free(l->bits, all_bytes(l->n_pools));
    env->ops->free(l);
}

struct laddr *laddr_create(struct env *env, uint32_t id, uint8_t af, const uint8_t addr[16],
                           uint32_t n_pools, uint32_t first)
{
    struct laddr *l = env->ops->zalloc(sizeof(*l));

    if (!l)
        return NULL;
    *l = (struct laddr){
        .id = id, .af = af, .active = 1, .n_pools = n_pools,
        .first = (uint16_t)(FIRST_BLOCK + first % (LPORT_BLOCKS - FIRST_BLOCK)),
    };
    memcpy(l->addr, addr, 16);
    l->addr_hash = hash_addr(af, l->addr);
    l->bits = lazy_zalloc(all_bytes(n_pools));
    if (!l->bits) {
        laddr_destroy(env, l);
        return NULL;
    }
    l->heads = (struct lport_heads *)((uint8_t *)l->bits + bits_bytes(n_pools));
    l->misses = (struct lport_misses *)((uint8_t *)l->heads + heads_bytes(n_pools));
    return l;
}

static inline struct lport_bits *bits_of(const struct laddr *l, uint8_t group, uint32_t pool)
{
    return &l->bits[pool * CORE_GROUPS + group];
}

static inline struct lport_head *head_of(const struct laddr *l, uint8_t group, uint32_t pool)
{
    return &l->heads[pool / LPORT_HEADS * CORE_GROUPS + group].head[pool % LPORT_HEADS];
}

/* --- words of a pool: one bit a block ------------------------------------------------------- */

/* The blocks of word i whose ports are above 1024. */
static inline uint64_t valid(unsigned i, uint8_t group)
{
    return i ? ~0ull : ~0ull << (FIRST_BLOCK + lacks_first_block(group));
}

static inline uint64_t wanted(unsigned i, struct lport_wish wish)
{
    return wish.table ? wish.table->blocks[wish.number ^ wish.table->of_word[i]] : ~0ull;
}

static inline uint64_t old_in(const struct lport_bits *b, unsigned i, uint8_t group)
{
    return ~b->spent[i] & valid(i, group);
}

/* The summary beginning with word `by`. */
static inline uint32_t rotated(uint32_t words, unsigned by)
{
    return (words >> by | words << (LPORT_WORDS - by)) & ALL_WORDS;
}

/* --- taking ---------------------------------------------------------------------------------- */

/* Block by which the circle goes on. */
static inline unsigned circle_at(const struct laddr *l, const struct lport_head *h)
{
    return (unsigned)(l->first + h->cursor) % LPORT_BLOCKS;
}

/* The word whose old ports are in the head. */
static inline unsigned word_now(const struct laddr *l, const struct lport_head *h)
{
    return (circle_at(l, h) + LPORT_BLOCKS - 1) % LPORT_BLOCKS / 64;
}

/* A pool, with what tells its words. */
struct pool {
    const struct laddr *l;
    struct lport_head *h;
    struct lport_bits *b;
    uint8_t group;
};

/* The next old and wanted block in the circle; -1: none. The head has none. */
static __rte_always_inline int next_old(const struct pool *p, struct lport_wish wish)
{
    const unsigned at = circle_at(p->l, p->h), i = at / 64, after = (i + 1) % LPORT_WORDS;
    uint64_t bits = old_in(p->b, i, p->group) & wanted(i, wish) & ~0ull << at % 64;
    uint32_t words = rotated(~p->h->spent_words & ALL_WORDS, after);

    if (bits)
        return (int)(64 * i) + __builtin_ctzll(bits);
    for (; words; words &= words - 1) {
        const unsigned k = (after + (unsigned)__builtin_ctz(words)) % LPORT_WORDS;

        bits = old_in(p->b, k, p->group) & wanted(k, wish);
        if (bits)
            return (int)(64 * k) + __builtin_ctzll(bits);
    }
    return -1;
}

/* The young ports that are wanted become old. False: there were none. */
static bool renew(const struct pool *p, struct lport_wish wish)
{
    uint64_t all = 0;

    for (uint32_t words = p->h->young_words; words; words &= words - 1) {
        const unsigned i = (unsigned)__builtin_ctz(words);
        const uint64_t moved = p->b->young[i] & wanted(i, wish);

        p->b->young[i] &= ~moved;
        p->b->spent[i] &= ~moved;
        p->h->young_words &= (uint16_t)~(!p->b->young[i] << i);
        p->h->spent_words &= (uint16_t)~(!!moved << i);
        all |= moved;
    }
    return all != 0;
}

static __rte_always_inline int find(const struct pool *p, struct lport_wish wish)
{
    const int block = next_old(p, wish);

    return block < 0 && renew(p, wish) ? next_old(p, wish) : block;
}

/* Old ports of word i are none any more; the summary follows. */
static void spend(const struct pool *p, unsigned i, uint64_t ports)
{
    p->b->spent[i] |= ports;
    p->h->spent_words |= (uint16_t)(!old_in(p->b, i, p->group) << i);
}

static void put_back(const struct pool *p)
{
    const unsigned i = word_now(p->l, p->h);

    if (!p->h->now)
        return;
    p->b->spent[i] &= ~p->h->now;
    p->h->spent_words &= (uint16_t)~(1u << i);
    p->h->now = 0;
}

/* One that is wanted, by itself; -1: none is free. */
static int take_wanted(const struct pool *p, struct lport_wish wish)
{
    int block;

    put_back(p);
    block = find(p, wish);
    if (block >= 0)
        spend(p, (unsigned)block / 64, 1ull << block % 64);
    return block;
}

/* The next one, and all behind it in its word into the head. */
static int take_word(const struct pool *p)
{
    const int block = find(p, (struct lport_wish){ 0 });
    uint64_t ports;

    if (block < 0)
        return -1;
    ports = old_in(p->b, (unsigned)block / 64, p->group) & ~0ull << block % 64;
    spend(p, (unsigned)block / 64, ports);
    p->h->now = ports & (ports - 1);
    return block;
}

static __rte_noinline int take_far(const struct laddr *l, struct lport_head *h, uint8_t group,
                                   uint32_t pool, struct lport_wish wish)
{
    const struct pool p = { l, h, bits_of(l, group, pool), group };
    const int block = wish.table ? take_wanted(&p, wish) : -1;

    return block < 0 ? take_word(&p) : block;
}

static inline int take_near(const struct laddr *l, struct lport_head *h)
{
    const int block = (int)(64 * word_now(l, h)) + __builtin_ctzll(h->now);

    h->now &= h->now - 1;
    return block;
}

uint16_t lport_take(struct laddr *l, uint8_t group, uint32_t pool, struct lport_wish wish)
{
    struct lport_head *h = head_of(l, group, pool);
    const int block = likely(h->now && !wish.table) ? take_near(l, h)
                                                    : take_far(l, h, group, pool, wish);

    if (unlikely(block < 0)) {
        l->misses[group].n++;
        return 0;
    }
    h->cursor = (uint16_t)((unsigned)(block + 1 + LPORT_BLOCKS - l->first) % LPORT_BLOCKS);
    h->used++;
    return (uint16_t)(group + CORE_GROUPS * block);
}

void lport_fetch(const struct laddr *l, uint32_t pool, uint16_t port)
{
    rte_prefetch0(head_of(l, port % CORE_GROUPS, pool));
    rte_prefetch0(&bits_of(l, port % CORE_GROUPS, pool)->young[port / CORE_GROUPS / 64]);
}

void lport_give(struct laddr *l, uint32_t pool, uint16_t port)
{
    struct lport_head *h = head_of(l, port % CORE_GROUPS, pool);
    const unsigned block = port / CORE_GROUPS;

    bits_of(l, port % CORE_GROUPS, pool)->young[block / 64] |= 1ull << block % 64;
    h->young_words |= (uint16_t)(1u << block / 64);
    h->used--;
}

void laddr_count(const struct laddr *l, struct core_laddr_stats *out)
{
    *out = (struct core_laddr_stats){ 0 };
    for (uint32_t group = 0; group < CORE_GROUPS; group++) {
        for (uint32_t pool = 0; pool < l->n_pools; pool++)
            out->used += head_of(l, (uint8_t)group, pool)->used;
        out->free += l->n_pools * ports_of((uint8_t)group);
        out->miss += l->misses[group].n;
    }
    out->free -= out->used;
}
