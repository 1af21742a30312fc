/* eal.c - starting EAL from a Python process, and its ports.
 *
 * net_tap raises a real-time signal for every burst, in whatever thread takes it; and the queue's
 * overflow is a SIGIO that ends the process. Blocked before EAL makes its threads, and SIGIO
 * ignored, the tap becomes a port that is just polled. EAL also pins its caller to the main lcore's
 * CPU: taken back, or the interpreter and all its children would share that CPU.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_version.h>

#include "dpvs_core.h"

const char *eal_version(void)
{
    return rte_version();
}

static int fail(char *err, int error, const char *what)
{
    snprintf(err, CORE_ERR_BYTES, "%s: %s", what, rte_strerror(error));
    return -error;
}

static void silence_tap_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
        sigaddset(&set, sig);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGIO, SIG_IGN);
}

int eal_start(int argc, char **argv, char *err)
{
    cpu_set_t cpus;
    int n;

    err[0] = 0;
    silence_tap_signals();
    n = pthread_getaffinity_np(pthread_self(), sizeof cpus, &cpus);
    if (n)
        return fail(err, n, "cannot read the CPU affinity");
    n = rte_eal_init(argc, argv);
    if (n < 0)
        return fail(err, rte_errno ? rte_errno : EINVAL, "EAL did not start");
    n = pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
    return n ? fail(err, n, "cannot restore the CPU affinity") : 0;
}

int eal_stop(void)
{
    return rte_eal_cleanup();
}

int eal_vdev_add(const char *name, const char *args, char *err)
{
    uint16_t port_id;
    int error;

    err[0] = 0;
    error = rte_eal_hotplug_add("vdev", name, args);
    if (error)
        return fail(err, -error, name);
    error = rte_eth_dev_get_port_by_name(name, &port_id);
    return error ? fail(err, -error, name) : port_id;
}

int eal_vdev_del(const char *name)
{
    return rte_eal_hotplug_remove("vdev", name);
}

int eal_port_count(void)
{
    return rte_eth_dev_count_avail();
}

int eal_port_by_name(const char *name)
{
    uint16_t port_id;

    return rte_eth_dev_get_port_by_name(name, &port_id) ? -ENODEV : port_id;
}

int eal_port_get(int port_id, struct eal_port *out)
{
    struct rte_eth_dev_info info;
    struct rte_eth_link link;
    struct rte_ether_addr mac;
    int error;

    *out = (struct eal_port){ 0 };
    if (port_id < 0 || !rte_eth_dev_is_valid_port((uint16_t)port_id))
        return -ENODEV;
    error = rte_eth_dev_info_get((uint16_t)port_id, &info);
    if (error)
        return error;
    rte_eth_dev_get_name_by_port((uint16_t)port_id, out->name);
    snprintf(out->driver, sizeof out->driver, "%s", info.driver_name);
    if (!rte_eth_macaddr_get((uint16_t)port_id, &mac))
        memcpy(out->mac, mac.addr_bytes, sizeof out->mac);
    if (!rte_eth_link_get_nowait((uint16_t)port_id, &link)) {
        out->up = link.link_status;
        out->full_duplex = link.link_duplex;
        out->autoneg = link.link_autoneg;
        out->speed_mbps = link.link_speed;
    }
    rte_eth_dev_get_mtu((uint16_t)port_id, &out->mtu);
    out->max_rx_queues = info.max_rx_queues;
    out->max_tx_queues = info.max_tx_queues;
    out->rx_offloads = info.rx_offload_capa;
    out->tx_offloads = info.tx_offload_capa;
    out->socket = rte_eth_dev_socket_id((uint16_t)port_id);
    return 0;
}

int eal_lcores(uint32_t *out, int max)
{
    unsigned lcore;
    int n = 0;

    RTE_LCORE_FOREACH_WORKER(lcore) {
        if (n < max)
            out[n] = lcore;
        n++;
    }
    return n < max ? n : max;
}

int eal_lcore_cpus(uint32_t lcore, uint32_t *out, int max)
{
    cpu_set_t cpus;
    int n = 0;

    if (!rte_lcore_is_enabled(lcore))
        return -ENOENT;
    cpus = rte_lcore_cpuset(lcore);
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE && n < max; cpu++)
        if (CPU_ISSET(cpu, &cpus))
            out[n++] = cpu;
    return n;
}
