/* kernel_port.h - how the host thread waits for what Linux sends. */
#ifndef DPVS_PORT_KERNEL_PORT_H
#define DPVS_PORT_KERNEL_PORT_H

#include "worker/core.h"

/* What becomes readable when Linux sends; -1: this port must be polled. */
int kernel_port_fd(const struct core *core, uint32_t dev);
/* Before sleeping: tell the port to say when something comes. Then look once more. */
void kernel_port_arm(const struct core *core, uint32_t dev);
/* After waking: no notices while we poll anyway; clears the one that woke us. */
void kernel_port_disarm(const struct core *core, uint32_t dev);

#endif
