/* output.h - towards a next hop: from a connection, by route, or out of a device. */
#ifndef DPVS_WORKER_OUTPUT_H
#define DPVS_WORKER_OUTPUT_H

#include "lb/conn.h"
#include "worker/handover.h"
#include "worker/worker.h"

/* Where a packet leaves: a usable next hop, or one to be resolved by the host thread. */
struct hop {
    uint32_t nexthop;           /* handle; NH_NONE: unknown */
    uint16_t dev, mtu;
    uint8_t af;
    uint8_t addr[16];           /* of the next hop */
};

/* The next hop for packet p, which arrived from the side and is not rewritten yet; the mode will
 * add `growth` bytes to its IP packet. V_CONTINUE, or a final verdict: no route, too big (and told
 * so), TTL over. */
enum verdict output_hop(struct worker *w, struct conn_side *from, struct pkt *p, int growth,
                        struct hop *hop);
/* By route to an address. V_CONTINUE or V_DROP_NO_ROUTE. */
enum verdict output_route(struct worker *w, uint8_t af, struct addr16 dst, struct hop *hop);
/* To a neighbour on dev. */
void output_link(struct worker *w, uint8_t af, struct addr16 dst, uint16_t dev, struct hop *hop);
/* p need not leave in one piece: IPv4 without DF. */
static inline bool output_is_divisible(const struct pkt *p)
{
    return p->af == 4 && !(pkt_ip4(p)->frag_be & RTE_BE16(IP4_DF));
}

/* L2 header and out, in fragments where it is larger than hop->mtu and may be; `sent` if it went,
 * V_RESOLVING if it waits for the next hop's address. */
enum verdict output_send(struct worker *w, struct pkt *p, const struct hop *hop,
                         enum verdict sent);
void output_flush_device(struct worker *w, uint16_t dev);
void output_flush(struct worker *w);

/* A complete frame, out of a device; the packet is the device's from here on. */
static inline void output_frame(struct worker *w, uint16_t dev, struct rte_mbuf *m)
{
    struct tx_buffer *tx = &w->tx[dev];

    if (unlikely(!tx->has_queue)) {
        handover_to_sender(w, dev, m);
        return;
    }
    tx->n_bytes += m->pkt_len;
    tx->pkt[tx->n++] = m;
    if (tx->n == BURST)
        output_flush_device(w, dev);
}

/* The frame begins l2_len bytes before the IP header, whatever stood there. Mostly nothing moves,
 * and then the mbuf's line is not written. */
static inline void output_frame_start(struct pkt *p, unsigned l2_len)
{
    const int moved = (int)(p->l3 - l2_len - rte_pktmbuf_mtod(p->m, uint8_t *));

    if (likely(!moved))
        return;
    p->m->data_off = (uint16_t)(p->m->data_off + moved);
    p->m->data_len = (uint16_t)(p->m->data_len - moved);
    p->m->pkt_len = p->m->data_len;
}

/* A usable next hop, and the sequence word under which it was found so. */
struct known_hop {
    const struct nexthop *nh;
    uint32_t seq;
};

/* The side has found a usable next hop before, for p and what its mode adds; false: that, or the
 * packet, needs a second look. */
static __rte_always_inline bool output_known(const struct worker *w, const struct conn_side *from,
                                             const struct pkt *p, int growth,
                                             struct known_hop *hop)
{
    const int leaves_len = p->l3_len + growth;
    const struct nexthop *nh = nexthop_at(&w->nexthops, from->nexthop);

    hop->nh = nh;
    hop->seq = nexthop_seq(nh);
    return from->fib_epoch == w->steady_epoch &&
           nh->gen_state == nexthop_usable_word(from->nexthop) && leaves_len <= from->mtu &&
           leaves_len <= nh->mtu;
}

/* The second look, at its shortest: the side knows nothing under these routes, and now output_known
 * would say yes. False: output_hop decides. */
bool output_learn(struct worker *w, struct conn_side *from, const struct pkt *p, int growth);

/* Waits for the address of a next hop that output_known gave. */
enum verdict output_resolve(struct worker *w, struct pkt *p, const struct nexthop *nh);

/* Out by a usable next hop; false, and nothing done: it changed just now. */
static inline bool output_known_send(struct worker *w, struct pkt *p, const struct known_hop *hop,
                                     uint32_t handle)
{
    if (unlikely(!nexthop_copy_l2(hop->nh, p->l3, hop->seq)))
        return false;
    output_frame_start(p, hop->nh->l2_len);
    nexthop_mark_used(&w->nexthops, handle);
    output_frame(w, hop->nh->dev, p->m);
    return true;
}

#endif
