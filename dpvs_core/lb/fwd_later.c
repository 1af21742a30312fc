/* fwd_later.c - fragments behind the first, in modes that replace addresses within a family.
 *
 * What the addresses change in the transport's checksum was changed in the first fragment, where
 * that checksum is.
 */
#include "lb/fwd.h"
#include "lb/rewrite.h"
#include "worker/output.h"
#include "worker/worker.h"

enum verdict fwd_later(struct worker *w, struct conn_side *in, struct pkt *p)
{
    struct hop hop;
    const enum verdict v = output_hop(w, in, p, 0, &hop);

    if (v != V_CONTINUE)
        return v;
    if (side_af(in) == 4)
        rewrite4(p, side4(in));
    else
        rewrite6(p, side6(in));
    return output_send(w, p, &hop, fwd_verdict(in));
}
