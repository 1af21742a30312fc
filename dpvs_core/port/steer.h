/* steer.h - what a port can do so that a packet arrives at the worker that owns it. */
#ifndef DPVS_PORT_STEER_H
#define DPVS_PORT_STEER_H

#include "worker/core.h"

struct toeplitz;

/* Try the ways in order, keep the first that the device takes: d->steering. Rules that it had are
 * gone. */
void steer_device(struct core *core, struct device *d, const struct toeplitz *toeplitz);

/* Rules for a local address on the devices that are steered so; where they are refused, software
 * does it. Taken away with the address, or all of a device's. */
void steer_laddr_add(struct core *core, uint32_t laddr_id, uint8_t af, const uint8_t *addr);
void steer_laddr_del(struct core *core, uint32_t laddr_id);
void steer_rules_drop(struct core *core, struct device *d);
/* 0: the device would take rules, and there is room to note them; or -errno and a sentence.
 * queue_of[CORE_GROUPS]: the receive queue of each group's worker. */
int steer_rules_try(struct core *core, struct device *d, const uint16_t *queue_of, char *why);

#endif
