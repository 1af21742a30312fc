/* env.c - the plain environment: malloc for memory and packets, no EAL. */
#include "base/env.h"

#include <stdlib.h>

enum { PLAIN_DATA_BYTES = RTE_PKTMBUF_HEADROOM + 2048 };

struct env_plain_memory env_plain_memory;

/* calloc leaves large areas untouched until used; the pointer to free stands in front. */
static void *plain_zalloc(size_t bytes)
{
    uint8_t *raw;

    if (env_plain_memory.refuse_after && !--env_plain_memory.refuse_after)
        return NULL;
    raw = calloc(1, bytes + 2 * RTE_CACHE_LINE_SIZE);
    if (!raw)
        return NULL;
    __atomic_fetch_add(&env_plain_memory.n_pieces, 1, __ATOMIC_RELAXED);
    void **aligned = (void **)RTE_PTR_ALIGN_CEIL(raw + sizeof(void *), RTE_CACHE_LINE_SIZE);
    aligned[-1] = raw;
    return aligned;
}

static void plain_free(void *memory)
{
    if (!memory)
        return;
    __atomic_fetch_sub(&env_plain_memory.n_pieces, 1, __ATOMIC_RELAXED);
    free(((void **)memory)[-1]);
}

static struct rte_mbuf *plain_pkt_alloc(struct env *env)
{
    struct rte_mbuf *m;

    if (env->max_pkts && env->n_pkts_in_use >= env->max_pkts)
        return NULL;
    m = plain_zalloc(sizeof(*m) + PKT_META_BYTES + PLAIN_DATA_BYTES);
    if (!m)
        return NULL;
    m->buf_addr = (uint8_t *)(m + 1) + PKT_META_BYTES;
    m->buf_len = PLAIN_DATA_BYTES;
    m->priv_size = PKT_META_BYTES;
    m->data_off = RTE_PKTMBUF_HEADROOM;
    m->refcnt = 1;
    m->nb_segs = 1;
    __atomic_fetch_add(&env->n_pkts_in_use, 1, __ATOMIC_RELAXED);
    return m;
}

static void plain_pkt_free(struct env *env, struct rte_mbuf *pkt)
{
    for (struct rte_mbuf *next; pkt; pkt = next) {
        next = pkt->next;
        __atomic_fetch_sub(&env->n_pkts_in_use, 1, __ATOMIC_RELAXED);
        plain_free(pkt);
    }
}

const struct env_ops env_plain = {
    .zalloc = plain_zalloc,
    .free = plain_free,
    .pkt_alloc = plain_pkt_alloc,
    .pkt_free = plain_pkt_free,
};
