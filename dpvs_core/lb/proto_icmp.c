/* proto_icmp.c - ICMP queries of either family (F-193): a connection is an asker's id towards one
 * host; questions make it. No states.
 */
#include "lb/conn_table.h"
#include "lb/life.h"
#include "lb/proto.h"
#include "pkt/icmp_query.h"
#include "worker/worker.h"

enum { ICMP_TIMEOUT_MS = 300000 };

static bool icmp_begins(const struct pkt *p)
{
    for (unsigned i = 0; i < N_ICMP_QUERIES; i++)
        if (icmp_queries[i].af == p->af && icmp_queries[i].asks == p->l4[0])
            return true;
    return false;
}

static void icmp_track(struct worker *w, struct conn_side *in, const struct pkt *p)
{
    struct conn *c = side_conn(in);
    const uint32_t service_ms = conn_rest(w->conns, c)->service_timeout_ms;

    (void)p;
    conn_set_timeout(w, c, service_ms ? service_ms : ICMP_TIMEOUT_MS);
}

static void icmp_expire(struct worker *w, struct conn *c)
{
    (void)w;
    (void)c;
}

const struct proto_ops proto_icmp = {
    .begins = icmp_begins, .track = icmp_track, .expire = icmp_expire,
};
