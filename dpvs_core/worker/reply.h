/* reply.h - packets a worker makes itself, of either family: echo replies, ICMP errors, resets. */
#ifndef DPVS_WORKER_REPLY_H
#define DPVS_WORKER_REPLY_H

#include "pkt/pkt.h"
#include "worker/worker.h"

struct inner;

/* The echo request turned round in place and sent. */
enum verdict reply_echo(struct worker *w, struct pkt *p);
/* The TCP segment turned round in place into the reset that answers it (RFC 9293 3.10.7.1), or
 * the drop: a reset is not answered, nor what names no single sender, nor more than reset_pps. */
enum verdict reply_reset(struct worker *w, struct pkt *p);
/* Tell the sender of p that its TTL or hop limit is over, or that it is larger than the MTU
 * (IPv4: where DF is set). By ICMP errors (RFC 792, 4443; rate limited; never about ICMP errors,
 * fragments, multicast); p itself stays, to be dropped: the drop is returned. */
enum verdict reply_ttl_over(struct worker *w, const struct pkt *p);
enum verdict reply_too_big(struct worker *w, const struct pkt *p, uint16_t mtu);
/* An ICMP error to the sender of p, which found nobody at its next hop: made, not sent; false: none
 * is to be made. */
bool reply_make_unreachable(struct worker *w, const struct pkt *p, struct pkt *error);
/* p, an ICMP error about what a tunnel carried, becomes one to the sender of the packet in there,
 * whose addresses it gets; V_CONTINUE, and nothing done: no error of that sender's. */
enum verdict reply_tunnel_error(struct worker *w, struct pkt *p, const struct inner *inner,
                                uint16_t outer_bytes);
/* A reset out of nothing, by route; to a link-local address by dev. */
void reply_make_reset(struct worker *w, uint16_t dev, uint8_t af, const union key *tuple,
                      uint32_t seq);

/* --- reply_sctp.c ---------------------------------------------------------------------------- */

/* The sender of an SCTP packet that nobody waits for is told (RFC 9260 8.4); p stays, to be
 * dropped: the drop is returned. Counts against reset_pps. */
enum verdict reply_abort(struct worker *w, const struct pkt *p);
/* An ABORT out of nothing, as a reset, with the tag that its receiver expects. */
void reply_make_abort(struct worker *w, uint16_t dev, uint8_t af, const union key *tuple,
                      uint32_t tag_be);

/* --- what they share ------------------------------------------------------------------------- */

/* V_CONTINUE: p is answered with a reset or ABORT, and counts against reset_pps. Else its drop: it
 * was sent to many, or names no single sender, or reset_pps is used up. */
enum verdict reply_may_reset(struct worker *w, const struct pkt *p);
/* An empty packet whose IP header starts behind room for Ethernet, made from the tuple with n_bytes
 * behind it; false, and counted: no buffer. */
bool reply_begin(struct worker *w, struct pkt *p, uint8_t af, const union key *tuple,
                 uint16_t n_bytes);
/* What was made, by route; a link-local destination is where p->dev leads. `sent` if it went. */
enum verdict reply_send(struct worker *w, struct pkt *p, struct addr16 dst, enum verdict sent);

#endif
