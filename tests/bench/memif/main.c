/* main.c - clients and servers for a balancer between two memif ports, each a process.
 *
 *   dpvs-memif-load EAL-OPTIONS --vdev=net_memif0,role=server,socket=FILE,... -- generate OPTIONS
 *   dpvs-memif-load EAL-OPTIONS --vdev=net_memif0,role=server,socket=FILE,... -- answer OPTIONS
 *   dpvs-memif-load EAL-OPTIONS --vdev=... --vdev=...                        -- forward OPTIONS
 *
 * Every option is a row of the table below. script/bench memif starts them.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "frame.h"
#include "load.h"
#include "port.h"

static volatile int stop;

enum kind { NUMBER, PORT_NUMBER, REAL, ADDRESS };

static const struct option {
    const char *name;
    enum kind kind;
    size_t at;
} options[] = {
    { "--flows", NUMBER, offsetof(struct load, n_flows) },
    { "--packet-bytes", NUMBER, offsetof(struct load, n_bytes) },
    { "--window", NUMBER, offsetof(struct load, window) },
    { "--seconds", REAL, offsetof(struct load, seconds) },
    { "--rate-mpps", REAL, offsetof(struct load, rate_mpps) },
    { "--vip", ADDRESS, offsetof(struct load, vip) },
    { "--vip-port", PORT_NUMBER, offsetof(struct load, vip_port) },
    { "--own", ADDRESS, offsetof(struct load, own) },
    { "--first-client", ADDRESS, offsetof(struct load, first_client) },
    { "--first-server", ADDRESS, offsetof(struct load, first_server) },
    { "--last-server", ADDRESS, offsetof(struct load, last_server) },
};

static const struct mode {
    const char *name;
    int (*run)(const struct load *load);
} modes[] = { { "generate", generate }, { "answer", answer }, { "forward", forward } };

static int set(struct load *load, const struct option *option, const char *text)
{
    char *at = (char *)load + option->at, *end = NULL;
    struct in_addr addr;

    switch (option->kind) {
    case NUMBER:
        *(uint32_t *)at = (uint32_t)strtoul(text, &end, 10);
        break;
    case PORT_NUMBER:
        *(uint16_t *)at = (uint16_t)strtoul(text, &end, 10);
        break;
    case REAL:
        *(double *)at = strtod(text, &end);
        break;
    case ADDRESS:
        if (inet_pton(AF_INET, text, &addr) != 1)
            return -1;
        *(uint32_t *)at = ntohl(addr.s_addr);
        return 0;
    }
    return *text && !*end ? 0 : -1;
}

static int parse(struct load *load, int argc, char **argv)
{
    for (int i = 0; i < argc; i += 2) {
        const struct option *option = NULL;

        for (unsigned o = 0; o < RTE_DIM(options); o++)
            if (!strcmp(argv[i], options[o].name))
                option = &options[o];
        if (!option || i + 1 == argc || set(load, option, argv[i + 1])) {
            fprintf(stderr, "wrong option or value: %s %s\n", argv[i],
                    i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
    }
    if (!load->n_flows || !load->window || load->n_bytes < MEMIF_MIN_BYTES ||
        load->n_bytes > MEMIF_MAX_BYTES) {
        fprintf(stderr, "flows and window must not be 0, packets have %d to %d bytes\n",
                MEMIF_MIN_BYTES, MEMIF_MAX_BYTES);
        return -1;
    }
    return 0;
}

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* memif's other end sees a closed port at once; an open one crashes rte_eal_cleanup. */
static void close_ports(void)
{
    uint16_t id;

    RTE_ETH_FOREACH_DEV(id) {
        rte_eth_dev_stop(id);
        rte_eth_dev_close(id);
    }
}

int main(int argc, char **argv)
{
    const int n_eal = rte_eal_init(argc, argv);
    struct load load = {
        .n_flows = 1000, .n_bytes = MEMIF_MIN_BYTES, .window = 512, .seconds = 1, .stop = &stop,
    };
    const struct mode *mode = NULL;
    int rc;

    if (n_eal < 0)
        return 1;
    argc -= n_eal + 1;
    argv += n_eal + 1;
    for (unsigned m = 0; argc > 0 && m < RTE_DIM(modes); m++)
        if (!strcmp(argv[0], modes[m].name))
            mode = &modes[m];
    if (!mode)
        fprintf(stderr, "usage: dpvs-memif-load EAL-OPTIONS -- generate|answer|forward OPTIONS\n");
    if (!mode || parse(&load, argc - 1, argv + 1))
        return 2;
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    load.hz = rte_get_tsc_hz();
    load.pool = port_pool();
    rc = load.pool ? mode->run(&load) : 1;
    close_ports();
    rte_eal_cleanup();
    return rc;
}
