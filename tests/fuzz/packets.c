/* packets.c - packets in pieces of the heap of their own.
 *
 * The header with its private area is one, the data another: so what is read before the headroom,
 * behind the frame, or after the packet was freed is AddressSanitizer's to tell. Data is filled
 * with a pattern: nobody may rely on zeros.
 */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

enum { DATA_BYTES = RTE_PKTMBUF_HEADROOM + 2048, STALE = 0xa5 };

static struct rte_mbuf *alloc(struct env *env)
{
    struct rte_mbuf *m;
    uint8_t *data;

    if (env->max_pkts && env->n_pkts_in_use >= env->max_pkts)
        return NULL;
    m = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof *m + PKT_META_BYTES);
    data = aligned_alloc(RTE_CACHE_LINE_SIZE, DATA_BYTES);
    if (!m || !data)
        abort();
    memset(m, 0, sizeof *m);
    memset(m + 1, STALE, PKT_META_BYTES);
    memset(data, STALE, DATA_BYTES);
    m->buf_addr = data;
    m->buf_len = DATA_BYTES;
    m->priv_size = PKT_META_BYTES;
    m->data_off = RTE_PKTMBUF_HEADROOM;
    m->refcnt = 1;
    m->nb_segs = 1;
    env->n_pkts_in_use++;
    ASAN_POISON_MEMORY_REGION(data + RTE_PKTMBUF_HEADROOM, DATA_BYTES - RTE_PKTMBUF_HEADROOM);
    return m;
}

static void free_one(struct rte_mbuf *m)
{
    ASAN_UNPOISON_MEMORY_REGION(m->buf_addr, DATA_BYTES);
    free(m->buf_addr);
    free(m);
}

static void free_chain(struct env *env, struct rte_mbuf *m)
{
    for (struct rte_mbuf *next; m; m = next) {
        next = m->next;
        env->n_pkts_in_use--;
        free_one(m);
    }
}

static void *zalloc(size_t bytes)
{
    return env_plain.zalloc(bytes);
}

static void release(void *memory)
{
    env_plain.free(memory);
}

const struct env_ops packets_exact = {
    .zalloc = zalloc, .free = release, .pkt_alloc = alloc, .pkt_free = free_chain,
};

/* Chains come from Linux's side alone, which the scene never makes: see scene_inject. */
int exact_linearize(struct rte_mbuf *m)
{
    (void)m;
    abort();
}
