/* result.c - the keys that every scenario's report has. */
#include "result.h"

#include <stdio.h>

int result_cycles(struct report *r, const struct bench *b, const struct measure *m)
{
    const double median = measure_percentile(m, 50);

    if (!m->n_bursts) {
        fprintf(stderr, "not one full burst was measured: longer, or a machine less busy\n");
        return -1;
    }
    report_number(r, "cycles_per_packet", median);
    report_number(r, "p10", measure_percentile(m, 10));
    report_number(r, "p90", measure_percentile(m, 90));
    report_count(r, "bursts", m->n_bursts);
    if (m->window_packets)
        report_count(r, "preempted_turns", m->n_preempted);
    report_number(r, "mpps_per_cpu_second", (double)b->hz / median / 1e6);
    return 0;
}

void result_packets(struct report *r, struct feed *const *feeds, unsigned n)
{
    uint64_t sent = 0, back = 0;
    double mpps_through = 0;

    for (unsigned i = 0; i < n; i++) {
        sent += feeds[i]->n_sent;
        back += feeds[i]->n_back;
        mpps_through += feeds[i]->mpps_through;
    }
    if (mpps_through > 0)
        report_number(r, "mpps_through", mpps_through);
    report_count(r, "sent", sent);
    report_count(r, "returned", back);
}
