/* answer.c - the servers: every test packet goes back to whence it came, as a server's answer.
 *
 * Addresses and ports change sides, which leaves both checksums as they are.
 */
#include <sched.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "frame.h"
#include "load.h"
#include "port.h"

struct tally {
    uint64_t n_answered, n_wrong, n_unsent;
};

static void turn_around(struct udp_frame *frame, const struct port *port)
{
    const uint32_t addr_be = frame->ip.src_addr;
    const uint16_t port_be = frame->udp.src_port;

    frame->eth.dst_addr = frame->eth.src_addr;
    frame->eth.src_addr = port->mac;
    frame->ip.src_addr = frame->ip.dst_addr;
    frame->ip.dst_addr = addr_be;
    frame->udp.src_port = frame->udp.dst_port;
    frame->udp.dst_port = port_be;
}

static unsigned turn(const struct port *port, struct tally *tally)
{
    struct rte_mbuf *in[PORT_BURST], *out[PORT_BURST];
    const unsigned n = rte_eth_rx_burst(port->id, 0, in, PORT_BURST);
    unsigned n_out = 0, n_sent;

    for (unsigned i = 0; i < n; i++) {
        struct udp_frame *frame = rte_pktmbuf_mtod(in[i], struct udp_frame *);

        if (frame_is_right(frame, rte_pktmbuf_data_len(in[i]))) {
            turn_around(frame, port);
            out[n_out++] = in[i];
        } else if (!port_arp(port, in[i])) {
            rte_pktmbuf_free(in[i]);
            tally->n_wrong++;
        }
    }
    n_sent = n_out ? port_send(port, out, n_out) : 0;
    tally->n_answered += n_sent;
    tally->n_unsent += n_out - n_sent;
    return n;
}

int answer(const struct load *load)
{
    struct port port = { .first_addr = load->first_server, .last_addr = load->last_server };
    struct tally tally = { 0 };

    if (port_open(&port, 0, load->pool))
        return 1;
    puts("open");
    fflush(stdout);
    while (!*load->stop)
        if (!turn(&port, &tally))
            sched_yield(); /* the generator may share this processor */
    printf("{\"answered\": %lu, \"wrong\": %lu, \"unsent\": %lu}\n",
           (unsigned long)tally.n_answered, (unsigned long)tally.n_wrong,
           (unsigned long)tally.n_unsent);
    return 0;
}
