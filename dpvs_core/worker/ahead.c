/* ahead.c - what the first packets of a burst will wait for, fetched for all of them at once.
 *
 * A service is at the end of a chain (directory, page, service, its position and dests), each link
 * of which is far away where there are thousands. Four passes over the burst, each of which touches
 * what the one before has fetched, wait for memory four times instead of four times a packet. What
 * is guessed wrong (a tag that another service has too) costs a fetch in vain, no more: the stages
 * look everything up by themselves. About 70 instructions a packet; few services need none of it.
 */
#include "lb/service.h"
#include "worker/pipeline.h"

enum {
    FAR_PAGES = 64,             /* fewer of them, and what they lead to, stay near */
    FETCHED_DESTS = 4,          /* of a service */
};

static inline void fetch_lines(const void *first, size_t n_bytes)
{
    const uintptr_t from = (uintptr_t)first & ~(uintptr_t)(RTE_CACHE_LINE_SIZE - 1);

    for (uintptr_t at = from; at < (uintptr_t)first + n_bytes; at += RTE_CACHE_LINE_SIZE)
        rte_prefetch0((const void *)at);
}

static uint32_t service_hash(const struct pkt *p)
{
    const struct addr16 dst = key_dst(p->af, &p->key);
    const struct core_service_key key = { .proto = (uint8_t)p->key.proto,
                                          .port = rte_be_to_cpu_16(p->key.dport_be) };

    return lb_key_hash_at(&key, hash_addr(p->af, dst.byte));
}

static void fetch_choice(const struct service *s)
{
    rte_prefetch0(s->live);
    fetch_lines(s->dest, RTE_MIN(s->n_dests, (uint32_t)FETCHED_DESTS) * sizeof *s->dest);
    rte_prefetch0(s->laddr);
}

void fetch_ahead(const struct worker *w, const struct pkt *pkts, unsigned n)
{
    const struct page_table *services = &w->lb->services;
    const struct service *service[BURST];
    uint32_t hash[BURST];
    unsigned n_read = 0;

    if (likely(n < 2 || services->mask < FAR_PAGES - 1))
        return;
    for (unsigned i = 0; i < n; i++) {
        if (!(pkts[i].flags & PKT_READ))
            continue;
        hash[n_read] = service_hash(&pkts[i]);
        rte_prefetch0(&services->dir[hash[n_read++] & services->mask]);
    }
    for (unsigned i = 0; i < n_read; i++)
        fetch_lines(page_of(services, hash[i]),
                    PAGE_HEAD_BYTES + PAGE_ROWS * sizeof(struct service *));
    for (unsigned i = 0; i < n_read; i++) {
        service[i] = lb_likely(w->lb, hash[i]);
        if (service[i])
            fetch_lines(service[i], sizeof *service[i]);
    }
    for (unsigned i = 0; i < n_read; i++)
        if (service[i])
            fetch_choice(service[i]);
}
