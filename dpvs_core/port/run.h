/* run.h - the loops around the steps; what the threads of a running core share. */
#ifndef DPVS_PORT_RUN_H
#define DPVS_PORT_RUN_H

#include "port/clock.h"
#include "worker/core.h"

struct run {
    struct core *core;
    struct clock clock;
    pthread_t host;
    int host_epoll;
    bool has_polled_port;       /* a kernel port that cannot wake the host thread */
};

static inline bool core_runs(const struct core *core)
{
    return __atomic_load_n(&core->running, __ATOMIC_ACQUIRE);
}

/* An lcore's loop; argument of rte_eal_remote_launch: struct worker_loop. */
struct worker_loop {
    const struct run *run;
    struct worker *worker;
};
int worker_loop(void *loop);

/* Make and remove the eventfd and the epoll set; the thread's function. */
int host_loop_open(struct run *run);
void host_loop_close(struct run *run);
void *host_loop(void *run);

#endif
