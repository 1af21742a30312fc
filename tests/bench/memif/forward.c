/* forward.c - the least that can stand in a balancer's place: MACs rewritten, nothing else.
 *
 * Port 0 is towards the clients, port 1 towards the servers. The servers answer as the virtual
 * address, for that is where packets are still sent. It sleeps when idle, so that its CPU time is
 * that of the packets and the two memif ports.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_ethdev.h>
#include <rte_pause.h>

#include "frame.h"
#include "load.h"
#include "port.h"

enum { IDLE_TURNS = 256, SLEEP_NS = 10000, TIMER_SLACK_NS = 1 };

static unsigned carry(const struct port *from, const struct port *to,
                      struct rte_ether_addr *from_mac, const struct rte_ether_addr *to_mac)
{
    struct rte_mbuf *in[PORT_BURST], *out[PORT_BURST];
    const unsigned n = rte_eth_rx_burst(from->id, 0, in, PORT_BURST);
    unsigned n_out = 0;

    for (unsigned i = 0; i < n; i++) {
        struct rte_ether_hdr *eth = rte_pktmbuf_mtod(in[i], struct rte_ether_hdr *);

        if (port_arp(from, in[i]))
            continue;
        *from_mac = eth->src_addr;
        eth->dst_addr = *to_mac;
        eth->src_addr = to->mac;
        out[n_out++] = in[i];
    }
    if (n_out)
        port_send(to, out, n_out);
    return n;
}

int forward(const struct load *load)
{
    struct port ports[2] = { { .first_addr = load->vip, .last_addr = load->vip } };
    const struct timespec pause = { .tv_nsec = SLEEP_NS };
    struct rte_ether_addr macs[2];
    unsigned n_idle = 0;

    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
    memset(macs, 0xff, sizeof macs); /* until the other side has been heard */
    if (port_open(&ports[0], 0, load->pool) || port_open(&ports[1], 1, load->pool))
        return 1;
    while (!*load->stop) {
        const unsigned n = carry(&ports[0], &ports[1], &macs[0], &macs[1]) +
                           carry(&ports[1], &ports[0], &macs[1], &macs[0]);

        n_idle = n ? 0 : n_idle + 1;
        if (n_idle > IDLE_TURNS)
            nanosleep(&pause, NULL);
        else if (n_idle)
            rte_pause();
    }
    return 0;
}
