/* arp.h - ARP for Ethernet and IPv4 (RFC 826, 5227). */
#ifndef DPVS_HOST_ARP_H
#define DPVS_HOST_ARP_H

#include "host/state.h"

/* JOB_ARP: learn, answer, hand to Linux. The packet is gone afterwards. */
void arp_receive(struct host *host, struct rte_mbuf *m);
/* As protocol.h says; the announcement is a gratuitous request (RFC 5227 3). */
bool arp_request(struct host *host, uint16_t dev, const uint8_t target[16],
                 const uint8_t mac[MAC_BYTES]);
void arp_announce(struct host *host, uint16_t dev, const uint8_t addr[16]);

#endif
