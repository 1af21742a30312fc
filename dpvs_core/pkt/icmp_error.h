/* icmp_error.h - ICMP errors: the packet inside, and one as another host is to be told it.
 *
 * RFC 792, 4443; between the families RFC 7915 4.2, 4.3, 5.2, 5.3.
 */
#ifndef DPVS_PKT_ICMP_ERROR_H
#define DPVS_PKT_ICMP_ERROR_H

#include <rte_common.h>

#include "pkt/pkt.h"

/* --- icmp_inner.c: the packet inside --------------------------------------------------------- */

struct inner {
    uint8_t af;
    bool is_fragment, is_later; /* later: not the first one, so l4 is no header */
    uint8_t *l3, *l4;
    uint32_t l4_len;            /* bytes quoted; at least 8 unless is_later */
    uint16_t l3_len;            /* what it says of itself */
    union key key;              /* as quoted; later fragments: ports 0 */
};

/* What the ICMP error at p->l4 quotes; false: too short, malformed, neither TCP nor UDP nor SCTP
 * nor an ICMP query (whose ports are as icmp_query.h says). */
bool inner_parse(const struct pkt *p, struct inner *inner);
/* What a tunnel carried in the packet that the error at p->l4 quotes (IP in IP, RFC 2003, 2473).
 * `outer_bytes`: of the header that the tunnel added, `end`: the address it led to. */
bool inner_parse_tunnelled(const struct pkt *p, struct inner *inner, uint16_t *outer_bytes,
                           struct addr16 *end);
/* The tuple of an answer to it. */
union key inner_reply(const struct inner *inner);

/* --- icmp_kind.c: the error's meaning -------------------------------------------------------- */

/* What the first two words of a message say. */
struct icmp_kind {
    uint8_t type, code;
    uint32_t rest;              /* host order: pointer, MTU */
};

bool icmp_is_error(uint8_t af, uint8_t type);
/* The other family's word for it, MTU as it is; false: it has none, or it means one link only. */
bool icmp_kind_translate(uint8_t from_af, struct icmp_kind *kind);
bool icmp_kind_is_too_big(uint8_t af, const struct icmp_kind *kind);
/* What old routers, who tell MTU 0, mean for a packet of this length (RFC 1191 5). */
uint16_t icmp_plateau(uint16_t l3_len);

/* As a host takes it: RFC 791 has none below 68, RFC 8200 5 none below 1280. */
static inline uint16_t icmp_mtu(uint8_t af, int mtu)
{
    const int least = af == 4 ? 68 : IP6_LEAST_MTU_BYTES;

    return (uint16_t)RTE_MIN(RTE_MAX(mtu, least), UINT16_MAX);
}

static inline struct icmp_kind icmp_kind_get(const struct pkt *p)
{
    const struct icmp_hdr *icmp = (const struct icmp_hdr *)p->l4;

    return (struct icmp_kind){ icmp->type, icmp->code,
                               (uint32_t)rte_be_to_cpu_16(icmp->id_be) << 16 |
                               rte_be_to_cpu_16(icmp->seq_be) };
}

static inline void icmp_kind_set(struct pkt *p, const struct icmp_kind *kind)
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;

    icmp->type = kind->type;
    icmp->code = kind->code;
    icmp->id_be = rte_cpu_to_be_16((uint16_t)(kind->rest >> 16));
    icmp->seq_be = rte_cpu_to_be_16((uint16_t)kind->rest);
}

/* --- icmp_error.c ---------------------------------------------------------------------------- */

/* An ICMP error is at most this long (RFC 1812 4.3.2.3, RFC 4443 2.4). */
static inline uint16_t icmp_error_max_bytes(uint8_t af)
{
    return af == 4 ? 576 : 1280;
}

/* What the sender of the packet inside is to read. */
struct icmp_change {
    uint8_t af;                 /* its own family */
    union key sent;             /* its packet's tuple, as it sent it */
    uint32_t seq_added;         /* to its sequence numbers on the way, host order */
    struct addr16 src, dst;     /* of the error: from whom, to whom */
    int growth;                 /* bytes its packets gain on the way, or may gain */
    uint16_t mtu_max;           /* of the way on our side of the error; 0: unknown */
    uint16_t ip_id;             /* for a new IPv4 header */
};

/* The error's kind and length for that reader, the packet untouched; false: it cannot be said. */
bool icmp_error_plan(const struct pkt *p, const struct inner *inner, const struct icmp_change *to,
                     struct icmp_kind *kind, uint16_t *l3_len);
/* Both packets, the error and the one inside, become that reader's; false: no headroom. */
bool icmp_error_rewrite(struct pkt *p, struct inner *inner, const struct icmp_change *to,
                        const struct icmp_kind *kind, uint16_t l3_len);

#endif
