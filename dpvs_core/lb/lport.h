/* lport.h - the ports of a local address that FNAT connections take and give back.
 *
 * A port's low 6 bits are the flow group, so a server's answer names the worker that owns the
 * connection; only that worker touches the group's pools. Every group has `n_pools` pools of the
 * same 1008 ports, chosen by the real server's address and port: towards different servers a port
 * is used several times, towards one never twice. Ports 1025..65535 (M-007).
 *
 * A pool is two bitmaps: ports free since long (old) and ports given back (young). The next old one
 * after the one taken last is taken, in a circle; when none is old, the young become old. So a port
 * waits at least until all that were old when it came back are taken, because a server in TIME_WAIT
 * refuses a quick return. That is the queue's order where connections last equally long. It is not
 * where they do not: of ports that became old together the next in the circle goes first, whichever
 * came back first, and at worst one that came back last is taken next. For the same reason the
 * first port of all is a secret of this start, not the one that a former start began with.
 *
 * The old ports of the word in which the circle stands are taken out of the bitmap, into the pool's
 * head, all at once: so most connections begin with 16 bytes alone, which stay near (four heads of
 * a flow group are a line, all of a local address 16 kB), and the bitmaps are far memory for one in
 * some ten. Constant time both ways: find-first-set in one of 16 words, a summary tells which have
 * any. With a wish for ports of some kind (struct lport_wish) at most all 16 are looked at, twice,
 * and what is in the head goes back first.
 * A pool number in use takes four pages of bitmaps, four numbers one of heads; others cost nothing,
 * for the memory is lazy and all zero means that all ports are free and old.
 */
#ifndef DPVS_LB_LPORT_H
#define DPVS_LB_LPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "base/env.h"
#include "dpvs_core.h"

enum {
    LPORT_FIRST = 1025,
    LPORT_BLOCKS = 65536 / CORE_GROUPS, /* port = group + CORE_GROUPS * block */
    LPORT_WORDS = LPORT_BLOCKS / 64,
    LPORT_MAX_POOLS = 256,      /* a connection keeps its pool in a byte */
};

/* What is asked for each port. */
struct lport_head {
    uint64_t now;               /* old ports that are next: of the word before the cursor */
    uint16_t cursor;            /* block where the search begins, counted from laddr.first */
    uint16_t spent_words;       /* bit i: word i has no old port */
    uint16_t young_words;       /* bit i: word i has young ports */
    uint16_t used;
};

/* Of one flow group: pools with neighbouring numbers. */
enum { LPORT_HEADS = 4 };
struct lport_heads {
    struct lport_head head[LPORT_HEADS];
} __rte_cache_aligned;
_Static_assert(sizeof(struct lport_heads) == 64, "four heads are a line");

struct lport_bits {
    uint64_t spent[LPORT_WORDS]; /* bit: the port of that block is not old */
    uint64_t young[LPORT_WORDS];
} __rte_cache_aligned;
_Static_assert(sizeof(struct lport_bits) == 256, "a pool's bitmaps are four lines");

/* Of one flow group, all pools. */
struct lport_misses {
    uint64_t n;
} __rte_cache_aligned;

struct laddr {
    uint8_t addr[16];
    uint8_t af;
    uint8_t active;             /* atomic: the master writes, workers read (laddr_is_active) */
    uint16_t first;             /* block where a fresh pool begins: not where it did last time */
    uint32_t id, n_pools;
    uint32_t addr_hash;         /* hash_addr of it */
    struct lport_bits *bits;    /* [n_pools][CORE_GROUPS]; one piece of memory, then */
    struct lport_heads *heads;  /* [n_pools / LPORT_HEADS, rounded up][CORE_GROUPS] */
    struct lport_misses *misses; /* [CORE_GROUPS] */
};

/* Blocks that are wanted, as a worker's table and a number that the connection gives: those of
 * word i are table->blocks[number ^ table->of_word[i]] (lport_return.h). */
struct lport_wish_table {
    uint64_t blocks[CORE_GROUPS];
    uint8_t of_word[LPORT_WORDS];
};

struct lport_wish {
    const struct lport_wish_table *table; /* NULL: any port is as good */
    uint8_t number;             /* below CORE_GROUPS */
};

/* `first`: any number, the secret. NULL: no memory. */
struct laddr *laddr_create(struct env *env, uint32_t id, uint8_t af, const uint8_t addr[16],
                           uint32_t n_pools, uint32_t first);
void laddr_destroy(struct env *env, struct laddr *l);

/* May new connections take its ports? A hint that stands alone: nothing else is read after it, so
 * relaxed order is enough, and a worker sees a change within its next packets. */
static inline bool laddr_is_active(const struct laddr *l)
{
    return __atomic_load_n(&l->active, __ATOMIC_RELAXED);
}

static inline void laddr_set_active(struct laddr *l, bool active)
{
    __atomic_store_n(&l->active, active, __ATOMIC_RELAXED);
}

/* A free port (host order) of the group's pool, a wanted one if there is; 0 and counted as a miss:
 * none is free. */
uint16_t lport_take(struct laddr *l, uint8_t group, uint32_t pool, struct lport_wish wish);
/* What giving it back will touch is on its way. */
void lport_fetch(const struct laddr *l, uint32_t pool, uint16_t port);
void lport_give(struct laddr *l, uint32_t pool, uint16_t port);
/* Sums over all pools: 64 heads for each pool number. */
void laddr_count(const struct laddr *l, struct core_laddr_stats *out);

#endif
