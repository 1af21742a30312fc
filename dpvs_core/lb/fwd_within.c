/* fwd_within.c - the second look: route, next hop, what is too big. */
#include "lb/fwd_within.h"

enum verdict fwd_within_slowly(struct worker *w, struct conn_side *in, struct pkt *p,
                               enum verdict sent, rewrite_fn *rewrite)
{
    struct hop hop;
    const enum verdict v = output_hop(w, in, p, 0, &hop);

    if (v != V_CONTINUE)
        return v;
    rewrite(w, in, side_number(in), side_af(in), p, hop.mtu);
    return output_send(w, p, &hop, sent);
}
