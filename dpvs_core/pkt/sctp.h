/* sctp.h - SCTP packets (RFC 9260 3): a common header and chunks, and one checksum over all of it
 * that knows no addresses. */
#ifndef DPVS_PKT_SCTP_H
#define DPVS_PKT_SCTP_H

#include "pkt/pkt.h"

enum {
    SCTP_CHUNK_HDR_BYTES = 4,
    SCTP_MAX_CHUNKS = 32,       /* of a packet that are looked at; many small ones are rare */
    SCTP_TAG_REFLECTED = 1,     /* T flag of ABORT and SHUTDOWN COMPLETE */
};

enum sctp_chunk {
    SCTP_DATA, SCTP_INIT, SCTP_INIT_ACK, SCTP_SACK, SCTP_HEARTBEAT, SCTP_HEARTBEAT_ACK, SCTP_ABORT,
    SCTP_SHUTDOWN, SCTP_SHUTDOWN_ACK, SCTP_ERROR, SCTP_COOKIE_ECHO, SCTP_COOKIE_ACK,
    SCTP_SHUTDOWN_COMPLETE = 14,
};

struct sctp_chunk_hdr {
    uint8_t type, flags;
    uint16_t n_bytes_be;        /* with this header, without padding */
} __attribute__((packed));
static_assert(sizeof(struct sctp_chunk_hdr) == SCTP_CHUNK_HDR_BYTES, "SCTP chunk header");

/* The first chunk, which every parsed packet has the header of. */
static inline const struct sctp_chunk_hdr *sctp_first(const struct pkt *p)
{
    return (const struct sctp_chunk_hdr *)(p->l4 + SCTP_HDR_BYTES);
}

/* The one behind `chunk`; NULL: none, or what is there is none. */
const struct sctp_chunk_hdr *sctp_next(const struct pkt *p, const struct sctp_chunk_hdr *chunk);

/* The checksum to write, of a whole packet. */
uint32_t sctp_csum(const struct pkt *p);
/* The checksum to write when both ports (as they stand there) become others: right if the old one
 * was. Of n_bytes p has the first few, a first fragment; SCTP_HDR_BYTES at least. */
uint32_t sctp_csum_with_ports(const struct pkt *p, uint32_t ports, uint32_t n_bytes);

static inline bool sctp_csum_is_right(const struct pkt *p)
{
    return pkt_sctp(p)->csum == sctp_csum(p);
}

#endif
