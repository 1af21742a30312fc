/* fwd_dr.c - direct routing: the packet goes on to the real server as it came (F-084).
 *
 * Only the Ethernet header is another one. The server has the VIP itself and answers the client
 * without us. A TTL is counted down where xmit_ttl says so, as in every mode.
 */
#include "lb/one_way.h"
#include "worker/output.h"
#include "worker/worker.h"

static __rte_noinline enum verdict dr_slowly(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct hop hop;
    const enum verdict v = output_hop(w, in, p, 0, &hop);

    return v == V_CONTINUE ? output_send(w, p, &hop, V_FORWARD_IN) : v;
}

static enum verdict dr_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct known_hop hop;

    if (unlikely(!output_known(w, in, p, 0, &hop)))
        return dr_slowly(w, in, p);
    if (unlikely(!output_known_send(w, p, &hop, in->nexthop)))
        return output_resolve(w, p, hop.nh);
    return V_FORWARD_IN;
}

const struct fwd_ops fwd_dr4 = {
    .name = "dr",
    .mode = CORE_FWD_DR, .client_af = 4, .server_af = 4,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = dr_in },
    .later = { [SIDE_CLIENT] = dr_in },
};

const struct fwd_ops fwd_dr6 = {
    .name = "dr6",
    .mode = CORE_FWD_DR, .client_af = 6, .server_af = 6,
    .one_way = true,
    .bind = one_way_bind,
    .unbind = one_way_unbind,
    .xmit = { [SIDE_CLIENT] = dr_in },
    .later = { [SIDE_CLIENT] = dr_in },
};
