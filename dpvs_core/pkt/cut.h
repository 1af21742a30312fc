/* cut.h - an IP packet cut into fragments (RFC 791 3.2, RFC 8200 4.5; F-005).
 *
 * Pieces are copies: a slow path, bounded by the packet pool. IPv4 options stay in every piece but
 * those that belong into the first only, which are blanked there. An IPv6 packet gets a fragment
 * header behind the IP header unless it has one there; so only packets whose headers begin like
 * that can be cut, as those made here do. A fragment may be cut again.
 */
#ifndef DPVS_PKT_CUT_H
#define DPVS_PKT_CUT_H

#include "pkt/pkt.h"

struct cut {
    const uint8_t *l3;          /* of the whole packet */
    const uint8_t *payload;
    uint32_t n_left;            /* payload bytes not in a piece yet */
    uint32_t piece_bytes;       /* payload of all pieces but the last */
    uint32_t offset_bytes;      /* of the next piece */
    uint32_t id;                /* of all pieces, host order */
    uint16_t head_bytes;        /* of a piece */
    uint8_t af;
    uint8_t next;               /* IPv6: protocol of the payload */
    bool is_fragment, more;     /* the packet was one; and not the last one */
};

/* The packet of n_bytes (at least) at l3 is to go through an MTU; cut->id is the packet's own.
 * False: it fits, or it must not be cut (DF), or cannot. */
bool cut_begin(struct cut *cut, const uint8_t *l3, uint32_t n_bytes, uint16_t mtu);

static inline uint32_t cut_left(const struct cut *cut)
{
    return cut->n_left;
}

/* The next piece into piece->m, an empty packet, behind room for Ethernet; m, l3, l3_len and af are
 * what is known of it. False: the packet has no room for it. */
bool cut_next(struct cut *cut, struct pkt *piece);

#endif
