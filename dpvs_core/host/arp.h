/* arp.h - ARP for Ethernet and IPv4 (RFC 826, 5227). */
#ifndef DPVS_HOST_ARP_H
#define DPVS_HOST_ARP_H

#include "host/state.h"

/* JOB_ARP: learn, answer, hand to Linux. The packet is gone afterwards. */
void arp_receive(struct host *host, struct rte_mbuf *m);
/* Ask for target, an address as 16 bytes: everybody (mac NULL), or the one thought to have it.
 * False: no address of ours to ask from. */
bool arp_request(struct host *host, uint16_t dev, const uint8_t target[16],
                 const uint8_t mac[MAC_BYTES]);
/* Say that the device has this address now (gratuitous request, RFC 5227 3); nothing if it has it
 * no longer: an address may go to another director while its announcement waits. */
void arp_announce(struct host *host, uint16_t dev, const uint8_t addr[16]);

#endif
