/* capture.h - copies of a device's packets for dpip capture, without stopping a worker. */
#ifndef DPVS_WORKER_CAPTURE_H
#define DPVS_WORKER_CAPTURE_H

#include <stdint.h>

#include <rte_mbuf.h>

struct core;

enum { CAPTURE_RECEIVED, CAPTURE_SENT };

/* Called by worker `thread` when core->capture is set: copies what the filter takes into the
 * thread's own ring; what does not fit is counted as lost. The packets stay the caller's. */
void capture_packets(struct core *core, uint32_t dev, int direction, uint32_t thread,
                     struct rte_mbuf **pkts, uint16_t n);

#endif
