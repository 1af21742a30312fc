/* limit_race.c - threads take and give back places of one dest as fast as they can: more than the
 * threshold may never be held at one moment, and none may be left at the end.
 *
 * Arguments: workers, upper threshold, connections each worker has from before the threshold,
 * rounds. Prints the most that were held and how often a place was got.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/sched_limit.h"
#include "worker/worker.h"

enum { DEST_ID = 5, N_DESTS = 8, MAX_OWN = 3 };
enum { FIRST_TAKE = 1000 };     /* round in which worker 1 takes part, 2 twice as late, ... */

static struct core core;
static struct worker workers[CORE_MAX_WORKERS];
static struct dest dest = { .id = DEST_ID, .weight = 1 };
static uint32_t n_rounds, n_before;
static uint64_t n_held, most_held, n_got;

static void note_most(uint64_t held)
{
    uint64_t most = __atomic_load_n(&most_held, __ATOMIC_RELAXED);

    while (held > most && !__atomic_compare_exchange_n(&most_held, &most, held, false,
                                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void give_back(struct worker *w)
{
    __atomic_fetch_sub(&n_held, 1, __ATOMIC_SEQ_CST);
    w->dest_count[DEST_ID].inactive--;
    if (w->dest_count[DEST_ID].limited)
        limit_sync(w, DEST_ID);
}

/* A place is held over some rounds, at most MAX_OWN of them; every third comes to nothing. */
static void take(struct worker *w, uint32_t round)
{
    if (!limit_take(w, &dest))
        return;
    note_most(__atomic_add_fetch(&n_held, 1, __ATOMIC_SEQ_CST));
    __atomic_fetch_add(&n_got, 1, __ATOMIC_RELAXED);
    if (round % 3) {
        w->dest_count[DEST_ID].inactive++;
        limit_sync(w, DEST_ID);
    } else {
        __atomic_fetch_sub(&n_held, 1, __ATOMIC_SEQ_CST);
        limit_undo(w, DEST_ID);
    }
}

static void *churn(void *arg)
{
    struct worker *w = arg;
    struct dest_count *count = &w->dest_count[DEST_ID];

    for (uint32_t i = 0; i < n_rounds; i++) {
        if (i >= FIRST_TAKE * w->id && count->inactive < n_before + MAX_OWN)
            take(w, i);
        if (count->inactive && i % 4 == w->id % 4)
            give_back(w);
    }
    while (count->inactive)
        give_back(w);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread[CORE_MAX_WORKERS];

    if (argc != 5)
        return 2;
    core.conf.n_workers = (uint32_t)atoi(argv[1]);
    dest.upper_threshold = dest.lower_threshold = (uint32_t)atoi(argv[2]);
    n_before = (uint32_t)atoi(argv[3]);
    n_rounds = (uint32_t)atoi(argv[4]);
    core.dest_limit = calloc(N_DESTS, sizeof(*core.dest_limit));
    n_held = core.conf.n_workers * n_before;
    for (uint32_t i = 0; i < core.conf.n_workers; i++) {
        workers[i] = (struct worker){ .core = &core, .id = i };
        workers[i].dest_count = aligned_alloc(64, N_DESTS * sizeof(struct dest_count));
        for (uint32_t k = 0; k < N_DESTS; k++)
            workers[i].dest_count[k] = (struct dest_count){ .inactive = n_before };
        core.worker[i] = &workers[i];
        core.dest_count[i] = workers[i].dest_count;
    }
    for (uint32_t i = 0; i < core.conf.n_workers; i++)
        pthread_create(&thread[i], NULL, churn, &workers[i]);
    for (uint32_t i = 0; i < core.conf.n_workers; i++)
        pthread_join(thread[i], NULL);
    printf("%lu %lu %lu\n", (unsigned long)most_held, (unsigned long)n_got,
           (unsigned long)(core.dest_limit[DEST_ID] & ((1ull << 40) - 1)));
    return 0;
}
