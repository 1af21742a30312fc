/* run.c - starting and joining the threads of a core. */
#include <signal.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "worker/check.h"
#include "port/run.h"
#include "worker/worker.h"

/* One core a process (EAL has one set of lcores): what its threads share while it runs. */
static struct run running;
static struct worker_loop loops[CORE_MAX_WORKERS];

static bool is_polled(const struct core *core, const struct device *d, int rxq)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        if (d->rxq[w] == rxq)
            return true;
    return false;
}

/* Every worker has its lcore, every receive queue its worker (an unpolled one loses flows), every
 * device one that sends. */
static int check_threads(const struct core *core)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        if (!rte_lcore_is_enabled(core->conf.worker_lcore[w]) ||
            core->conf.worker_lcore[w] == rte_get_main_lcore())
            return -EINVAL;
    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        const struct device *d = &core->device[dev];
        bool can_send = false;

        for (int q = 0; q < d->n_rxq; q++)
            if (!is_polled(core, d, q))
                return -EINVAL;
        for (uint32_t w = 0; w < core->conf.n_workers; w++)
            can_send |= d->txq[w] >= 0;
        if (!can_send)
            return -EINVAL;
    }
    return 0;
}

/* An ordinary thread with the master's CPUs; signals are the interpreter's. */
static int start_host(struct run *run)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&run->host, NULL, host_loop, run);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

static int start_workers(struct run *run)
{
    struct core *core = run->core;

    for (uint32_t w = 0; w < core->conf.n_workers; w++) {
        int error;

        loops[w] = (struct worker_loop){ run, core->worker[w] };
        error = rte_eal_remote_launch(worker_loop, &loops[w], core->conf.worker_lcore[w]);
        if (error)
            return error;
    }
    return 0;
}

static void join_workers(const struct core *core)
{
    for (uint32_t w = 0; w < core->conf.n_workers; w++)
        rte_eal_wait_lcore(core->conf.worker_lcore[w]);
}

int core_start(struct core *core)
{
    int error;

    CHECK_MASTER(core);
    if (core->conf.plain)
        return -EOPNOTSUPP;
    if (running.core)
        return -EALREADY;
    error = check_threads(core);
    if (error)
        return error;
    running = (struct run){ .core = core, .clock = clock_start() };
    error = host_loop_open(&running);
    if (error)
        goto no_host_loop;
    __atomic_store_n(&core->running, 1, __ATOMIC_RELEASE);
    error = start_host(&running);
    if (error)
        goto no_host;
    error = start_workers(&running);
    if (!error)
        return 0;
    core_stop(core);
    return error;

no_host:
    __atomic_store_n(&core->running, 0, __ATOMIC_RELEASE);
    host_loop_close(&running);
no_host_loop:
    running.core = NULL;
    return error;
}

int core_stop(struct core *core)
{
    CHECK_MASTER(core);
    if (running.core != core)
        return -EALREADY;
    __atomic_store_n(&core->running, 0, __ATOMIC_SEQ_CST);
    core->io->wake_host(core);
    join_workers(core);
    pthread_join(running.host, NULL);
    host_loop_close(&running);
    running.core = NULL;
    return 0;
}
