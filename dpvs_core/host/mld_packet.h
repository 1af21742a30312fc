/* mld_packet.h - Multicast Listener Discovery as fields: queries read, reports written
 * (RFC 3810 5, RFC 2710 3). */
#ifndef DPVS_HOST_MLD_PACKET_H
#define DPVS_HOST_MLD_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

enum mld_version { MLD_V1 = 1, MLD_V2 = 2 };

struct mld_query {
    uint8_t version;            /* enum mld_version */
    uint8_t robustness;         /* version 2: the querier's; 0: it does not say */
    bool is_general;            /* about every group */
    uint32_t max_delay_ms;
    uint8_t group[16];
};

/* Of a record of a version 2 report; version 1 knows reports of a group, and that it is left. */
enum mld_record { MLD_IS_EXCLUDE = 2, MLD_TO_INCLUDE = 3, MLD_TO_EXCLUDE = 4 };

/* From a frame whose IP header a worker has checked. False: not valid (RFC 3810 6.2: not from this
 * link, no router alert), malformed, or of a version to come. */
bool mld_read(const struct rte_mbuf *m, struct mld_query *out);

/* A version 2 report, filled record by record; m is empty at first. */
struct mld_report {
    struct rte_mbuf *m;
    uint16_t n_records, max_records;
};

/* Reports are this long at most: the MTU, or what fits into m. */
void mld_report_begin(struct mld_report *report, struct rte_mbuf *m, uint16_t mtu);
void mld_report_add(struct mld_report *report, enum mld_record kind, const uint8_t group[16]);
/* Addresses, lengths, checksum; src all zero: there is no address yet. */
void mld_report_end(struct mld_report *report, const uint8_t src_mac[6], const uint8_t src[16]);

/* A version 1 message about one group: MLD_TO_INCLUDE leaves it, the others report it. */
void mld_write_v1(struct rte_mbuf *m, enum mld_record kind, const uint8_t group[16],
                  const uint8_t src_mac[6], const uint8_t src[16]);

#endif
