/* mld_tell.h - what is to be reported of multicast groups, and the packets that do (host/mld.c says
 * when). */
#ifndef DPVS_HOST_MLD_TELL_H
#define DPVS_HOST_MLD_TELL_H

#include "host/mld_packet.h"
#include "host/state.h"

/* What there is to say of a group; false: nothing (any more). */
typedef bool mld_tell_fn(struct mld_group *g, enum mld_record *kind);

mld_tell_fn mld_change_of, mld_answer_of;
/* How queriers on the device want it. */
enum mld_version mld_version_on(const struct host *host, uint16_t dev);
/* A burst of packets at most. True: all was told; else go on with the next tick. */
bool mld_tell(struct host *host, uint16_t dev, mld_tell_fn *tell);

#endif
