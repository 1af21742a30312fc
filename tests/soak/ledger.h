/* ledger.h - the core's counters beside the oracle's. A difference ends the program. */
#ifndef SOAK_LEDGER_H
#define SOAK_LEDGER_H

#include "oracle.h"
#include "verdicts.h"

/* Verdicts that this traffic must never lead to: all drops that the oracle does not count. */
struct forbidden {
    uint32_t n;
    uint8_t verdict[VERDICTS_MAX];
};

void ledger_forbid(struct forbidden *f);
/* After each batch, before it is judged: a drop explains a packet that is missing. */
void ledger_check_drops(struct core *core, const struct scene *s, const struct forbidden *f);
/* What exists now: connections of each worker, ports of each local address, each dest's load; and
 * all that each dest has counted so far. */
void ledger_compare(struct core *core, const struct scene *s, const struct tally *tally,
                    const struct totals *totals);
/* At the end: every total, every verdict, and nothing left anywhere. */
void ledger_close(struct core *core, const struct scene *s, const struct totals *totals);
/* Connections in all workers' tables. */
uint64_t ledger_conns(struct core *core, const struct scene *s);

#endif
