/* env_eal.c - env_ops over rte_malloc, a slab for what is small, and one packet pool.
 *
 * The pool's ring is of the RTS kind (rte_ring, relaxed tail synchronisation): with the plain kind
 * a thread that the kernel preempts inside a refill makes every other thread spin until it runs
 * again; here workers float over the CPUs and the host thread is an ordinary one.
 */
#include "port/env_eal.h"

#include <errno.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "base/slab.h"

static void *area_alloc(void)
{
    return rte_malloc(NULL, SLAB_AREA_BYTES, SLAB_AREA_BYTES);
}

/* EAL's heap is the process's, and so is this part of it. */
static struct slab slab = { .lock = RTE_SPINLOCK_INITIALIZER, .area_alloc = area_alloc };

static void *eal_zalloc(size_t bytes)
{
    void *small = slab_zalloc(&slab, bytes);

    return small ? small : rte_zmalloc(NULL, bytes, RTE_CACHE_LINE_SIZE);
}

static void eal_free(void *memory)
{
    if (memory && !slab_free(&slab, memory))
        rte_free(memory);
}

static struct rte_mbuf *eal_pkt_alloc(struct env *env)
{
    return rte_pktmbuf_alloc(env->pool);
}

static void eal_pkt_free(struct env *env, struct rte_mbuf *pkt)
{
    (void)env;
    rte_pktmbuf_free(pkt);
}

const struct env_ops env_eal = {
    .zalloc = eal_zalloc,
    .free = eal_free,
    .pkt_alloc = eal_pkt_alloc,
    .pkt_free = eal_pkt_free,
};

int env_eal_init(struct env *env, uint32_t n_mbufs, uint32_t cache)
{
    env->ops = &env_eal;
    env->pool = rte_pktmbuf_pool_create_by_ops("dpvs_packets", n_mbufs, cache, PKT_META_BYTES,
                                               RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id(),
                                               "ring_mt_rts");
    return env->pool ? 0 : rte_errno ? -rte_errno : -ENOMEM;
}
