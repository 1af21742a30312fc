/* core_step.h - one turn of a thread, with the caller's clock and packets (plain core). */
#ifndef DPVS_CORE_STEP_H
#define DPVS_CORE_STEP_H

#include "core_base.h"

int core_step_worker(struct core *core, uint32_t w, uint64_t now_us);
int core_step_host(struct core *core, uint64_t now_us);
/* A frame arriving on a device, received by worker w at its next step; or coming from Linux. */
int core_inject(struct core *core, uint32_t w, uint32_t dev, const void *frame, uint32_t n_bytes);
int core_inject_kernel(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes);
/* The receive queue that a device's simulated card gives this frame to (plain_nic). */
int core_steer_queue(struct core *core, uint32_t dev, const void *frame, uint32_t n_bytes);
/* The oldest frame sent on a device, or given to Linux: its length, 0 if there is none. */
int core_take(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes);
int core_take_kernel(struct core *core, uint32_t dev, void *buf, uint32_t max_bytes);
/* Packets (mbufs) that exist now; a test ends with none. */
int core_mbufs_in_use(struct core *core);
/* Pieces of memory that exist, of all plain cores, packets among them. */
int core_memory_pieces(struct core *core);
/* The `after`-th allocation from now (1: the next) gets no memory, once; 0: none is refused. */
int core_memory_refuse(struct core *core, uint32_t after);

#endif
