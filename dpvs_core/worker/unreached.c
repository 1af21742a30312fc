/* unreached.c - ICMP errors about packets that waited for a neighbour which does not answer.
 *
 * What waited was rewritten already: its sender may be a local address of ours. So the error is one
 * that a router beside us might have sent, and goes the way of those: translated for whom it
 * concerns where a connection sent the packet (on its owner, perhaps another worker), else by
 * route. An error that is for ourselves is nobody's.
 */
#include "worker/unreached.h"

#include "net/fib.h"
#include "pkt/ip.h"
#include "pkt/parse.h"
#include "worker/pipeline.h"
#include "worker/reply.h"

/* p as the stages see it; its Ethernet header may be gone, so its sender counts as unicast. */
static bool read_waiting(const struct worker *w, struct rte_mbuf *m, struct pkt *p)
{
    const struct pkt_meta *meta = pkt_meta(m);

    *p = (struct pkt){
        .m = m, .l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, meta->l3_off), .dev = meta->dev,
        .af = meta->af, .flags = PKT_UNICAST,
    };
    return parse_ip(p, w->core->conf.hash_key) == V_CONTINUE;
}

/* As if it had come by the device, for us: another worker may have to read it. */
static bool as_received(const struct worker *w, struct pkt *error)
{
    const uint8_t *mac = w->core->device[error->dev].mac;
    struct eth_hdr *eth = rte_pktmbuf_mtod(error->m, struct eth_hdr *);

    memcpy(eth->dst, mac, sizeof eth->dst);
    memcpy(eth->src, mac, sizeof eth->src);
    eth->type_be = error->af == 4 ? RTE_BE16(ETHERTYPE_IP4) : RTE_BE16(ETHERTYPE_IP6);
    error->flags = PKT_UNICAST;
    return parse_ip(error, w->core->conf.hash_key) == V_CONTINUE;
}

static enum verdict tell(struct worker *w, struct pkt *error)
{
    const struct addr16 dst = key_dst(error->af, &error->key);
    const enum verdict v = stage_icmp_related(w, error);

    if (v != V_CONTINUE)
        return v;
    return fib_addr(w->fib, error->af, dst.byte)
               ? V_DROP_NO_CONNECTION
               : reply_send(w, error, dst, V_ICMP_ERROR_SENT);
}

void unreached(struct worker *w, struct rte_mbuf *m)
{
    struct pkt p, error;

    if (read_waiting(w, m, &p) && reply_make_unreachable(w, &p, &error))
        finish(w, &error, as_received(w, &error) ? tell(w, &error) : V_DROP_BAD_IP);
    pkt_free(&w->core->env, m);
}
