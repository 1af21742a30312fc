/* arp.c - reading and making ARP packets.
 *
 * Answers for the core's local addresses on the device that has them. Linux gets every reply and
 * the requests that are not for the core, so that it learns, and answers for its own addresses:
 * never do both answer. The answer is written into the request's own packet.
 */
#include "host/arp.h"

#include "host/kernel.h"
#include "host/neigh.h"
#include "host/ours.h"
#include "pkt/headers.h"

enum { ARP_ETHERNET = 1, ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_pkt {
    struct eth_hdr eth;
    uint16_t hw_type_be, proto_be;
    uint8_t hw_bytes, proto_bytes;
    uint16_t op_be;
    uint8_t sender_mac[MAC_BYTES], sender[4];
    uint8_t target_mac[MAC_BYTES], target[4];
} __attribute__((packed));
_Static_assert(sizeof(struct arp_pkt) == 42, "ARP over Ethernet");

static const uint8_t broadcast[MAC_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t nobody[4];

static void addr16(uint8_t out[16], const uint8_t addr[4])
{
    memset(out, 0, 16);
    memcpy(out, addr, 4);
}

static bool is_valid(const struct rte_mbuf *m, const struct arp_pkt *arp)
{
    static const uint8_t no_mac[MAC_BYTES];

    return rte_pktmbuf_data_len(m) >= sizeof *arp && arp->hw_type_be == RTE_BE16(ARP_ETHERNET) &&
           arp->proto_be == RTE_BE16(ETHERTYPE_IP4) && arp->hw_bytes == MAC_BYTES &&
           arp->proto_bytes == 4 &&
           (arp->op_be == RTE_BE16(ARP_REQUEST) || arp->op_be == RTE_BE16(ARP_REPLY)) &&
           !(arp->sender_mac[0] & 1) && memcmp(arp->sender_mac, no_mac, MAC_BYTES) &&
           arp->sender[0] < 224 && arp->sender[0] != 127;
}

/* --- learning ------------------------------------------------------------------------------- */

static bool learn(struct host *host, uint16_t dev, const struct arp_pkt *arp, bool for_us)
{
    uint8_t sender[16];
    const struct fib_addr *ours;
    enum neigh_source source = LEARN_HEARD;

    if (!memcmp(arp->sender, nobody, 4))
        return false;           /* a probe (RFC 5227) says nothing about its sender */
    addr16(sender, arp->sender);
    ours = ours_addr(host, dev, 4, sender);
    if (ours) {
        ours_claimed(host, dev, ours, arp->sender_mac, V_ARP_CONFLICT);
        return false;
    }
    if (for_us && ours_is_on_link(host, dev, 4, sender))
        source = arp->op_be == RTE_BE16(ARP_REPLY) ? LEARN_REPLY : LEARN_REQUEST;
    return neigh_learn(host, dev, 4, sender, arp->sender_mac, source);
}

/* --- answering ------------------------------------------------------------------------------ */

static void answer(struct host *host, struct rte_mbuf *m, uint16_t dev)
{
    struct arp_pkt *arp = rte_pktmbuf_mtod(m, struct arp_pkt *);
    const uint8_t *mac = host->core->device[dev].mac;
    uint8_t asked[4];

    memcpy(asked, arp->target, 4);
    memcpy(arp->eth.dst, arp->sender_mac, MAC_BYTES);
    memcpy(arp->eth.src, mac, MAC_BYTES);
    arp->op_be = RTE_BE16(ARP_REPLY);
    memcpy(arp->target_mac, arp->sender_mac, MAC_BYTES);
    memcpy(arp->target, arp->sender, 4);
    memcpy(arp->sender_mac, mac, MAC_BYTES);
    memcpy(arp->sender, asked, 4);
    rte_pktmbuf_trim(m, (uint16_t)(rte_pktmbuf_data_len(m) - sizeof *arp)); /* padding */
    host_count(host, V_ARP_HANDLED);
    host_send(host, m, dev, CLASS_CONTROL, 0);
}

void arp_receive(struct host *host, struct rte_mbuf *m)
{
    const struct arp_pkt *arp = rte_pktmbuf_mtod(m, const struct arp_pkt *);
    const uint16_t dev = pkt_meta(m)->dev;
    const struct fib_addr *target;
    uint8_t asked[16];
    bool is_request, for_us, learnt;

    if (!is_valid(m, arp) || m->nb_segs != 1) {
        host_drop(host, m, V_DROP_BAD_ARP);
        return;
    }
    addr16(asked, arp->target);
    target = ours_addr(host, dev, 4, asked);
    is_request = arp->op_be == RTE_BE16(ARP_REQUEST);
    for_us = target && target->dev == dev;
    learnt = learn(host, dev, arp, for_us);
    if (is_request && for_us)
        answer(host, m, dev);
    else if ((is_request && target) || (learnt && !kernel_has_port(host, dev)))
        host_drop(host, m, V_ARP_HANDLED);
    else
        kernel_deliver(host, m, dev);
}

/* --- asking --------------------------------------------------------------------------------- */

/* Without a packet it is as if lost on the wire: counted, and asked again later. */
static void send_request(struct host *host, uint16_t dev, const uint8_t sender[4],
                         const uint8_t target[4], const uint8_t to[MAC_BYTES])
{
    const uint8_t *mac = host->core->device[dev].mac;
    struct arp_pkt arp = {
        .eth.type_be = RTE_BE16(ETHERTYPE_ARP),
        .hw_type_be = RTE_BE16(ARP_ETHERNET), .proto_be = RTE_BE16(ETHERTYPE_IP4),
        .hw_bytes = MAC_BYTES, .proto_bytes = 4, .op_be = RTE_BE16(ARP_REQUEST),
    };
    struct rte_mbuf *m = host->core->env.ops->pkt_alloc(&host->core->env);

    if (!m) {
        host_count(host, V_DROP_NO_MBUF);
        return;
    }
    memcpy(arp.eth.dst, to, MAC_BYTES);
    memcpy(arp.eth.src, mac, MAC_BYTES);
    memcpy(arp.sender_mac, mac, MAC_BYTES);
    memcpy(arp.sender, sender, 4);
    memcpy(arp.target, target, 4);
    memcpy(rte_pktmbuf_append(m, sizeof arp), &arp, sizeof arp);
    host_send(host, m, dev, CLASS_CONTROL, 0);
}

bool arp_request(struct host *host, uint16_t dev, const uint8_t target[16],
                 const uint8_t mac[MAC_BYTES])
{
    const uint8_t *sender = ours_source(host, dev, 4, target);

    if (!sender)
        return false;
    send_request(host, dev, sender, target, mac ? mac : broadcast);
    return true;
}

void arp_announce(struct host *host, uint16_t dev, const uint8_t addr[16])
{
    const struct fib_addr *ours = ours_addr(host, dev, 4, addr);

    if (ours && ours->dev == dev)
        send_request(host, dev, addr, addr, broadcast);
}
