/* worker_loop.c - an lcore's life: steps, and sleeping deeper the longer nothing comes.
 *
 * After IDLE_TURNS empty turns the worker sleeps 1, 2, 4 ... us up to idle_sleep_max_us (0: never).
 * With the timer slack of 1 ns a sleep of 10 us takes 46, not 110. While asleep it is out of RCU:
 * the master's changes do not wait for it.
 */
#include <sys/prctl.h>
#include <time.h>

#include <rte_pause.h>

#include "port/run.h"
#include "worker/worker.h"

enum { IDLE_TURNS = 256, TIMER_SLACK_NS = 1 };

static void sleep_us(uint32_t us)
{
    const struct timespec time = { us / 1000000, us % 1000000 * 1000 };

    nanosleep(&time, NULL);
}

/* `n_idle` turns in a row gave nothing. */
static void back_off(const struct core *core, const struct worker *w, uint32_t n_idle)
{
    const uint32_t max_us = w->settings->idle_sleep_max_us;
    const uint32_t depth = n_idle - IDLE_TURNS;

    if (n_idle < IDLE_TURNS || !max_us) {
        rte_pause();
        return;
    }
    rte_rcu_qsbr_thread_offline(core->rcu, w->id);
    sleep_us(depth < 31 && 1u << depth < max_us ? 1u << depth : max_us);
    rte_rcu_qsbr_thread_online(core->rcu, w->id);
}

int worker_loop(void *arg)
{
    const struct worker_loop *loop = arg;
    struct worker *w = loop->worker;
    struct core *core = loop->run->core;
    uint64_t before = rte_rdtsc();
    uint32_t n_idle = 0;

    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
    rte_rcu_qsbr_thread_register(core->rcu, w->id);
    rte_rcu_qsbr_thread_online(core->rcu, w->id);
    while (core_runs(core)) {
        const unsigned n = worker_step(w, clock_us(&loop->run->clock, before));
        const uint64_t after = rte_rdtsc();

        rte_rcu_qsbr_quiescent(core->rcu, w->id);
        w->stats.cycles += after - before;
        if (n) {
            w->stats.busy_cycles += after - before;
            n_idle = 0;
        } else if (n_idle < UINT32_MAX) {
            n_idle++;
        }
        before = after;
        if (n_idle) {
            back_off(core, w, n_idle);
            before = rte_rdtsc();
        }
    }
    rte_rcu_qsbr_thread_offline(core->rcu, w->id);
    rte_rcu_qsbr_thread_unregister(core->rcu, w->id);
    return 0;
}
