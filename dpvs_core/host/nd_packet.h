/* nd_packet.h - neighbour solicitations and advertisements as fields (RFC 4861 4.3, 4.4). */
#ifndef DPVS_HOST_ND_PACKET_H
#define DPVS_HOST_ND_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

enum nd_flag { ND_ROUTER = 0x80, ND_SOLICITED = 0x40, ND_OVERRIDE = 0x20 };

struct nd {
    uint8_t type;               /* ICMP6_NEIGH_SOLICIT or ICMP6_NEIGH_ADVERT */
    uint8_t flags;              /* enum nd_flag; of an advertisement */
    bool has_lla;
    uint8_t lla[6];             /* the source's or the target's link-layer address, if it has one */
    uint8_t src[16], dst[16], target[16];
};

/* From a frame whose IP header a worker has checked; the hop limit too. False: not valid (7.1.1,
 * 7.1.2); also a link-layer address that is no single station's. */
bool nd_read(const struct rte_mbuf *m, struct nd *out);
/* The frame of one, in place of what m holds; to dst_mac, or to the group's if dst is multicast. */
void nd_write(struct rte_mbuf *m, const struct nd *nd, const uint8_t src_mac[6],
              const uint8_t dst_mac[6]);

static inline bool nd_is_multicast(const uint8_t addr[16])
{
    return addr[0] == 0xff;
}

static inline bool nd_is_unspecified(const uint8_t addr[16])
{
    static const uint8_t unspecified[16];

    return !__builtin_memcmp(addr, unspecified, 16);
}

/* ff02::1:ff00:0/104 and the address's last three bytes (RFC 4291 2.7.1). */
void nd_solicited_node(uint8_t out[16], const uint8_t addr[16]);

#endif
