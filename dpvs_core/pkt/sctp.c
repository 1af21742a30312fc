/* sctp.c - the chunks of a packet, and its checksum (RFC 9260 3.2, appendix A). */
#include "pkt/sctp.h"

#include "base/crc32c.h"

const struct sctp_chunk_hdr *sctp_next(const struct pkt *p, const struct sctp_chunk_hdr *chunk)
{
    const uint32_t n_bytes = rte_be_to_cpu_16(chunk->n_bytes_be);
    const uint32_t at = (uint32_t)((const uint8_t *)chunk - p->l4);
    const uint32_t next = at + RTE_ALIGN_CEIL(n_bytes, 4u);

    if (n_bytes < SCTP_CHUNK_HDR_BYTES || next + SCTP_CHUNK_HDR_BYTES > pkt_l4_len(p))
        return NULL;
    return (const struct sctp_chunk_hdr *)(p->l4 + next);
}

uint32_t sctp_csum(const struct pkt *p)
{
    static const uint32_t none;
    const uint32_t before = offsetof(struct sctp_hdr, csum);
    uint32_t crc = crc32c((uint32_t)CRC32C_BEGIN, p->l4, before);

    crc = crc32c(crc, &none, sizeof none);
    crc = crc32c(crc, p->l4 + SCTP_HDR_BYTES, pkt_l4_len(p) - SCTP_HDR_BYTES);
    return rte_cpu_to_le_32(~crc);
}

uint32_t sctp_csum_with_ports(const struct pkt *p, uint32_t ports, uint32_t n_bytes)
{
    uint32_t was;

    memcpy(&was, p->l4, sizeof was);
    return pkt_sctp(p)->csum ^ rte_cpu_to_le_32(crc32c_change(was ^ ports, n_bytes - 4));
}
