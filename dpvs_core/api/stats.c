/* stats.c - counters summed for the master; workers never take part. */
#include <stdio.h>
#include <string.h>

#include "worker/check.h"
#include "host/host.h"
#include "lb/conn_table.h"
#include "lb/lport.h"
#include "lb/service.h"
#include "worker/worker.h"

int core_n_verdicts(void)
{
    return N_VERDICTS;
}

int core_verdict_get(uint32_t verdict, struct core_verdict *out)
{
    if (verdict >= N_VERDICTS)
        return -EINVAL;
    snprintf(out->name, sizeof out->name, "%s", verdict_info[verdict].name);
    snprintf(out->help, sizeof out->help, "%s", verdict_info[verdict].help);
    out->is_drop = verdict_info[verdict].is_drop;
    return 0;
}

int core_verdict_counts(struct core *core, int w, uint64_t *out)
{
    const uint64_t *from;

    CHECK_MASTER(core);
    if (w < -1 || w >= (int)core->conf.n_workers)
        return -EINVAL;
    from = w < 0 ? host_verdicts(core) : core->worker[w]->verdicts;
    memcpy(out, from, N_VERDICTS * sizeof *out);
    return 0;
}

int core_n_ip6_counters(void)
{
    return N_IP6_COUNTERS;
}

int core_ip6_counter_get(uint32_t counter, struct core_ip6_counter *out)
{
    if (counter >= N_IP6_COUNTERS)
        return -EINVAL;
    snprintf(out->name, sizeof out->name, "%s", ip6_counter_info[counter].name);
    snprintf(out->help, sizeof out->help, "%s", ip6_counter_info[counter].help);
    return 0;
}

int core_ip6_counts(struct core *core, int w, uint64_t *out)
{
    const uint64_t *from;

    CHECK_MASTER(core);
    if (w < -1 || w >= (int)core->conf.n_workers)
        return -EINVAL;
    from = w < 0 ? host_ip6_counts(core) : core->worker[w]->ip6_counts;
    memcpy(out, from, N_IP6_COUNTERS * sizeof *out);
    return 0;
}

/* Workers count by who makes the connection. With SNAT that is the inside, and DPVS's "in" what
 * comes from the world (F-087). */
static void turn_outward(struct core_dest_stats *out)
{
    const struct core_dest_stats was = *out;

    out->inpkts = was.outpkts;
    out->inbytes = was.outbytes;
    out->outpkts = was.inpkts;
    out->outbytes = was.inbytes;
}

static void add_dest(const struct worker *w, uint32_t dest_id, struct core_dest_stats *out)
{
    const struct dest_count *c = &w->dest_count[dest_id];

    out->conns += c->conns;
    out->inpkts += c->inpkts;
    out->outpkts += c->outpkts;
    out->inbytes += c->inbytes;
    out->outbytes += c->outbytes;
    out->active += c->active;
    out->inactive += c->inactive;
}

int core_dest_stats(struct core *core, int w, uint32_t dest_id, struct core_dest_stats *out)
{
    CHECK_MASTER(core);
    if (w < -1 || w >= (int)core->conf.n_workers || dest_id >= core->conf.max_dests)
        return -EINVAL;
    *out = (struct core_dest_stats){ 0 };
    for (uint32_t i = 0; i < core->conf.n_workers; i++)
        if (w < 0 || (uint32_t)w == i)
            add_dest(core->worker[i], dest_id, out);
    if (core->dest_flags[dest_id] & DEST_OUTWARD)
        turn_outward(out);
    return 0;
}

int core_dest_stats_many(struct core *core, int w, uint32_t n, const uint32_t *dest_ids,
                         struct core_dest_stats *out)
{
    int error = 0;

    for (uint32_t i = 0; i < n && !error; i++)
        error = core_dest_stats(core, w, dest_ids[i], &out[i]);
    return error;
}

int core_worker_stats(struct core *core, uint32_t w, struct core_worker_stats *out)
{
    CHECK_MASTER(core);
    if (w >= core->conf.n_workers)
        return -EINVAL;
    *out = core->worker[w]->stats;
    out->conns = core->worker[w]->conns->n_used;
    return 0;
}

int core_laddr_stats(struct core *core, uint32_t laddr_id, struct core_laddr_stats *out)
{
    CHECK_MASTER(core);
    if (laddr_id >= core->conf.max_laddrs || !core->laddr[laddr_id])
        return -ENOENT;
    laddr_count(core->laddr[laddr_id], out);
    return 0;
}
