/* kernel.h - the Linux side of the exception path. */
#ifndef DPVS_HOST_KERNEL_H
#define DPVS_HOST_KERNEL_H

#include "host/state.h"

bool kernel_has_port(const struct host *host, uint16_t dev);
/* To Linux, at the latest at the end of the step; counted. The packet is gone afterwards. */
void kernel_deliver(struct host *host, struct rte_mbuf *m, uint16_t dev);
void kernel_flush(struct host *host);
/* What Linux sends: one burst of each port, to the workers' rings. */
unsigned kernel_receive(struct host *host);

#endif
