/* fib.c - building and asking the table of addresses and routes. */
#include "net/fib.h"

#include <string.h>

#include <rte_byteorder.h>

#include "base/addr.h"

enum { N_PLENS = 129 };

/* Open addressing over an array of entries: index + 1, 0 is free. */
struct fib_index {
    uint32_t *slot;
    uint32_t mask;
};

struct fib {
    uint32_t epoch;
    uint32_t n_addrs, n_routes;
    struct fib_addr *addr;
    struct fib_route *route;
    struct fib_index addr_index, route_index;
    uint8_t plens[2][N_PLENS];  /* lengths in use by family (IPv4, IPv6), longest first, not 0 */
    uint8_t n_plens[2];
    const struct fib_route *any[2]; /* default routes by family; NULL: none */
};

/* A prefix as two words, for arithmetic. */
struct prefix {
    uint64_t word[2];
};

static uint32_t fib_hash(uint8_t af, uint8_t plen, const uint8_t addr[16])
{
    return hash_16(addr, (uint32_t)af << 8 | plen);
}

static uint32_t slots_for(uint32_t n)
{
    uint32_t slots = 8;

    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

static void index_put(struct fib_index *index, uint32_t hash, uint32_t i)
{
    while (index->slot[hash & index->mask])
        hash++;
    index->slot[hash & index->mask] = i + 1;
}

void fib_free(struct env *env, struct fib *fib)
{
    if (!fib)
        return;
    env->ops->free(fib->addr);
    env->ops->free(fib->route);
    env->ops->free(fib->addr_index.slot);
    env->ops->free(fib->route_index.slot);
    env->ops->free(fib);
}

/* The first `n_bits` of 64. */
static inline uint64_t mask_be(int n_bits)
{
    return n_bits <= 0 ? 0 : rte_cpu_to_be_64(~0ull << (n_bits >= 64 ? 0 : 64 - n_bits));
}

static inline struct prefix prefix_of(uint64_t first, uint64_t second, uint8_t plen)
{
    return (struct prefix){ { first & mask_be(plen), second & mask_be((int)plen - 64) } };
}

/* Not the flow hash: nobody outside chooses routes, and first packets wait for it twice. */
static inline uint32_t route_hash(const struct prefix *prefix, uint8_t plen)
{
    const uint64_t turned = prefix->word[1] << 29 | prefix->word[1] >> 35;

    return (uint32_t)((prefix->word[0] ^ turned ^ plen) * 0x9e3779b97f4a7c15u >> 32);
}

static inline const struct fib_route *route_exact(const struct fib *fib, uint8_t af, uint8_t plen,
                                                  const struct prefix *prefix)
{
    uint32_t h = route_hash(prefix, plen);

    for (uint32_t i; (i = fib->route_index.slot[h & fib->route_index.mask]); h++) {
        const struct fib_route *r = &fib->route[i - 1];

        if (r->af == af && r->plen == plen && !memcmp(r->prefix, prefix, sizeof *prefix))
            return r;
    }
    return NULL;
}

/* The first of equal prefixes wins: the master gives them in order of metric. */
static void put_routes(struct fib *fib, const struct core_route *routes, uint32_t n)
{
    uint8_t used[2][N_PLENS] = { 0 };

    for (uint32_t i = 0; i < n; i++) {
        struct fib_route *r = &fib->route[i];
        struct prefix prefix;

        *r = (struct fib_route){ .af = routes[i].af, .kind = routes[i].kind,
                                 .plen = routes[i].plen, .dev = routes[i].dev,
                                 .mtu = routes[i].mtu };
        memcpy(r->gateway, routes[i].gateway, 16);
        memcpy(r->src, routes[i].src, 16);
        memcpy(prefix.word, routes[i].prefix, sizeof prefix.word);
        prefix = prefix_of(prefix.word[0], prefix.word[1], r->plen);
        memcpy(r->prefix, prefix.word, sizeof r->prefix);
        if (!r->plen && !fib->any[r->af == 6])
            fib->any[r->af == 6] = r;
        if (!r->plen || route_exact(fib, r->af, r->plen, &prefix))
            continue;
        index_put(&fib->route_index, route_hash(&prefix, r->plen), i);
        used[r->af == 6][r->plen] = 1;
    }
    for (int f = 0; f < 2; f++)
        for (int plen = N_PLENS - 1; plen > 0; plen--)
            if (used[f][plen])
                fib->plens[f][fib->n_plens[f]++] = (uint8_t)plen;
}

static void put_addrs(struct fib *fib, const struct core_addr *addrs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct fib_addr *a = &fib->addr[i];

        *a = (struct fib_addr){ .af = addrs[i].af, .kind = addrs[i].kind, .dev = addrs[i].dev,
                                .flags = addrs[i].flags, .laddr_id = addrs[i].laddr_id };
        a->dad = fib_wants_dad(a->af, a->kind, a->flags) ? FIB_DAD_NEW : CORE_DAD_PREFERRED;
        memcpy(a->addr, addrs[i].addr, 16);
        index_put(&fib->addr_index, fib_hash(a->af, 255, a->addr), i);
    }
}

struct fib *fib_build(struct env *env, const struct core_addr *addrs, uint32_t n_addrs,
                      const struct core_route *routes, uint32_t n_routes)
{
    static uint32_t last_epoch; /* one builder, the master */
    const uint32_t addr_slots = slots_for(n_addrs), route_slots = slots_for(n_routes);
    struct fib *fib = env->ops->zalloc(sizeof(*fib));

    if (!fib)
        return NULL;
    *fib = (struct fib){ .n_addrs = n_addrs, .n_routes = n_routes,
                         .addr_index.mask = addr_slots - 1, .route_index.mask = route_slots - 1 };
    do
        fib->epoch = ++last_epoch;
    while (!fib->epoch);        /* 0 is a connection's "never looked up" */
    fib->addr = env->ops->zalloc((n_addrs + 1) * sizeof(*fib->addr));
    fib->route = env->ops->zalloc((n_routes + 1) * sizeof(*fib->route));
    fib->addr_index.slot = env->ops->zalloc(addr_slots * sizeof(uint32_t));
    fib->route_index.slot = env->ops->zalloc(route_slots * sizeof(uint32_t));
    if (!fib->addr || !fib->route || !fib->addr_index.slot || !fib->route_index.slot) {
        fib_free(env, fib);
        return NULL;
    }
    put_addrs(fib, addrs, n_addrs);
    put_routes(fib, routes, n_routes);
    return fib;
}

const struct fib_addr *fib_addr_at(const struct fib *fib, uint32_t i)
{
    return &fib->addr[i];
}

uint32_t fib_n_addrs(const struct fib *fib)
{
    return fib->n_addrs;
}

void fib_addr_set_dad(const struct fib *fib, const struct fib_addr *a, uint8_t dad, uint16_t dad_id)
{
    struct fib_addr *own = &fib->addr[a - fib->addr];

    own->dad_id = dad_id;
    __atomic_store_n(&own->dad, dad, __ATOMIC_RELAXED);
}

/* The first of all devices, or of `dev`. */
static inline const struct fib_addr *find_addr(const struct fib *fib, uint8_t af,
                                               const uint8_t addr[16], uint32_t dev)
{
    uint32_t h = fib_hash(af, 255, addr);

    for (uint32_t i; (i = fib->addr_index.slot[h & fib->addr_index.mask]); h++) {
        const struct fib_addr *a = &fib->addr[i - 1];

        if (a->af == af && !memcmp(a->addr, addr, 16) && (dev == CORE_ANY_DEV || a->dev == dev))
            return a;
    }
    return NULL;
}

const struct fib_addr *fib_addr(const struct fib *fib, uint8_t af, const uint8_t addr[16])
{
    return find_addr(fib, af, addr, CORE_ANY_DEV);
}

const struct fib_addr *fib_addr_on(const struct fib *fib, uint16_t dev, uint8_t af,
                                   const uint8_t addr[16])
{
    return find_addr(fib, af, addr, fib_is_link_local(af, addr) ? dev : CORE_ANY_DEV);
}

const struct fib_route *fib_route_words(const struct fib *fib, uint8_t af, uint64_t first,
                                        uint64_t second)
{
    const int f = af == 6;

    for (unsigned i = 0; i < fib->n_plens[f]; i++) {
        const uint8_t plen = fib->plens[f][i];
        const struct prefix prefix = prefix_of(first, second, plen);
        const struct fib_route *r = route_exact(fib, af, plen, &prefix);

        if (r)
            return r;
    }
    return fib->any[f];
}

/* --- choosing a source ---------------------------------------------------------------------- */

/* Each more than all that follow. */
enum {
    PREFERS_SCOPE = 1024, PREFERS_NOT_DEPRECATED = 512, PREFERS_NO_LADDR = 256,
    BEST_RANK4 = PREFERS_SCOPE + PREFERS_NOT_DEPRECATED + PREFERS_NO_LADDR + 1,
};

static unsigned common_bits(const uint8_t a[16], const uint8_t b[16])
{
    for (unsigned i = 0; i < 16; i++)
        if (a[i] != b[i])
            return i * 8 + (unsigned)__builtin_clz((unsigned)(a[i] ^ b[i])) - 24;
    return 128;
}

static unsigned source_rank(const struct fib_addr *a, const uint8_t to[16])
{
    const bool same_scope = fib_is_link_local(a->af, a->addr) == fib_is_link_local(a->af, to);

    return 1 + (same_scope ? PREFERS_SCOPE : 0) +
           (a->flags & CORE_ADDR_DEPRECATED ? 0 : PREFERS_NOT_DEPRECATED) +
           (a->laddr_id == CORE_NO_ID ? PREFERS_NO_LADDR : 0) +
           (a->af == 6 ? common_bits(a->addr, to) : 0);
}

const struct fib_addr *fib_source(const struct fib *fib, uint8_t af, uint16_t dev,
                                  const uint8_t to[16])
{
    const struct fib_addr *best = NULL;
    unsigned best_rank = 0;

    for (uint32_t i = 0; i < fib->n_addrs && !(af == 4 && best_rank == BEST_RANK4); i++) {
        const struct fib_addr *a = &fib->addr[i];
        unsigned rank;

        if (a->af != af || a->dev != dev || a->kind != CORE_ADDR_LOCAL || !fib_addr_is_usable(a))
            continue;
        rank = source_rank(a, to);
        if (rank > best_rank) {
            best = a;
            best_rank = rank;
        }
    }
    return best;
}

uint32_t fib_epoch(const struct fib *fib)
{
    return fib->epoch;
}

const struct fib_addr *fib_addr_after(const struct fib *fib, const struct fib_addr *a)
{
    const struct fib_addr *next = a ? a + 1 : fib->addr;

    return next < fib->addr + fib->n_addrs ? next : NULL;
}
