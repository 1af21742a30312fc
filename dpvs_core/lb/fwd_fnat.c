/* fwd_fnat.c - FULLNAT: both addresses and both ports are replaced (F-080, F-081).
 *
 * Towards the server the client becomes a local address and port, so the answer comes back here
 * from any server. Sequence numbers are shifted (fnat_bind.c), acknowledgements and SACK edges
 * shifted back. Timestamps are struck from the SYN. The client's address rides in option 254 on
 * every segment that acknowledges nothing beyond the server's first byte (F-091).
 */
#include "lb/fnat_bind.h"
#include "lb/follow_tcp.h"
#include "lb/fwd_within.h"

/* `side` and `af` are constants: a copy of its own for each. */
static __rte_always_inline void fnat_rewrite(struct worker *w, struct conn_side *in, unsigned side,
                                             uint8_t af, struct pkt *p, uint16_t mtu)
{
    if (in->proto == PROTO_UDP)
        rewrite_udp(pkt_udp(p), in);
    else if (side == SIDE_CLIENT)
        follow_fnat_in(w, in, p, mtu);
    else
        follow_fnat_out(w, in, p);
    if (af == 4)                /* last: TOA moves headers, which must not wait to be written */
        rewrite4(p, side4(in));
    else
        rewrite6(p, side6(in));
}

static enum verdict fnat4_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 4, p, V_FORWARD_IN, fnat_rewrite);
}

static enum verdict fnat4_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 4, p, V_FORWARD_OUT, fnat_rewrite);
}

static enum verdict fnat6_in(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_CLIENT, 6, p, V_FORWARD_IN, fnat_rewrite);
}

static enum verdict fnat6_out(struct worker *w, struct conn_side *in, struct pkt *p)
{
    return fwd_within(w, in, SIDE_SERVER, 6, p, V_FORWARD_OUT, fnat_rewrite);
}

const struct fwd_ops fwd_fnat4 = {
    .name = "fullnat",
    .mode = CORE_FWD_FNAT, .client_af = 4, .server_af = 4,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat4_in, [SIDE_SERVER] = fnat4_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};

const struct fwd_ops fwd_fnat6 = {
    .name = "fullnat6",
    .mode = CORE_FWD_FNAT, .client_af = 6, .server_af = 6,
    .bind = fnat_bind,
    .unbind = fnat_unbind,
    .xmit = { [SIDE_CLIENT] = fnat6_in, [SIDE_SERVER] = fnat6_out },
    .later = { [SIDE_CLIENT] = fwd_later, [SIDE_SERVER] = fwd_later },
};
