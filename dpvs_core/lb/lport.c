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

static size_t pools_bytes(uint32_t n_pools)
{
    return (size_t)n_pools * CORE_GROUPS * sizeof(struct lport_pool);
}

void laddr_destroy(struct env *env, struct laddr *l)
{
    if (!l)
        return;
    lazy_free(l->pool, pools_bytes(l->n_pools));
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
    l->pool = lazy_zalloc(pools_bytes(n_pools));
    if (!l->pool) {
        laddr_destroy(env, l);
        return NULL;
    }
    return l;
}

static struct lport_pool *pool_of(const struct laddr *l, uint8_t group, uint32_t pool)
{
    return &l->pool[pool * CORE_GROUPS + group];
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

static inline uint64_t old_in(const struct lport_pool *p, unsigned i, uint8_t group)
{
    return ~p->spent[i] & valid(i, group);
}

/* The summary beginning with word `by`. */
static inline uint32_t rotated(uint32_t words, unsigned by)
{
    return (words >> by | words << (LPORT_WORDS - by)) & ALL_WORDS;
}

/* --- taking ---------------------------------------------------------------------------------- */

/* The next old and wanted block in the circle from `at`; -1: none. */
static __rte_always_inline int next_old(const struct lport_pool *p, unsigned at, uint8_t group, struct lport_wish wish)
{
    const unsigned i = at / 64, after = (i + 1) % LPORT_WORDS;
    uint64_t bits = old_in(p, i, group) & wanted(i, wish) & ~0ull << at % 64;
    uint32_t words = rotated(~p->spent_words & ALL_WORDS, after);

    if (bits)
        return (int)(64 * i) + __builtin_ctzll(bits);
    for (; words; words &= words - 1) {
        const unsigned k = (after + (unsigned)__builtin_ctz(words)) % LPORT_WORDS;

        bits = old_in(p, k, group) & wanted(k, wish);
        if (bits)
            return (int)(64 * k) + __builtin_ctzll(bits);
    }
    return -1;
}

/* The young ports that are wanted become old. False: there were none. */
static __rte_noinline bool renew(struct lport_pool *p, struct lport_wish wish)
{
    uint64_t all = 0;

    for (uint32_t words = p->young_words; words; words &= words - 1) {
        const unsigned i = (unsigned)__builtin_ctz(words);
        const uint64_t moved = p->young[i] & wanted(i, wish);

        p->young[i] &= ~moved;
        p->spent[i] &= ~moved;
        p->young_words &= (uint16_t)~(!p->young[i] << i);
        p->spent_words &= (uint16_t)~(!!moved << i);
        all |= moved;
    }
    return all != 0;
}

static __rte_always_inline int find(const struct laddr *l, struct lport_pool *p, uint8_t group,
                                    struct lport_wish wish)
{
    const unsigned at = (unsigned)(l->first + p->cursor) % LPORT_BLOCKS;
    const int block = next_old(p, at, group, wish);

    return unlikely(block < 0) && renew(p, wish) ? next_old(p, at, group, wish) : block;
}

static __rte_noinline int find_wanted(const struct laddr *l, struct lport_pool *p, uint8_t group,
                                      struct lport_wish wish)
{
    return find(l, p, group, wish);
}

uint16_t lport_take(struct laddr *l, uint8_t group, uint32_t pool, struct lport_wish wish)
{
    struct lport_pool *p = pool_of(l, group, pool);
    int block = wish.table ? find_wanted(l, p, group, wish) : -1;
    unsigned i;

    if (block < 0)
        block = find(l, p, group, (struct lport_wish){ 0 });
    if (unlikely(block < 0)) {
        p->miss++;
        return 0;
    }
    i = (unsigned)block / 64;
    p->spent[i] |= 1ull << block % 64;
    p->spent_words |= (uint16_t)(!old_in(p, i, group) << i);
    p->cursor = (uint16_t)((unsigned)(block + 1 + LPORT_BLOCKS - l->first) % LPORT_BLOCKS);
    p->used++;
    return (uint16_t)(group + CORE_GROUPS * block);
}

void lport_fetch(const struct laddr *l, uint32_t pool, uint16_t port)
{
    const struct lport_pool *p = pool_of(l, port % CORE_GROUPS, pool);

    rte_prefetch0(p);
    rte_prefetch0(&p->young[port / CORE_GROUPS / 64]);
}

void lport_give(struct laddr *l, uint32_t pool, uint16_t port)
{
    struct lport_pool *p = pool_of(l, port % CORE_GROUPS, pool);
    const unsigned block = port / CORE_GROUPS;

    p->young[block / 64] |= 1ull << block % 64;
    p->young_words |= (uint16_t)(1u << block / 64);
    p->used--;
}

void laddr_count(const struct laddr *l, struct core_laddr_stats *out)
{
    *out = (struct core_laddr_stats){ 0 };
    for (uint32_t i = 0; i < CORE_GROUPS * l->n_pools; i++) {
        const uint32_t used = l->pool[i].used;

        out->used += used;
        out->free += ports_of((uint8_t)(i % CORE_GROUPS)) - used;
        out->miss += l->pool[i].miss;
    }
}
