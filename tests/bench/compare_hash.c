/* compare_hash.c - the connection table's lookup beside rte_hash's.
 *
 * The same connections, the same keys in random order, bursts of 32: hashing, finding and the write
 * of a time stamp into what was found. rte_hash as its manual says for speed:
 * lookup_bulk_data with the address of the side as data, which is then fetched ahead.
 */
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_jhash.h>

#include "base/hash.h"
#include "compare.h"
#include "measure.h"
#include "result.h"
#include "rng.h"

enum { LOOKUPS = WIRE_BURST, SPARE_NUM = 5, SPARE_DEN = 4 };

struct contest {
    struct conn_table *table;
    struct rte_hash *hash;      /* of the way being measured; NULL: the table */
    uint32_t n_conns;
    uint32_t now_ms;
};

/* Stamp what the keys belong to; the number found. */
typedef unsigned lookup_fn(const struct contest *c, const union key *keys);

static unsigned table_lookup(const struct contest *c, const union key *keys)
{
    const struct conn_table *t = c->table;
    struct conn_side *candidate[LOOKUPS];
    uint32_t hash[LOOKUPS];
    unsigned found = 0;

    for (unsigned i = 0; i < LOOKUPS; i++) {
        hash[i] = hash_16(&keys[i].v4, COMPARE_SEED);
        rte_prefetch0(conn_bucket(t, hash[i]));
    }
    for (unsigned i = 0; i < LOOKUPS; i++)
        candidate[i] = conn_table_candidate(t, conn_bucket(t, hash[i]), 4, hash[i], false);
    for (unsigned i = 0; i < LOOKUPS; i++) {
        struct conn_side *side = conn_table_find_candidate(t, candidate[i], 4, hash[i],
                                                           &keys[i]);

        if (!side)
            continue;
        side->last_seen_ms = c->now_ms;
        found++;
    }
    return found;
}

static unsigned library_lookup(const struct contest *c, const union key *keys)
{
    const void *key[LOOKUPS];
    void *data[LOOKUPS];
    uint64_t hits = 0;

    for (unsigned i = 0; i < LOOKUPS; i++)
        key[i] = &keys[i].v4;
    rte_hash_lookup_bulk_data(c->hash, key, LOOKUPS, &hits, data);
    for (unsigned i = 0; i < LOOKUPS; i++)
        if (hits >> i & 1)
            rte_prefetch0(data[i]);
    for (unsigned i = 0; i < LOOKUPS; i++)
        if (hits >> i & 1)
            ((struct conn_side *)data[i])->last_seen_ms = c->now_ms;
    return (unsigned)__builtin_popcountll(hits);
}

static const struct way {
    const char *name;
    lookup_fn *lookup;
    rte_hash_function hash_fn;  /* NULL: needs no rte_hash */
} ways[] = {
    { "find, connection table", table_lookup, NULL },
    { "find, rte_hash with Jenkins' hash", library_lookup, rte_jhash },
    { "find, rte_hash with CRC", library_lookup, rte_hash_crc },
};

static struct measure measures[RTE_DIM(ways)];

static struct rte_hash *library_table(const struct contest *c, const struct way *way)
{
    const struct rte_hash_parameters parameters = {
        .name = way->name, .entries = (uint32_t)(2ull * c->n_conns * SPARE_NUM / SPARE_DEN) + 64,
        .key_len = sizeof(struct key4), .hash_func = way->hash_fn,
        .hash_func_init_val = COMPARE_SEED, .socket_id = SOCKET_ID_ANY,
    };
    struct rte_hash *hash = rte_hash_create(&parameters);

    for (uint32_t slot = 0; hash && slot < 2 * c->n_conns; slot++) {
        const union key key = compare_key(slot >> 1, slot & 1);

        if (!rte_hash_add_key_data(hash, &key.v4, conn_slot_side(c->table, slot)))
            continue;
        rte_hash_free(hash);
        hash = NULL;
    }
    if (!hash)
        fprintf(stderr, "%s: no memory for %u keys\n", way->name, 2 * c->n_conns);
    return hash;
}

/* 0, or -1: a key was not found. */
static int time_lookups(struct contest *c, lookup_fn *lookup, uint64_t cycles, struct measure *m)
{
    const uint64_t warm_end = rte_rdtsc() + cycles / 4, end = warm_end + cycles;
    struct rng rng = rng_of(0);
    uint64_t began;

    do {
        union key keys[LOOKUPS];
        unsigned found;

        for (unsigned i = 0; i < LOOKUPS; i++) {
            const uint32_t slot = rng_below(&rng, 2 * c->n_conns);

            keys[i] = compare_key(slot >> 1, slot & 1);
        }
        c->now_ms++;
        began = rte_rdtsc();
        found = lookup(c, keys);
        if (began >= warm_end)
            measure_add(m, rte_rdtsc() - began, LOOKUPS);
        if (found != LOOKUPS)
            return -1;
    } while (began < end);
    return 0;
}

static int time_way(struct contest *c, unsigned i, uint64_t cycles)
{
    int error;

    c->hash = ways[i].hash_fn ? library_table(c, &ways[i]) : NULL;
    if (ways[i].hash_fn && !c->hash)
        return -1;
    error = time_lookups(c, ways[i].lookup, cycles, &measures[i]);
    if (error)
        fprintf(stderr, "%s: a key that is there was not found\n", ways[i].name);
    rte_hash_free(c->hash);
    return error;
}

int compare_hash_run(struct bench *b, struct report *r)
{
    struct contest c = { .table = compare_table(b->n_flows), .n_conns = b->n_flows };
    const uint64_t cycles = (uint64_t)(b->options.seconds * (double)b->hz) / RTE_DIM(ways);

    if (!c.table)
        return -1;
    for (unsigned i = 0; i < RTE_DIM(ways); i++)
        if (time_way(&c, i, cycles))
            return -1;
    if (result_cycles(r, b, &measures[0]))
        return -1;
    report_list(r, "rows");
    for (unsigned i = 1; i < RTE_DIM(ways); i++) {
        report_open(r);
        report_word(r, "operation", ways[i].name);
        report_number(r, "cycles", measure_percentile(&measures[0], 50));
        report_number(r, "library_cycles", measure_percentile(&measures[i], 50));
        report_close(r);
    }
    report_list_end(r);
    return 0;
}
