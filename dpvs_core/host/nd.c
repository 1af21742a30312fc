/* nd.c - IPv6 neighbour discovery beside ARP: who answers, who learns what, what Linux gets.
 *
 * Answers for the core's local addresses that are verified, on the device that has them. Linux gets
 * every advertisement and the solicitations that are not for the core: never do both answer.
 * Choice: the router flag is always set (an address of ours may be the gateway of real servers;
 * RFC 9568 8.2.2 demands it of virtual ones), that of others is not looked at.
 */
#include "host/nd.h"

#include "host/dad.h"
#include "host/kernel.h"
#include "host/nd_packet.h"
#include "host/neigh.h"
#include "host/ours.h"
#include "pkt/headers.h"

static const uint8_t unspecified[16], all_nodes[16] = { 0xff, 2, [15] = 1 };

/* --- receiving ------------------------------------------------------------------------------ */

/* Who sent it: as it says itself, else as the frame does. */
static const uint8_t *sender_mac(const struct rte_mbuf *m, const struct nd *nd)
{
    return nd->has_lla ? nd->lla : rte_pktmbuf_mtod(m, const struct eth_hdr *)->src;
}

/* Another station uses an address of ours, or is about to. */
static void claimed(struct host *host, const struct rte_mbuf *m, uint16_t dev,
                    const struct fib_addr *ours, const struct nd *nd)
{
    if (ours_claimed(host, dev, ours, sender_mac(m, nd), V_ND_CONFLICT))
        dad_lost(host, ours);
}

/* To Linux, unless nobody is there who could want what was of use here. */
static void pass_on(struct host *host, struct rte_mbuf *m, uint16_t dev, bool learnt)
{
    if (learnt && !kernel_has_port(host, dev))
        host_drop(host, m, V_ND_HANDLED);
    else
        kernel_deliver(host, m, dev);
}

static void take_advert(struct host *host, struct rte_mbuf *m, uint16_t dev, const struct nd *nd)
{
    const struct fib_addr *ours = ours_addr(host, dev, 6, nd->target);
    bool learnt = false;

    if (ours)
        claimed(host, m, dev, ours, nd);
    else
        learnt = neigh_advertised(host, dev, nd->target, nd->has_lla ? nd->lla : NULL,
                                  nd->flags & ND_SOLICITED, nd->flags & ND_OVERRIDE);
    pass_on(host, m, dev, learnt);
}

/* The advertisement that answers, in the solicitation's packet. */
static void answer(struct host *host, struct rte_mbuf *m, uint16_t dev, const struct nd *asked)
{
    const bool is_probe = nd_is_unspecified(asked->src);
    const uint8_t *mac = host->core->device[dev].mac;
    struct nd nd = {
        .type = ICMP6_NEIGH_ADVERT, .has_lla = true,
        .flags = ND_ROUTER | ND_OVERRIDE | (is_probe ? 0 : ND_SOLICITED),
    };
    uint8_t to[MAC_BYTES];

    memcpy(to, sender_mac(m, asked), MAC_BYTES);
    memcpy(nd.src, asked->target, 16);
    memcpy(nd.target, asked->target, 16);
    memcpy(nd.dst, is_probe ? all_nodes : asked->src, 16);
    memcpy(nd.lla, mac, MAC_BYTES);
    nd_write(m, &nd, mac, to);
    host_count(host, V_ND_HANDLED);
    host_send_ip6(host, m, dev);
}

/* What the sender says of itself: that it uses an address, or (a probe) is about to. */
static void hear_sender(struct host *host, const struct rte_mbuf *m, uint16_t dev,
                        const struct nd *nd, const struct fib_addr *target)
{
    const struct fib_addr *ours = nd_is_unspecified(nd->src) ? target
                                                             : ours_addr(host, dev, 6, nd->src);

    if (ours)
        claimed(host, m, dev, ours, nd);
    else if (nd->has_lla && target && fib_addr_is_usable(target) && target->dev == dev &&
             ours_is_on_link(host, dev, 6, nd->src))
        neigh_learn(host, dev, 6, nd->src, nd->lla, LEARN_REQUEST);
}

static void take_solicit(struct host *host, struct rte_mbuf *m, uint16_t dev, const struct nd *nd)
{
    const struct fib_addr *target = ours_addr(host, dev, 6, nd->target);

    hear_sender(host, m, dev, nd, target);
    if (!target)
        pass_on(host, m, dev, false);
    else if (target->dev == dev && fib_addr_is_usable(target))
        answer(host, m, dev, nd);
    else
        host_drop(host, m, V_ND_HANDLED);
}

void nd_receive(struct host *host, struct rte_mbuf *m)
{
    const uint16_t dev = pkt_meta(m)->dev;
    struct nd nd;

    if (!nd_read(m, &nd))
        host_drop(host, m, V_DROP_BAD_ND);
    else if (nd.type == ICMP6_NEIGH_SOLICIT)
        take_solicit(host, m, dev, &nd);
    else
        take_advert(host, m, dev, &nd);
}

/* --- sending -------------------------------------------------------------------------------- */

/* Without a packet it is as if lost on the wire: counted, and sent again later if it matters. */
static void send_new(struct host *host, uint16_t dev, struct nd *nd,
                     const uint8_t dst_mac[MAC_BYTES])
{
    const uint8_t *mac = host->core->device[dev].mac;
    struct rte_mbuf *m = host->core->env.ops->pkt_alloc(&host->core->env);

    if (!m) {
        host_count(host, V_DROP_NO_MBUF);
        return;
    }
    memcpy(nd->lla, mac, MAC_BYTES);
    nd_write(m, nd, mac, dst_mac);
    host_send_ip6(host, m, dev);
}

static void solicit(struct host *host, uint16_t dev, const uint8_t src[16],
                    const uint8_t target[16], const uint8_t dst_mac[MAC_BYTES])
{
    struct nd nd = { .type = ICMP6_NEIGH_SOLICIT, .has_lla = !nd_is_unspecified(src) };

    memcpy(nd.src, src, 16);
    memcpy(nd.target, target, 16);
    if (dst_mac)
        memcpy(nd.dst, target, 16);
    else
        nd_solicited_node(nd.dst, target);
    send_new(host, dev, &nd, dst_mac);
}

bool nd_request(struct host *host, uint16_t dev, const uint8_t target[16],
                const uint8_t mac[MAC_BYTES])
{
    const uint8_t *src = ours_source(host, dev, 6, target);

    if (!src)
        return false;
    solicit(host, dev, src, target, mac);
    return true;
}

void nd_probe(struct host *host, uint16_t dev, const uint8_t addr[16])
{
    solicit(host, dev, unspecified, addr, NULL);
}

void nd_announce(struct host *host, uint16_t dev, const uint8_t addr[16])
{
    const struct fib_addr *ours = ours_addr(host, dev, 6, addr);
    struct nd nd = {
        .type = ICMP6_NEIGH_ADVERT, .flags = ND_ROUTER | ND_OVERRIDE, .has_lla = true,
    };

    if (!ours || ours->dev != dev || !fib_addr_is_usable(ours))
        return;
    memcpy(nd.src, addr, 16);
    memcpy(nd.target, addr, 16);
    memcpy(nd.dst, all_nodes, 16);
    send_new(host, dev, &nd, NULL);
}
