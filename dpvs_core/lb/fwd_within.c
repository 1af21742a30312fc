/* fwd_within.c - the second look: route, next hop, what is too big. */
#include "lb/fwd_within.h"

#include "lb/fwd.h"

enum verdict fwd_within_slowly(struct worker *w, struct conn_side *in, struct pkt *p,
                               enum verdict sent, rewrite_fn *rewrite)
{
    struct hop hop;
    enum verdict v;

    if (likely(output_learn(w, in, p, 0)))
        return fwd_table[in->fwd]->xmit[side_number(in)](w, in, p);
    v = output_hop(w, in, p, 0, &hop);
    if (v != V_CONTINUE)
        return v;
    rewrite(w, in, side_number(in), side_af(in), p, hop.mtu);
    return output_send(w, p, &hop, sent);
}
