/* kernel_port.c - a device's kernel port `<device>.kni`: net_tap, or virtio_user on vhost-net.
 *
 * The interface is a persistent tap made by the master (README.md here); it outlives this process.
 * Therefore the port is never stopped: stopping net_tap clears IFF_UP, and with it Linux drops the
 * interface's routes.
 */
#include "port/kernel_port.h"

#include <string.h>
#include <unistd.h>

#include "worker/check.h"
#include "port/ethdev.h"

enum { KERNEL_DESCRIPTORS = 1024 };

/* What is special about the drivers' interrupt fd. net_tap's is the tap itself: always armed,
 * readable until the packets are read, though the driver says it has no interrupts. virtio_user's
 * is an eventfd that wants arming and clearing. Others are polled. */
struct kernel_driver {
    const char *name;
    bool fd_is_event;
};

static const struct kernel_driver kernel_drivers[] = {
    { "net_tap", false },
    { "net_virtio_user", true },
};

static const struct kernel_driver *driver_of(uint16_t port_id)
{
    struct rte_eth_dev_info info;

    if (rte_eth_dev_info_get(port_id, &info))
        return NULL;
    for (unsigned i = 0; i < RTE_DIM(kernel_drivers); i++)
        if (!strcmp(info.driver_name, kernel_drivers[i].name))
            return &kernel_drivers[i];
    return NULL;
}

static int start(const struct core *core, uint16_t port_id, char *err)
{
    struct ethdev_conf conf = {
        .n_rxq = 1, .n_txq = 1, .n_rxd = KERNEL_DESCRIPTORS, .n_txd = KERNEL_DESCRIPTORS,
        .rx_interrupt = driver_of(port_id) != NULL, .pool = core->env.pool,
    };
    int error = ethdev_start(port_id, &conf, err);

    if (error && conf.rx_interrupt) {
        conf.rx_interrupt = false;  /* polled then */
        error = ethdev_start(port_id, &conf, err);
    }
    return error;
}

int core_device_kernel(struct core *core, uint32_t dev, int port_id, char *err)
{
    struct device *d = &core->device[dev];
    int error = 0;

    err[0] = 0;
    CHECK_MASTER(core);
    if (dev >= core->n_devices)
        return -ENODEV;
    if (core->running)
        return -EBUSY;
    if ((port_id < 0) != core->conf.plain)
        return -EINVAL;
    if (port_id >= 0)
        error = start(core, (uint16_t)port_id, err);
    if (error)
        return error;
    d->kernel_port_id = port_id;
    d->has_kernel = 1;
    return 0;
}

int kernel_port_fd(const struct core *core, uint32_t dev)
{
    const struct device *d = &core->device[dev];

    if (!d->has_kernel || !driver_of((uint16_t)d->kernel_port_id))
        return -1;
    return rte_eth_dev_rx_intr_ctl_q_get_fd((uint16_t)d->kernel_port_id, 0);
}

void kernel_port_arm(const struct core *core, uint32_t dev)
{
    rte_eth_dev_rx_intr_enable((uint16_t)core->device[dev].kernel_port_id, 0);
}

void kernel_port_disarm(const struct core *core, uint32_t dev)
{
    const uint16_t port_id = (uint16_t)core->device[dev].kernel_port_id;
    const struct kernel_driver *driver = driver_of(port_id);
    uint64_t count;

    rte_eth_dev_rx_intr_disable(port_id, 0);
    if (driver && driver->fd_is_event &&
        read(rte_eth_dev_rx_intr_ctl_q_get_fd(port_id, 0), &count, sizeof count) < 0)
        return;                 /* nothing was there */
}
