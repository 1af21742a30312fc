/* protocol.h - what differs between the families' ways to find a neighbour: a row each. */
#ifndef DPVS_HOST_PROTOCOL_H
#define DPVS_HOST_PROTOCOL_H

#include "host/state.h"

struct protocol {
    /* Ask for target, an address as 16 bytes: everybody (mac NULL), or the one thought to have it.
     * False: no address of ours to ask from. */
    bool (*request)(struct host *host, uint16_t dev, const uint8_t target[16],
                    const uint8_t mac[MAC_BYTES]);
    /* Say that the device has this address now; nothing if it has it no longer: an address may go
     * to another director while its announcement waits. */
    void (*announce)(struct host *host, uint16_t dev, const uint8_t addr[16]);
};

const struct protocol *protocol_of(uint8_t af);

#endif
