/* redirect.c - packets of other workers, sent there as soon as the table did not know them.
 *
 * Whole TCP and UDP packets only, whose tuple the fast path has read: their owner makes the careful
 * checks, which need not be made twice. All others (fragments, ICMP errors, headers with options
 * that the fast path leaves alone) find their owner in the slow stages. Cost: two loads for a
 * packet that stays, one or two address lookups more for one that goes.
 */
#include "worker/handover.h"
#include "worker/owner.h"
#include "worker/pipeline.h"

static bool is_sent_away(struct worker *w, struct pkt *p)
{
    int to;

    if (!(p->flags & PKT_READ) || p->flags & PKT_REDIRECTED)
        return false;
    to = owner_elsewhere(w, p);
    if (to == NO_WORKER)
        return false;
    finish(w, p, handover_to_worker(w, p, (uint32_t)to));
    return true;
}

unsigned redirect(struct worker *w, struct pkt *pkts, unsigned n)
{
    unsigned n_left = 0;

    if (w->core->conf.n_workers == 1)
        return n;
    for (unsigned i = 0; i < n; i++)
        if (!is_sent_away(w, &pkts[i])) {
            if (n_left != i)
                pkts[n_left] = pkts[i];
            n_left++;
        }
    return n_left;
}
