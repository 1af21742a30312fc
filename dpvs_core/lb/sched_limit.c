/* sched_limit.c - taking and giving back places below a dest's threshold. O(1) once every worker
 * takes part, else O(workers). */
#include "lb/sched_limit.h"

#include "worker/worker.h"

#define WORD_CLOSED (1ull << 63)
#define WORD_ONE_WORKER (1ull << 40)
enum { CONNS_BITS = 40, WORKERS_MASK = 0xff };
_Static_assert((int)CORE_MAX_WORKERS <= (int)WORKERS_MASK, "the word counts every worker");
enum { TAKES_PART = 1 << 30 };  /* in dest_count.limited, above its connections */

static uint64_t word_conns(uint64_t word)
{
    return word & (WORD_ONE_WORKER - 1);
}

static uint32_t conns_of(const struct dest_count *c)
{
    return __atomic_load_n(&c->active, __ATOMIC_RELAXED) +
           __atomic_load_n(&c->inactive, __ATOMIC_RELAXED);
}

/* All connections of the dest; false: a worker is joining at this moment. */
static bool count_all(const struct worker *w, uint32_t dest_id, uint64_t word, uint64_t *n)
{
    const struct core *core = w->core;
    const uint32_t n_joined = word >> CONNS_BITS & WORKERS_MASK;
    uint32_t seen = 0;

    *n = word_conns(word);
    if (likely(n_joined == core->conf.n_workers))
        return true;
    for (uint32_t i = 0; i < core->conf.n_workers; i++) {
        const struct dest_count *c = &core->dest_count[i][dest_id];

        if (__atomic_load_n(&c->limited, __ATOMIC_ACQUIRE))
            seen++;
        else
            *n += conns_of(c);
    }
    return seen == n_joined;
}

static bool is_full(const struct dest *d, uint64_t word, uint64_t n)
{
    return n >= (word & WORD_CLOSED ? d->lower_threshold : d->upper_threshold);
}

static void set_share(struct dest_count *own, uint32_t share)
{
    __atomic_store_n(&own->limited, share, __ATOMIC_RELEASE);
}

/* The word first, then the mark: count_all sees both or finds that they do not agree. */
static void join(struct worker *w, uint32_t dest_id)
{
    struct dest_count *own = &w->dest_count[dest_id];
    const uint32_t n = conns_of(own);

    __atomic_fetch_add(&w->core->dest_limit[dest_id], WORD_ONE_WORKER + n, __ATOMIC_RELEASE);
    set_share(own, TAKES_PART | n);
}

bool limit_take(struct worker *w, const struct dest *d)
{
    uint64_t *const shared = &w->core->dest_limit[d->id];
    struct dest_count *own = &w->dest_count[d->id];
    uint64_t word, next, n;
    bool full;

    if (unlikely(!own->limited))
        join(w, d->id);
    word = __atomic_load_n(shared, __ATOMIC_ACQUIRE);
    do {
        if (!count_all(w, d->id, word, &n))
            return false;
        full = is_full(d, word, n);
        if (full)
            next = word | WORD_CLOSED;
        else
            next = ((word & ~WORD_CLOSED) + 1) | (n + 1 >= d->upper_threshold ? WORD_CLOSED : 0);
        if (next == word)
            return false;
    } while (!__atomic_compare_exchange_n(shared, &word, next, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    set_share(own, own->limited + !full);
    return !full;
}

/* It was open when the place was taken, so what closed it since was that place. */
void limit_undo(struct worker *w, uint32_t dest_id)
{
    uint64_t *const shared = &w->core->dest_limit[dest_id];
    uint64_t word = __atomic_load_n(shared, __ATOMIC_RELAXED);

    while (!__atomic_compare_exchange_n(shared, &word, (word & ~WORD_CLOSED) - 1, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    set_share(&w->dest_count[dest_id], w->dest_count[dest_id].limited - 1);
}

bool limit_has_room(const struct worker *w, const struct dest *d)
{
    const uint64_t word = __atomic_load_n(&w->core->dest_limit[d->id], __ATOMIC_ACQUIRE);
    uint64_t n;

    return !count_all(w, d->id, word, &n) || !is_full(d, word, n);
}

void limit_sync(struct worker *w, uint32_t dest_id)
{
    struct dest_count *own = &w->dest_count[dest_id];
    const uint32_t share = TAKES_PART | conns_of(own);
    const int64_t change = (int64_t)share - own->limited;

    if (!change)
        return;
    __atomic_fetch_add(&w->core->dest_limit[dest_id], (uint64_t)change, __ATOMIC_RELAXED);
    set_share(own, share);
}
