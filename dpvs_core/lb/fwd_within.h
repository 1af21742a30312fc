/* fwd_within.h - the way out that modes within a family share: known next hop, or a second look;
 * rewritten in between by what the mode says. */
#ifndef DPVS_LB_FWD_WITHIN_H
#define DPVS_LB_FWD_WITHIN_H

#include "worker/output.h"
#include "worker/worker.h"

/* What a mode does to a packet from the side, of family af; the next hop takes `mtu` bytes. */
typedef void rewrite_fn(struct worker *w, struct conn_side *in, unsigned side, uint8_t af,
                        struct pkt *p, uint16_t mtu);

/* fwd_within.c: the side knows no next hop, or the packet does not fit it. */
enum verdict fwd_within_slowly(struct worker *w, struct conn_side *in, struct pkt *p,
                               enum verdict sent, rewrite_fn *rewrite);

/* `side`, `af`, `sent` and `rewrite` are constants: a copy of its own for each. */
static __rte_always_inline enum verdict fwd_within(struct worker *w, struct conn_side *in,
                                                   unsigned side, uint8_t af, struct pkt *p,
                                                   enum verdict sent, rewrite_fn *rewrite)
{
    struct known_hop hop;

    if (unlikely(!output_known(w, in, p, 0, &hop)))
        return fwd_within_slowly(w, in, p, sent, rewrite);
    rewrite(w, in, side, af, p, RTE_MIN(hop.nh->mtu, in->mtu));
    if (unlikely(!output_known_send(w, p, &hop, in->nexthop)))
        return output_resolve(w, p, hop.nh); /* it changed just now */
    return sent;
}

#endif
