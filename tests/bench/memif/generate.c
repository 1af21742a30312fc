/* generate.c - the clients: send test packets of many flows, judge what comes back.
 *
 * 1. Ask for the virtual address's MAC until somebody answers. 2. Every flow in turn, until each
 * was answered once. 3. Print "measuring", then flows in random order for the given time, never
 * more than a window on the way; a window that stays full is written off, so that loss slows
 * nothing down. 4. Wait for the stragglers, print one JSON object. 5. If neither a rate nor an open
 * end was asked for: once more at half of what came back, for the times, and another JSON object.
 *
 * A packet counts as answered if it came from the virtual address to its flow's client with right
 * checksums. Times are from sending to the answer: through the balancer twice.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "frame.h"
#include "latency.h"
#include "load.h"
#include "port.h"

enum { PATIENCE_S = 30, WALKS_WITHOUT_NEWS = 20, WRITE_OFF_MS = 200, DRAIN_MS = 200, ASK_MS = 100 };

struct generator {
    const struct load *load;
    double rate_mpps;
    struct port port;
    struct rte_ether_addr vip_mac;
    uint8_t *answered;          /* a byte a flow */
    uint64_t n_flows_answered;
    uint64_t n_sent, n_received, n_wrong, n_unsent, n_written_off;
    uint64_t heard_tsc;         /* when something came back last */
    uint64_t random;
    uint8_t template[MEMIF_MAX_BYTES];
    struct latency latency;
};

static struct generator gen;    /* its histogram is too large for the stack */

static uint64_t ms(const struct generator *g, uint64_t n_ms)
{
    return n_ms * g->load->hz / 1000;
}

static void make_template(struct generator *g)
{
    struct udp_frame *frame = (struct udp_frame *)g->template;

    frame_init(frame, g->load->n_bytes);
    frame->eth.src_addr = g->port.mac;
    frame->eth.dst_addr = g->vip_mac;
    frame->ip.dst_addr = rte_cpu_to_be_32(g->load->vip);
    frame->udp.dst_port = rte_cpu_to_be_16(g->load->vip_port);
}

static void send_flows(struct generator *g, const uint32_t *flows, unsigned n)
{
    struct rte_mbuf *packets[PORT_BURST];
    const uint64_t now = rte_rdtsc();
    unsigned n_sent;

    if (rte_pktmbuf_alloc_bulk(g->load->pool, packets, n)) {
        g->n_unsent += n;
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        const struct endpoint client = flow_client(g->load->first_client, flows[i]);
        struct udp_frame *frame =
            (struct udp_frame *)rte_pktmbuf_append(packets[i], (uint16_t)g->load->n_bytes);

        memcpy(frame, g->template, g->load->n_bytes);
        frame->ip.src_addr = client.addr_be;
        frame->udp.src_port = client.port_be;
        frame->mark.flow = flows[i];
        frame->mark.sent_tsc = now;
        frame_seal(frame);
    }
    n_sent = port_send(&g->port, packets, n);
    g->n_sent += n_sent;
    g->n_unsent += n - n_sent;
}

static bool is_answer(const struct generator *g, const struct udp_frame *frame, unsigned n_bytes)
{
    struct endpoint client;

    if (n_bytes != g->load->n_bytes || !frame_is_right(frame, n_bytes) ||
        frame->mark.flow >= g->load->n_flows)
        return false;
    client = flow_client(g->load->first_client, frame->mark.flow);
    return frame->ip.src_addr == rte_cpu_to_be_32(g->load->vip) &&
           frame->udp.src_port == rte_cpu_to_be_16(g->load->vip_port) &&
           frame->ip.dst_addr == client.addr_be && frame->udp.dst_port == client.port_be;
}

static unsigned receive(struct generator *g)
{
    struct rte_mbuf *packets[PORT_BURST];
    const unsigned n = rte_eth_rx_burst(g->port.id, 0, packets, PORT_BURST);
    const uint64_t now = rte_rdtsc();

    for (unsigned i = 0; i < n; i++) {
        const struct udp_frame *frame = rte_pktmbuf_mtod(packets[i], struct udp_frame *);

        if (is_answer(g, frame, rte_pktmbuf_data_len(packets[i]))) {
            g->n_received++;
            g->heard_tsc = now;
            g->n_flows_answered += !g->answered[frame->mark.flow];
            g->answered[frame->mark.flow] = 1;
            latency_add(&g->latency, (now - frame->mark.sent_tsc) * 1000000 / g->load->hz);
        } else if (port_arp(&g->port, packets[i])) {
            continue;
        } else if (frame->eth.ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4)) {
            g->n_wrong++;
        }
        rte_pktmbuf_free(packets[i]);
    }
    return n;
}

/* How many more may be on the way. */
static unsigned room(struct generator *g)
{
    int64_t on_the_way = (int64_t)(g->n_sent - g->n_received - g->n_written_off);

    if (on_the_way >= g->load->window && rte_rdtsc() - g->heard_tsc > ms(g, WRITE_OFF_MS)) {
        g->n_written_off = g->n_sent - g->n_received;
        g->heard_tsc = rte_rdtsc();
        on_the_way = 0;
    }
    if (on_the_way < 0) /* what was written off came after all */
        return g->load->window;
    return on_the_way < g->load->window ? g->load->window - (unsigned)on_the_way : 0;
}

static int find_vip(struct generator *g)
{
    const uint64_t end = rte_rdtsc() + ms(g, PATIENCE_S * 1000);
    uint64_t ask = 0;

    while (!*g->load->stop && rte_rdtsc() < end) {
        struct rte_mbuf *packet;

        if (rte_rdtsc() >= ask && port_is_up(&g->port)) {
            port_ask(&g->port, g->load->pool, g->load->own, g->load->vip);
            ask = rte_rdtsc() + ms(g, ASK_MS);
        }
        if (!rte_eth_rx_burst(g->port.id, 0, &packet, 1)) {
            sched_yield();
            continue;
        }
        if (port_told(packet, g->load->vip, &g->vip_mac)) {
            rte_pktmbuf_free(packet);
            return 0;
        }
        if (!port_arp(&g->port, packet))
            rte_pktmbuf_free(packet);
    }
    fprintf(stderr, "nobody answers ARP for the virtual address\n");
    return -1;
}

static void drain(struct generator *g)
{
    const uint64_t end = rte_rdtsc() + ms(g, DRAIN_MS);

    while (g->n_received < g->n_sent && rte_rdtsc() < end)
        if (!receive(g))
            sched_yield();
}

/* Once through the flows that were never answered. */
static void walk(struct generator *g)
{
    uint32_t flow = 0;

    while (flow < g->load->n_flows && !*g->load->stop) {
        uint32_t flows[PORT_BURST];
        unsigned n_room = room(g), n = 0;

        for (; flow < g->load->n_flows && n < PORT_BURST && n < n_room; flow++)
            if (!g->answered[flow])
                flows[n++] = flow;
        if (n)
            send_flows(g, flows, n);
        if (!receive(g))
            sched_yield();
    }
    drain(g);
}

static int warm_up(struct generator *g)
{
    unsigned n_without_news = 0;

    while (g->n_flows_answered < g->load->n_flows && !*g->load->stop) {
        const uint64_t before = g->n_flows_answered;

        walk(g);
        n_without_news = g->n_flows_answered == before ? n_without_news + 1 : 0;
        if (n_without_news == WALKS_WITHOUT_NEWS) {
            fprintf(stderr, "%lu of %u flows are answered, and %lu packets came back wrong\n",
                    (unsigned long)g->n_flows_answered, g->load->n_flows,
                    (unsigned long)g->n_wrong);
            return -1;
        }
    }
    return 0;
}

static uint32_t random_flow(struct generator *g)
{
    g->random ^= g->random << 13;
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    return (uint32_t)(((g->random >> 11 & 0xffffffff) * g->load->n_flows) >> 32);
}

/* How many of a burst may leave now: by the window, and by the rate since `began`. */
static unsigned n_due(struct generator *g, uint64_t began)
{
    const unsigned n = RTE_MIN(room(g), (unsigned)PORT_BURST);
    double allowed;

    if (g->rate_mpps <= 0)
        return n;
    allowed = (double)(rte_rdtsc() - began) * g->rate_mpps * 1e6 / (double)g->load->hz;
    allowed -= (double)(g->n_sent + g->n_unsent);
    return allowed < 1 ? 0 : allowed < n ? (unsigned)allowed : n;
}

static double measured_s(struct generator *g)
{
    const uint64_t began = rte_rdtsc();
    const uint64_t end =
        g->load->seconds > 0 ? began + (uint64_t)(g->load->seconds * (double)g->load->hz)
                             : UINT64_MAX;
    uint64_t now = began;

    while (now < end && !*g->load->stop) {
        uint32_t flows[PORT_BURST];
        const unsigned n = n_due(g, began);

        for (unsigned i = 0; i < n; i++)
            flows[i] = random_flow(g);
        if (n)
            send_flows(g, flows, n);
        if (!receive(g) && !n)
            sched_yield();
        now = rte_rdtsc();
    }
    return (double)(now - began) / (double)g->load->hz;
}

static void forget(struct generator *g)
{
    g->n_sent = g->n_received = g->n_wrong = g->n_unsent = g->n_written_off = 0;
    memset(&g->latency, 0, sizeof g->latency);
    g->heard_tsc = rte_rdtsc();
}

static void report(const struct generator *g, double seconds)
{
    printf("{\"sent\": %lu, \"received\": %lu, \"lost\": %ld, \"wrong\": %lu, \"unsent\": %lu, "
           "\"seconds\": %.3f, \"hz\": %lu, \"p50_us\": %lu, \"p99_us\": %lu, \"max_us\": %lu}\n",
           (unsigned long)g->n_sent, (unsigned long)g->n_received,
           (long)(g->n_sent - g->n_received), (unsigned long)g->n_wrong,
           (unsigned long)g->n_unsent, seconds, (unsigned long)g->load->hz,
           (unsigned long)latency_percentile(&g->latency, 50),
           (unsigned long)latency_percentile(&g->latency, 99), (unsigned long)g->latency.max_us);
}

/* The measured part; the reader takes the balancer's CPU time at its first and last line. */
static void measure(struct generator *g, double rate_mpps)
{
    double seconds;

    g->rate_mpps = rate_mpps;
    forget(g);
    puts("measuring");
    fflush(stdout);
    seconds = measured_s(g);
    puts("measured");
    fflush(stdout);
    drain(g);
    report(g, seconds);
    fflush(stdout);
}

int generate(const struct load *load)
{
    struct generator *g = &gen;

    g->load = load;
    g->random = 88172645463325252ull;
    g->answered = calloc(load->n_flows, 1);
    g->port.first_addr = g->port.last_addr = load->own;
    if (!g->answered || port_open(&g->port, 0, load->pool))
        return 1;
    puts("open");
    fflush(stdout);
    if (find_vip(g))
        return 1;
    make_template(g);
    forget(g);
    if (warm_up(g))
        return 1;
    measure(g, load->rate_mpps);
    if (load->seconds > 0 && load->rate_mpps <= 0)
        measure(g, (double)g->n_received / load->seconds / 2e6);
    free(g->answered);
    return 0;
}
