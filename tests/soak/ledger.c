/* ledger.c - comparing counters. */
#include "ledger.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "failure.h"

static void check_span(const char *what, unsigned id, uint64_t has, const struct span *span)
{
    if (has < span->must || has > (uint64_t)span->must + span->may)
        failure(NULL, "%s %u: the core has %" PRIu64 ", there must be %u to %u", what, id, has,
                span->must, span->must + span->may);
}

static void check_dest(struct core *core, unsigned id, const struct dest_total *want)
{
    struct core_dest_stats has;

    core_dest_stats(core, -1, id, &has);
    if (has.conns != want->conns || has.inpkts != want->inpkts || has.outpkts != want->outpkts ||
        has.inbytes != want->inbytes || has.outbytes != want->outbytes)
        failure(NULL, "dest %u counts %" PRIu64 " connections, %" PRIu64 "+%" PRIu64 " packets, %"
                PRIu64 "+%" PRIu64 " bytes; right is %" PRIu64 ", %" PRIu64 "+%" PRIu64 ", %" PRIu64
                "+%" PRIu64, id, has.conns, has.inpkts, has.outpkts, has.inbytes, has.outbytes,
                want->conns, want->inpkts, want->outpkts, want->inbytes, want->outbytes);
}

void ledger_compare(struct core *core, const struct scene *s, const struct tally *tally,
                    const struct totals *totals)
{
    for (uint32_t w = 0; w < s->n_workers; w++) {
        struct core_worker_stats stats;

        core_worker_stats(core, w, &stats);
        check_span("connections of worker", w, stats.conns, &tally->worker[w]);
    }
    for (uint32_t i = 0; i < s->n_laddrs; i++) {
        struct core_laddr_stats stats;

        core_laddr_stats(core, i, &stats);
        check_span("ports in use of local address", i, stats.used, &tally->laddr[i]);
    }
    for (uint32_t i = 0; i < N_DESTS; i++) {
        struct core_dest_stats stats;

        core_dest_stats(core, -1, i, &stats);
        check_span("connections of dest", i, stats.active + stats.inactive, &tally->dest[i]);
        check_span("active connections of dest", i, stats.active, &tally->dest_active[i]);
        check_dest(core, i, &totals->dest[i]);
    }
}

/* The verdicts that the oracle counts, by the core's names. */
static const struct {
    const char *name;
    size_t at;                  /* in struct totals */
} counted[] = {
    { "forward-in", offsetof(struct totals, forward_in) },
    { "forward-out", offsetof(struct totals, forward_out) },
    { "scheduled", offsetof(struct totals, scheduled) },
    { "reset-sent", offsetof(struct totals, reset_sent) },
    { "expiry-reset", offsetof(struct totals, expiry_reset) },
    { "toa-no-room", offsetof(struct totals, toa_no_room) },
    { "no-connection", offsetof(struct totals, no_connection) },
    { "fragment-bad", offsetof(struct totals, fragment) },
    { "other-host", offsetof(struct totals, other_host) },
    { "too-short", offsetof(struct totals, too_short) },
    { "bad-ip-checksum", offsetof(struct totals, bad_ip_csum) },
    { "kernel-delivered", offsetof(struct totals, to_kernel) },
};
enum { N_COUNTED = sizeof counted / sizeof *counted };

static int place_of(const char *name)
{
    for (int i = 0; i < N_COUNTED; i++)
        if (!strcmp(counted[i].name, name))
            return i;
    return -1;
}

void ledger_forbid(struct forbidden *f)
{
    int n_counted = 0;

    f->n = 0;
    for (int i = 0; i < core_n_verdicts(); i++) {
        struct core_verdict verdict;
        int place;

        core_verdict_get((uint32_t)i, &verdict);
        place = place_of(verdict.name);
        n_counted += place >= 0;
        if (verdict.is_drop && place < 0)
            f->verdict[f->n++] = (uint8_t)i;
    }
    if (n_counted != N_COUNTED)
        failure(NULL, "the core has only %d of the %d verdicts that are compared", n_counted,
                N_COUNTED);
}

void ledger_check_drops(struct core *core, const struct scene *s, const struct forbidden *f)
{
    uint64_t sum[VERDICTS_MAX];

    verdicts_sum(core, s, sum);
    for (uint32_t i = 0; i < f->n; i++) {
        struct core_verdict verdict;

        if (!sum[f->verdict[i]])
            continue;
        core_verdict_get(f->verdict[i], &verdict);
        failure(NULL, "%" PRIu64 " packets were dropped as %s (%s)", sum[f->verdict[i]],
                verdict.name, verdict.help);
    }
}

static void check_totals(struct core *core, const struct scene *s, const struct totals *totals)
{
    uint64_t sum[VERDICTS_MAX];

    verdicts_sum(core, s, sum);
    for (int i = 0; i < core_n_verdicts(); i++) {
        struct core_verdict verdict;
        uint64_t right;
        int place;

        core_verdict_get((uint32_t)i, &verdict);
        place = place_of(verdict.name);
        if (place < 0)
            continue;
        memcpy(&right, (const uint8_t *)totals + counted[place].at, sizeof right);
        if (sum[i] != right)
            failure(NULL, "verdict %s was counted %" PRIu64 " times, right is %" PRIu64,
                    verdict.name, sum[i], right);
    }
}

static void check_redirects(struct core *core, uint32_t w, const struct totals *t)
{
    struct core_worker_stats stats;

    core_worker_stats(core, w, &stats);
    if (stats.redirected < t->redirected[w] ||
        stats.redirected > t->redirected[w] + t->maybe_redirected[w])
        failure(NULL, "worker %u handed over %" PRIu64 " packets; right is %"
                PRIu64 " and at most %" PRIu64 " more", w, stats.redirected, t->redirected[w],
                t->maybe_redirected[w]);
}

void ledger_close(struct core *core, const struct scene *s, const struct totals *totals)
{
    static const struct tally nothing;

    ledger_compare(core, s, &nothing, totals);
    for (uint32_t w = 0; w < s->n_workers; w++)
        check_redirects(core, w, totals);
    check_totals(core, s, totals);
}

uint64_t ledger_conns(struct core *core, const struct scene *s)
{
    uint64_t n = 0;

    for (uint32_t w = 0; w < s->n_workers; w++) {
        struct core_worker_stats stats;

        core_worker_stats(core, w, &stats);
        n += stats.conns;
    }
    return n;
}
