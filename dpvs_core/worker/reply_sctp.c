/* reply_sctp.c - SCTP packets made here: ABORT, and SHUTDOWN COMPLETE (RFC 9260 8.4, 9.1). */
#include "pkt/sctp.h"
#include "worker/pipeline.h"
#include "worker/reply.h"

/* One empty chunk to the tuple's destination, as reply_make_reset. */
static void send_chunk(struct worker *w, uint16_t dev, uint8_t af, const union key *tuple,
                       uint32_t tag_be, struct sctp_chunk_hdr chunk, enum verdict sent)
{
    struct pkt p;

    if (!reply_begin(w, &p, af, tuple, SCTP_HDR_BYTES + SCTP_CHUNK_HDR_BYTES))
        return;
    p.dev = dev;
    *pkt_sctp(&p) = (struct sctp_hdr){ tuple->sport_be, tuple->dport_be, tag_be, 0 };
    memcpy(p.l4 + SCTP_HDR_BYTES, &chunk, sizeof chunk);
    pkt_sctp(&p)->csum = sctp_csum(&p);
    finish(w, &p, reply_send(w, &p, key_dst(af, tuple), sent));
}

void reply_make_abort(struct worker *w, uint16_t dev, uint8_t af, const union key *tuple,
                      uint32_t tag_be)
{
    send_chunk(w, dev, af, tuple, tag_be,
               (struct sctp_chunk_hdr){ SCTP_ABORT, 0, RTE_BE16(SCTP_CHUNK_HDR_BYTES) },
               V_EXPIRY_RESET);
}

/* 8.4, 2), 6) and 7): they end something, or are answers to what was never asked. */
static bool is_answered(uint8_t type)
{
    return type != SCTP_ABORT && type != SCTP_SHUTDOWN_COMPLETE && type != SCTP_COOKIE_ACK &&
           type != SCTP_ERROR;
}

/* The tuple of an answer, of the packet's own protocol. */
static union key reverse(const struct pkt *p)
{
    union key key = key_of(p->af, key_dst(p->af, &p->key), key_src(p->af, &p->key));

    key.sport_be = p->key.dport_be;
    key.dport_be = p->key.sport_be;
    key.proto = p->key.proto;
    return key;
}

enum verdict reply_abort(struct worker *w, const struct pkt *p)
{
    const struct sctp_chunk_hdr *chunk = sctp_first(p);
    const uint8_t told = chunk->type == SCTP_SHUTDOWN_ACK ? SCTP_SHUTDOWN_COMPLETE : SCTP_ABORT;
    const union key key = reverse(p);
    const uint32_t tag_be = pkt_sctp(p)->tag_be;
    enum verdict v;

    for (unsigned n = 0; chunk && n < SCTP_MAX_CHUNKS; n++, chunk = sctp_next(p, chunk))
        if (!is_answered(chunk->type))
            return V_DROP_NO_CONNECTION;
    if (!tag_be || (p->flags & PKT_FRAGMENT))
        return V_DROP_NO_CONNECTION;
    v = reply_may_reset(w, p);
    if (v != V_CONTINUE)
        return v;
    send_chunk(w, p->dev, p->af, &key, tag_be,
               (struct sctp_chunk_hdr){ told, SCTP_TAG_REFLECTED, RTE_BE16(SCTP_CHUNK_HDR_BYTES) },
               V_RESET_SENT);
    return V_DROP_NO_CONNECTION;
}
