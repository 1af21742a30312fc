/* kernel.c - packets to and from Linux.
 *
 * Towards Linux the order is what the rings gave, control before bulk, written in batches. From
 * Linux every frame goes to a worker with a transmit queue on the device, the same one for a flow.
 */
#include "host/kernel.h"

#include "base/hash.h"
#include "pkt/classify.h"
#include "pkt/headers.h"

enum { IP6_ADDRS_OFF = 8, IP6_ADDRS_BYTES = 32 };

bool kernel_has_port(const struct host *host, uint16_t dev)
{
    return host->core->device[dev].has_kernel && host->settings->kernel_ports;
}

/* --- to Linux ------------------------------------------------------------------------------- */

static void flush_device(struct host *host, uint16_t dev)
{
    struct kernel_batch *batch = &host->to_kernel[dev];
    const uint16_t sent = host->core->io->kernel_tx(host->core, dev, batch->pkt, batch->n);

    host->verdicts[V_KERNEL_DELIVERED] += sent;
    for (uint16_t i = sent; i < batch->n; i++)
        host_drop(host, batch->pkt[i], V_DROP_KERNEL_FULL);
    batch->n = 0;
}

void kernel_deliver(struct host *host, struct rte_mbuf *m, uint16_t dev)
{
    struct kernel_batch *batch = &host->to_kernel[dev];

    if (!kernel_has_port(host, dev)) {
        host_drop(host, m, V_DROP_NO_KERNEL_PORT);
        return;
    }
    batch->pkt[batch->n++] = m;
    if (batch->n == BURST)
        flush_device(host, dev);
}

void kernel_flush(struct host *host)
{
    for (uint16_t dev = 0; dev < host->core->n_devices; dev++)
        if (host->to_kernel[dev].n)
            flush_device(host, dev);
}

/* --- from Linux ----------------------------------------------------------------------------- */

static uint32_t ip4_flow(const uint8_t *l3, uint32_t n_bytes)
{
    const struct ip4_hdr *ip = (const struct ip4_hdr *)l3;
    uint32_t key[4] = { ip->src_be, ip->dst_be, 0, ip->proto };
    const uint32_t ihl = ip4_hdr_bytes(ip);

    if ((ip->proto == PROTO_TCP || ip->proto == PROTO_UDP) &&
        !(ip->frag_be & RTE_BE16(IP4_FRAG_MASK)) && ihl + sizeof key[2] <= n_bytes)
        memcpy(&key[2], l3 + ihl, sizeof key[2]);
    return hash_16(key, 0);
}

/* Equal for the packets of a flow; 0 for what is not IP. */
static uint32_t flow_hash(const uint8_t *frame, uint32_t n_bytes)
{
    const struct eth_hdr *eth = (const struct eth_hdr *)frame;
    const uint8_t *l3 = frame + ETH_HDR_BYTES;

    if (n_bytes >= ETH_HDR_BYTES + IP4_HDR_BYTES && eth->type_be == RTE_BE16(ETHERTYPE_IP4))
        return ip4_flow(l3, n_bytes - ETH_HDR_BYTES);
    if (n_bytes >= ETH_HDR_BYTES + IP6_ADDRS_OFF + IP6_ADDRS_BYTES &&
        eth->type_be == RTE_BE16(ETHERTYPE_IP6))
        return hash_16(l3 + IP6_ADDRS_OFF, hash_16(l3 + IP6_ADDRS_OFF + 16, 0));
    return 0;
}

/* virtio_user hands out chains for large packets; the workers and most devices take one piece. */
static bool is_one_piece(struct rte_mbuf *m)
{
    return m->nb_segs == 1 || !rte_pktmbuf_linearize(m);
}

unsigned kernel_receive(struct host *host)
{
    unsigned total = 0;

    for (uint16_t dev = 0; dev < host->core->n_devices; dev++) {
        struct rte_mbuf *pkts[BURST];
        uint16_t n;

        if (!kernel_has_port(host, dev))
            continue;
        n = host->core->io->kernel_rx(host->core, dev, pkts, BURST);
        for (uint16_t i = 0; i < n; i++) {
            struct rte_mbuf *m = pkts[i];

            if (is_one_piece(m)) {
                const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);
                const uint32_t n_bytes = rte_pktmbuf_data_len(m);

                host_send(host, m, dev, pkt_class(frame, n_bytes), flow_hash(frame, n_bytes));
            } else {
                host_drop(host, m, V_DROP_TOO_BIG);
            }
        }
        total += n;
    }
    return total;
}
