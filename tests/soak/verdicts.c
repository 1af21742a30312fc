/* verdicts.c - summing counters. */
#include "verdicts.h"

#include <string.h>

#include "failure.h"

static int n_verdicts(void)
{
    const int n = core_n_verdicts();

    if (n > VERDICTS_MAX)
        failure(NULL, "%d verdicts are more than this program can look at", n);
    return n;
}

static int verdict_named(const char *name)
{
    for (int i = 0; i < n_verdicts(); i++) {
        struct core_verdict verdict;

        core_verdict_get((uint32_t)i, &verdict);
        if (!strcmp(verdict.name, name))
            return i;
    }
    failure(NULL, "the core has no verdict %s", name);
}

void verdicts_sum(struct core *core, const struct scene *s, uint64_t sum[VERDICTS_MAX])
{
    uint64_t of_one[VERDICTS_MAX];
    const int n = n_verdicts();

    memset(sum, 0, VERDICTS_MAX * sizeof *sum);
    for (int w = -1; w < (int)s->n_workers; w++) {
        core_verdict_counts(core, w, of_one);
        for (int i = 0; i < n; i++)
            sum[i] += of_one[i];
    }
}

uint64_t verdicts_scheduled(struct core *core, const struct scene *s)
{
    static int scheduled = -1;  /* its number, the same in every core */
    uint64_t of_one[VERDICTS_MAX], sum = 0;

    if (scheduled < 0)
        scheduled = verdict_named("scheduled");
    for (uint32_t w = 0; w < s->n_workers; w++) {
        core_verdict_counts(core, (int)w, of_one);
        sum += of_one[scheduled];
    }
    return sum;
}
