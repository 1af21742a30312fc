/* link_up.h - a device's link has come (back) up: what others may have forgotten, or never heard.
 *
 * Addresses that are verified are verified again (RFC 4862 5.4: another station may have taken one
 * meanwhile) and announced when they have passed; IPv4's without CORE_ADDR_NODAD are announced at
 * once. Those with it may be another director's by now: who moves them announces them. Multicast
 * groups are reported again, neighbours in use asked again. A burst of announcements a turn.
 */
#ifndef DPVS_HOST_LINK_UP_H
#define DPVS_HOST_LINK_UP_H

#include "host/state.h"

/* Host thread: the link of dev is up since now. */
void link_up(struct host *host, uint16_t dev);
/* What is left to announce; how many were. */
unsigned link_up_step(struct host *host);

#endif
