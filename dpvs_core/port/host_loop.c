/* host_loop.c - the host thread's life: steps, and epoll when there is nothing to do.
 *
 * It waits for its eventfd (a worker or the master put something on a ring; see io_eal.c for how no
 * wake-up is lost), for the kernel ports' fds, and for its next timer. A kernel port without a
 * usable fd is polled every millisecond. A thread that wakes again and again for nothing (an fd
 * that stays readable) sleeps a millisecond too, instead of spinning.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "host/host.h"
#include "port/kernel_port.h"
#include "port/run.h"

enum { MAX_WAIT_US = 1000000, POLL_US = 1000, SPURIOUS_WAKES = 16, MAX_EVENTS = 16 };
enum { EVENT_RINGS = CORE_MAX_DEVICES }; /* epoll data: a device's number, or this */

/* --- what wakes it -------------------------------------------------------------------------- */

static int watch(int epoll, int fd, uint32_t what)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = what };

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int host_loop_open(struct run *run)
{
    struct core *core = run->core;
    int error;

    core->host_eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    run->host_epoll = epoll_create1(EPOLL_CLOEXEC);
    error = core->host_eventfd < 0 || run->host_epoll < 0
                ? -errno
                : watch(run->host_epoll, core->host_eventfd, EVENT_RINGS);
    if (error) {
        host_loop_close(run);
        return error;
    }
    for (uint32_t dev = 0; dev < core->n_devices; dev++) {
        const int fd = kernel_port_fd(core, dev);

        if (core->device[dev].has_kernel && (fd < 0 || watch(run->host_epoll, fd, dev)))
            run->has_polled_port = true;
    }
    return 0;
}

void host_loop_close(struct run *run)
{
    if (run->core->host_eventfd >= 0)
        close(run->core->host_eventfd);
    if (run->host_epoll >= 0)
        close(run->host_epoll);
    run->core->host_eventfd = run->host_epoll = -1;
}

/* An fd that reports an error (its interface was deleted) would wake us for ever. */
static void unwatch_broken(struct run *run, const struct epoll_event *event)
{
    if (event->data.u32 == EVENT_RINGS || !(event->events & (EPOLLERR | EPOLLHUP)))
        return;
    epoll_ctl(run->host_epoll, EPOLL_CTL_DEL, kernel_port_fd(run->core, event->data.u32), NULL);
    run->has_polled_port = true;
}

/* --- sleeping ------------------------------------------------------------------------------- */

static void ports(const struct core *core, void (*each)(const struct core *, uint32_t))
{
    for (uint32_t dev = 0; dev < core->n_devices; dev++)
        if (core->device[dev].has_kernel)
            each(core, dev);
}

static uint64_t now_us(const struct run *run)
{
    return clock_us(&run->clock, rte_rdtsc());
}

/* Returns whether a port's fd woke us. */
static bool wait(struct run *run, bool spurious)
{
    struct core *core = run->core;
    const uint64_t max_us = run->has_polled_port ? POLL_US : MAX_WAIT_US;
    const uint64_t wait_us = host_wait_us(core, now_us(run), max_us);
    struct epoll_event events[MAX_EVENTS];
    bool by_port = false;
    eventfd_t count;
    int n;

    rte_rcu_qsbr_thread_offline(core->rcu, core_host_reader(core));
    if (spurious)
        nanosleep(&(struct timespec){ 0, POLL_US * 1000 }, NULL);
    n = epoll_wait(run->host_epoll, events, MAX_EVENTS, (int)((wait_us + 999) / 1000));
    for (int i = 0; i < n; i++) {
        by_port |= events[i].data.u32 != EVENT_RINGS;
        unwatch_broken(run, &events[i]);
    }
    rte_rcu_qsbr_thread_online(core->rcu, core_host_reader(core));
    eventfd_read(core->host_eventfd, &count);
    return by_port;
}

static unsigned step(struct run *run)
{
    struct core *core = run->core;
    const unsigned n = host_step(core, now_us(run));

    rte_rcu_qsbr_quiescent(core->rcu, core_host_reader(core));
    return n;
}

/* Say that we sleep, look once more, sleep. *n_spurious: wake-ups in a row that brought nothing. */
static void step_or_sleep(struct run *run, unsigned *n_spurious)
{
    struct core *core = run->core;

    __atomic_store_n(&core->host_sleeps, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ports(core, kernel_port_arm);
    if (step(run) || !core_runs(core))
        *n_spurious = 0;
    else if (wait(run, *n_spurious > SPURIOUS_WAKES))
        ++*n_spurious;
    __atomic_store_n(&core->host_sleeps, 0, __ATOMIC_SEQ_CST);
    ports(core, kernel_port_disarm);
}

void *host_loop(void *arg)
{
    struct run *run = arg;
    struct core *core = run->core;
    const uint32_t reader = core_host_reader(core);
    unsigned n_spurious = 0;

    pthread_setname_np(pthread_self(), "host");
    rte_thread_register();      /* its own packet cache; without, it works uncached */
    rte_rcu_qsbr_thread_register(core->rcu, reader);
    rte_rcu_qsbr_thread_online(core->rcu, reader);
    while (core_runs(core))
        if (step(run))
            n_spurious = 0;
        else
            step_or_sleep(run, &n_spurious);
    rte_rcu_qsbr_thread_offline(core->rcu, reader);
    rte_rcu_qsbr_thread_unregister(core->rcu, reader);
    rte_thread_unregister();
    return NULL;
}
