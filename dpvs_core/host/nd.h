/* nd.h - IPv6 neighbour discovery: solicitations and advertisements (RFC 4861 7.2, 4862 5.4). */
#ifndef DPVS_HOST_ND_H
#define DPVS_HOST_ND_H

#include "host/state.h"

/* JOB_ND: learn, answer, hand to Linux. The packet is gone afterwards. */
void nd_receive(struct host *host, struct rte_mbuf *m);
/* As protocol.h says; the announcement is an unsolicited advertisement (RFC 4861 7.2.6). */
bool nd_request(struct host *host, uint16_t dev, const uint8_t target[16],
                const uint8_t mac[MAC_BYTES]);
void nd_announce(struct host *host, uint16_t dev, const uint8_t addr[16]);
/* Does anybody have this address, which is to be ours? */
void nd_probe(struct host *host, uint16_t dev, const uint8_t addr[16]);

#endif
