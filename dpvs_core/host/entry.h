/* entry.h - writing core->nexthops: ids, index, headers; seen at once by the workers. */
#ifndef DPVS_HOST_ENTRY_H
#define DPVS_HOST_ENTRY_H

#include "host/state.h"

/* 0: all ids are taken, or wait for a worker to pass. The entry is unresolved. */
uint16_t entry_new(struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16]);
void entry_free(struct host *host, uint16_t id);
/* 0: there is none. */
uint16_t entry_find(const struct host *host, uint16_t dev, uint8_t af, const uint8_t addr[16]);
/* Frames to it go to this address from now on; also after a change of the device. */
void entry_set_usable(struct host *host, uint16_t id, const uint8_t mac[MAC_BYTES]);
void entry_set_unresolved(struct host *host, uint16_t id);

#endif
