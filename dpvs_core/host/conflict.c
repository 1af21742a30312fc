/* conflict.c - the rows of disputed addresses, and core_conflicts (dpvs_core.h). */
#include "host/conflict.h"

#include "host/state.h"
#include "worker/check.h"

enum { READ_TRIES = 100 };

static bool is_for(const struct conflict *c, uint16_t dev, uint8_t af, const uint8_t addr[16])
{
    return c->seq && c->dev == dev && c->af == af && !memcmp(c->addr, addr, 16);
}

/* The row of this address; else a free one, or the one heard longest ago of where it may be. */
static struct conflict *row_for(struct conflicts *t, uint16_t dev, uint8_t af,
                                const uint8_t addr[16])
{
    const uint32_t first = nexthop_hash(dev, addr);
    struct conflict *best = NULL;

    for (uint32_t i = 0; i < CONFLICT_PROBES; i++) {
        struct conflict *c = &t->row[(first + i) % CONFLICT_ROWS];

        if (is_for(c, dev, af, addr))
            return c;
        if (!best || c->last_us < best->last_us)
            best = c;           /* a free one was heard at 0 */
    }
    return best;
}

/* The fence keeps the fields' writes behind the odd word, the release keeps them before the even
 * one; the reader's acquire and fence are their counterparts. */
void conflict_note(struct conflicts *t, uint16_t dev, uint8_t af, const uint8_t addr[16],
                   const uint8_t mac[6], uint64_t now_us)
{
    struct conflict *c = row_for(t, dev, af, addr);
    const uint32_t n_seen = is_for(c, dev, af, addr) ? c->n_seen + 1 : 1;
    const uint32_t seq = c->seq + 2 ? c->seq + 2 : 2; /* wraps past 0, which is "never used" */

    __atomic_store_n(&c->seq, seq - 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    c->dev = dev;
    c->af = af;
    c->n_seen = n_seen;
    c->last_us = now_us;
    memcpy(c->addr, addr, 16);
    memcpy(c->mac, mac, 6);
    __atomic_store_n(&c->seq, seq, __ATOMIC_RELEASE);
}

/* --- the master's side ---------------------------------------------------------------------- */

/* A copy that no write crossed, and its sequence word; false: it changes without end. */
static bool read_row(const struct conflict *from, struct conflict *to, uint32_t *seq)
{
    for (int i = 0; i < READ_TRIES; i++) {
        *seq = __atomic_load_n(&from->seq, __ATOMIC_ACQUIRE);
        *to = *from;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!(*seq & 1) && __atomic_load_n(&from->seq, __ATOMIC_RELAXED) == *seq)
            return true;
    }
    return false;
}

static void tell(const struct conflict *c, struct core_conflict *out)
{
    *out = (struct core_conflict){ .af = c->af, .dev = c->dev, .n_seen = c->n_seen };
    memcpy(out->addr, c->addr, 16);
    memcpy(out->mac, c->mac, 6);
}

/* Begins where the last call stopped, so that a row that changes all the time hides no other. */
int core_conflicts(struct core *core, struct core_conflict *out, uint32_t max)
{
    struct conflicts *t;
    uint32_t n = 0;

    CHECK_MASTER(core);
    t = core->host->conflicts;
    for (uint32_t left = CONFLICT_ROWS; left && n < max; left--) {
        const uint32_t i = t->next++ % CONFLICT_ROWS;
        struct conflict c;
        uint32_t seq;

        if (__atomic_load_n(&t->row[i].seq, __ATOMIC_RELAXED) == t->told_seq[i] ||
            !read_row(&t->row[i], &c, &seq))
            continue;
        t->told_seq[i] = seq;
        tell(&c, &out[n++]);
    }
    return (int)n;
}
