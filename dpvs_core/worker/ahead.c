/* ahead.c - what the first packets of a burst will wait for, fetched for all of them at once.
 *
 * A dest's counters are at the end of a chain (directory, page, service, its position, the dest
 * whose turn it is), each link of which is far away where there are thousands. Six passes over the
 * burst, each of which touches what the one before has fetched, wait for memory six times instead
 * of six times a packet. The service found is told to the stages, which compare its key and so need
 * not look it up again. What is guessed wrong (a tag that another service has too, a turn that
 * another packet takes) costs a fetch in vain, no more. Few services need none of it.
 */
#include "lb/sched.h"
#include "lb/service.h"
#include "worker/pipeline.h"

enum {
    FAR_PAGES = 64,             /* fewer of them, and what they lead to, stay near */
    NEAR_DESTS = 4,             /* of a service, fetched with it where nobody knows the turn */
};

/* A burst's services, and the dests whose turn it is there; NULL: none is known. */
struct ahead {
    const struct service **service;
    const struct dest *dest[BURST];
};

/* The lines of `n_bytes`, a constant. */
static inline void fetch_lines(const void *first, size_t n_bytes)
{
    for (size_t at = 0; at < n_bytes; at += RTE_CACHE_LINE_SIZE)
        rte_prefetch0((const uint8_t *)first + at);
}

static inline void fetch_dest(const struct dest *d)
{
    rte_prefetch0(d);
    rte_prefetch0((const uint8_t *)(d + 1) - 1);
}

static inline uint32_t service_hash(const struct pkt *p)
{
    const struct addr16 dst = key_dst(p->af, &p->key);
    const struct core_service_key key = { .proto = (uint8_t)p->key.proto,
                                          .port = rte_be_to_cpu_16(p->key.dport_be) };

    return lb_key_hash_at(&key, hash_addr(p->af, dst.byte));
}

/* Who is asked for the next dest. */
static inline void fetch_choice(const struct service *s)
{
    rte_prefetch0(s->live);
    if (s->plan)
        rte_prefetch0(s->plan);
    if (!sched_table[s->sched]->turn && s->n_dests <= NEAR_DESTS)
        for (uint32_t i = 0; i < s->n_dests; i++)
            fetch_dest(&s->dest[i]);
}

/* The dest that gets the next connection, if that is easily said. */
static inline const struct dest *fetch_turn(const struct service *s)
{
    const struct sched_ops *sched = sched_table[s->sched];
    const struct dest *d = sched->turn ? sched->turn(s) : NULL;

    if (d)
        fetch_dest(d);
    return d;
}

static void fetch_dests(const struct worker *w, struct ahead *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (a->service[i])
            fetch_choice(a->service[i]);
    for (unsigned i = 0; i < n; i++)
        a->dest[i] = a->service[i] ? fetch_turn(a->service[i]) : NULL;
    for (unsigned i = 0; i < n; i++)
        if (a->dest[i])
            rte_prefetch0(&w->dest_count[a->dest[i]->id]);
}

bool fetch_ahead(const struct worker *w, const struct pkt *pkts, unsigned n,
                 const struct service **service)
{
    const struct page_table *services = &w->lb->services;
    struct ahead a;
    uint32_t hash[BURST];

    if (likely(n < 2 || services->mask < FAR_PAGES - 1))
        return false;
    a.service = service;
    for (unsigned i = 0; i < n; i++) {
        hash[i] = pkts[i].flags & PKT_READ ? service_hash(&pkts[i]) : 0;
        rte_prefetch0(&services->dir[hash[i] & services->mask]);
    }
    for (unsigned i = 0; i < n; i++)
        fetch_lines(page_of(services, hash[i]),
                    PAGE_HEAD_BYTES + PAGE_ROWS * sizeof(struct service *));
    for (unsigned i = 0; i < n; i++) {
        service[i] = lb_likely(w->lb, hash[i]);
        if (service[i])
            rte_prefetch0(service[i]);
    }
    fetch_dests(w, &a, n);
    return true;
}
