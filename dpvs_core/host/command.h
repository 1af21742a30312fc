/* command.h - what the master asks of the host thread, over one ring. */
#ifndef DPVS_HOST_COMMAND_H
#define DPVS_HOST_COMMAND_H

#include "host/state.h"

int command_create(struct host *host);
void command_destroy(struct host *host);
unsigned command_run(struct host *host);

/* Master: the device's own address or MTU changed; next hops follow. 0 or -EAGAIN. */
int host_device_changed(struct core *core, uint16_t dev);
/* The device's link came up; 0 or a negative errno. */
int host_link_up(struct core *core, uint16_t dev);

#endif
