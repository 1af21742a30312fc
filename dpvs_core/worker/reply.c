/* reply.c - echo replies, ICMP errors and TCP resets. */
#include "worker/reply.h"

#include "base/addr.h"
#include "base/csum.h"
#include "net/fib.h"
#include "worker/output.h"

enum { ICMP_QUOTE_BYTES = 548 }; /* an ICMP error is at most 576 bytes (RFC 1812 4.3.2.3) */

static void fill_ip4(struct worker *w, struct ip4_hdr *ip, uint16_t total, uint8_t proto)
{
    ip->version_ihl = 0x45;
    ip->tos = 0;
    ip->total_be = rte_cpu_to_be_16(total);
    ip->id_be = rte_cpu_to_be_16(w->next_ip_id++);
    ip->frag_be = 0;
    ip->ttl = w->settings->default_ttl;
    ip->proto = proto;
    ip->csum = 0;
    ip->csum = csum_of(ip, IP4_HDR_BYTES);
}

static void fill_tcp_csum(const struct ip4_hdr *ip, struct tcp_hdr *tcp)
{
    uint64_t sum = csum_words(&ip->src_be, 8, 0);

    sum += rte_cpu_to_be_16(PROTO_TCP) + rte_cpu_to_be_16(TCP_HDR_BYTES);
    tcp->csum = 0;
    tcp->csum = (uint16_t)~csum_fold(csum_words(tcp, TCP_HDR_BYTES, sum));
}

/* Send what p has become, to its IP destination. */
static enum verdict send_routed(struct worker *w, struct pkt *p, enum verdict sent)
{
    struct hop hop;
    enum verdict v = output_route(w, pkt_ip4(p)->dst_be, &hop);

    return v == V_CONTINUE ? output_send(w, p, &hop, sent) : v;
}

enum verdict reply_echo(struct worker *w, struct pkt *p)
{
    struct ip4_hdr *ip = pkt_ip4(p);
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;
    const uint32_t asked_be = ip->dst_be;

    if (pkt_l4_len(p) < ICMP_HDR_BYTES ||
        csum_fold(csum_words(icmp, pkt_l4_len(p), 0)) != 0xffff)
        return V_DROP_BAD_ICMP;
    if (!bucket_take(&w->icmp, w->settings->icmp_pps, w->now_us))
        return V_DROP_ICMP_RATE;
    icmp->type = ICMP_ECHO_REPLY;
    icmp->csum = csum_apply(icmp->csum, csum_delta16(RTE_BE16(ICMP_ECHO << 8), 0));
    ip->dst_be = ip->src_be;
    ip->src_be = asked_be;
    ip->ttl = w->settings->default_ttl;
    ip->csum = 0;
    ip->csum = csum_of(ip, ip4_hdr_bytes(ip));
    return send_routed(w, p, V_ECHO_REPLIED);
}

/* RFC 1122 3.2.1.3: 0/8, 127/8, multicast and broadcast are nobody's source. */
static bool is_one_host(uint32_t addr_be)
{
    const uint32_t net = rte_be_to_cpu_32(addr_be) >> 24;

    return net && net != 127 && net < 224;
}

enum verdict reply_reset(struct worker *w, struct pkt *p)
{
    struct tcp_hdr *tcp = pkt_tcp(p);
    const uint32_t n_seq = pkt_l4_len(p) - tcp_hdr_bytes(tcp) +
                           !!(tcp->flags & TCP_SYN) + !!(tcp->flags & TCP_FIN);
    const uint32_t end_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) + n_seq);
    const struct key4 asked = p->key;
    struct ip4_hdr *ip;
    const struct tcp_hdr out = {
        .sport_be = asked.dport_be, .dport_be = asked.sport_be,
        .seq_be = tcp->flags & TCP_ACK ? tcp->ack_be : 0,
        .ack_be = tcp->flags & TCP_ACK ? 0 : end_be,
        .data_off = TCP_HDR_BYTES / 4 << 4,
        .flags = tcp->flags & TCP_ACK ? TCP_RST : TCP_RST | TCP_ACK,
    };

    if ((tcp->flags & TCP_RST) || !(p->flags & PKT_UNICAST) || !is_one_host(asked.src_be))
        return V_DROP_NO_CONNECTION;
    if (!bucket_take(&w->reset, w->settings->reset_pps, w->now_us))
        return V_DROP_RESET_RATE;
    p->l3_len = IP4_HDR_BYTES + TCP_HDR_BYTES;
    rte_pktmbuf_trim(p->m, (uint16_t)(rte_pktmbuf_data_len(p->m) - p->l3_len -
                                      (p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *))));
    p->l4 = p->l3 + IP4_HDR_BYTES;
    ip = pkt_ip4(p);
    ip->src_be = asked.dst_be;
    ip->dst_be = asked.src_be;
    fill_ip4(w, ip, p->l3_len, PROTO_TCP);
    *pkt_tcp(p) = out;
    fill_tcp_csum(ip, pkt_tcp(p));
    return send_routed(w, p, V_RESET_SENT);
}

/* An empty packet whose IP header starts behind room for Ethernet; false: no buffer. */
static bool new_packet(struct worker *w, struct pkt *p, uint16_t l3_len)
{
    struct env *env = &w->core->env;

    *p = (struct pkt){ .m = env->ops->pkt_alloc(env), .l3_len = l3_len };
    if (!p->m) {
        worker_count(w, V_DROP_NO_MBUF);
        return false;
    }
    p->l3 = (uint8_t *)rte_pktmbuf_append(p->m, (uint16_t)(ETH_HDR_BYTES + l3_len)) + ETH_HDR_BYTES;
    p->l4 = p->l3 + IP4_HDR_BYTES;
    return true;
}

static void send_new(struct worker *w, struct pkt *p, enum verdict sent)
{
    const enum verdict v = send_routed(w, p, sent);

    worker_count(w, v);
    if (verdict_info[v].is_drop)
        pkt_free(&w->core->env, p->m);
}

void reply_make_reset(struct worker *w, const struct key4 *tuple, uint32_t seq)
{
    struct pkt p;

    if (!new_packet(w, &p, IP4_HDR_BYTES + TCP_HDR_BYTES))
        return;
    pkt_ip4(&p)->src_be = tuple->src_be;
    pkt_ip4(&p)->dst_be = tuple->dst_be;
    fill_ip4(w, pkt_ip4(&p), p.l3_len, PROTO_TCP);
    *pkt_tcp(&p) = (struct tcp_hdr){
        .sport_be = tuple->sport_be, .dport_be = tuple->dport_be,
        .seq_be = rte_cpu_to_be_32(seq), .data_off = TCP_HDR_BYTES / 4 << 4, .flags = TCP_RST,
    };
    fill_tcp_csum(pkt_ip4(&p), pkt_tcp(&p));
    send_new(w, &p, V_EXPIRY_RESET);
}

static bool may_answer(const struct pkt *p)
{
    const struct ip4_hdr *ip = pkt_ip4(p);
    const struct icmp_hdr *icmp = (const struct icmp_hdr *)p->l4;

    if (!(p->flags & PKT_UNICAST) || (ip->frag_be & RTE_BE16(0x1fff)))
        return false;
    if (!is_one_host(ip->src_be)) /* RFC 1122 3.2.2 */
        return false;
    return ip->proto != PROTO_ICMP || (pkt_l4_len(p) >= ICMP_HDR_BYTES &&
                                       (icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHO_REPLY));
}

/* From where an error is sent: the address asked if it is ours (a VIP answers as itself), else one
 * of the device it came by. */
static uint32_t error_source(const struct worker *w, const struct pkt *p)
{
    const struct fib_addr *own = fib_addr(w->fib, 4, addr4(pkt_ip4(p)->dst_be).byte);
    uint32_t addr_be;

    if (!own)
        own = fib_source(w->fib, 4, p->dev);
    if (!own)
        return 0;
    memcpy(&addr_be, own->addr, 4);
    return addr_be;
}

enum verdict reply_icmp_error(struct worker *w, const struct pkt *p, uint8_t type, uint8_t code,
                              uint16_t info, enum verdict drop)
{
    const uint16_t n_quote = RTE_MIN(p->l3_len, (uint16_t)ICMP_QUOTE_BYTES);
    const uint32_t src_be = error_source(w, p);
    struct icmp_hdr *icmp;
    struct pkt error;

    if (!src_be || !may_answer(p) ||
        !bucket_take(&w->icmp, w->settings->icmp_pps, w->now_us) ||
        !new_packet(w, &error, (uint16_t)(IP4_HDR_BYTES + ICMP_HDR_BYTES + n_quote)))
        return drop;
    pkt_ip4(&error)->src_be = src_be;
    pkt_ip4(&error)->dst_be = pkt_ip4(p)->src_be;
    fill_ip4(w, pkt_ip4(&error), error.l3_len, PROTO_ICMP);
    icmp = (struct icmp_hdr *)error.l4;
    *icmp = (struct icmp_hdr){ .type = type, .code = code, .seq_be = rte_cpu_to_be_16(info) };
    memcpy(icmp + 1, p->l3, n_quote);
    icmp->csum = csum_of(icmp, (uint32_t)ICMP_HDR_BYTES + n_quote);
    send_new(w, &error, V_ICMP_ERROR_SENT);
    return drop;
}

enum verdict reply_too_big(struct worker *w, const struct pkt *p, uint16_t mtu)
{
    if (!(pkt_ip4(p)->frag_be & RTE_BE16(IP4_DF)))
        return V_DROP_TOO_BIG;
    return reply_icmp_error(w, p, ICMP_UNREACHABLE, ICMP_CODE_FRAG_NEEDED, mtu, V_DROP_TOO_BIG);
}
