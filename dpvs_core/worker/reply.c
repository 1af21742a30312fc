/* reply.c - echo replies, ICMP errors and TCP resets. */
#include "worker/reply.h"

#include "net/fib.h"
#include "pkt/icmp_error.h"
#include "pkt/ip.h"
#include "worker/fragment.h"
#include "worker/output.h"
#include "worker/pipeline.h"

static void make_ip(struct worker *w, struct pkt *p, uint8_t proto, struct addr16 src,
                    struct addr16 dst)
{
    ip_make(p, proto, src, dst, w->settings->default_ttl, w->next_ip_id++);
}

enum verdict reply_send(struct worker *w, struct pkt *p, struct addr16 dst, enum verdict sent)
{
    struct hop hop;
    enum verdict v = V_CONTINUE;

    if (fib_is_link_local(p->af, dst.byte))
        output_link(w, p->af, dst, p->dev, &hop);
    else
        v = output_route(w, p->af, dst, &hop);
    if (v == V_CONTINUE)
        v = output_send(w, p, &hop, sent);
    if (p->af == 6)
        ip6_count_made(w->ip6_counts, dst.byte, p->l3_len, v);
    return v;
}

/* The frame ends with the IP packet, which became shorter. */
static void end_frame(struct pkt *p)
{
    rte_pktmbuf_trim(p->m, (uint16_t)(rte_pktmbuf_data_len(p->m) - p->l3_len -
                                      (p->l3 - rte_pktmbuf_mtod(p->m, uint8_t *))));
}

static void turn_echo(struct worker *w, struct pkt *p)
{
    p->l4[0] = p->af == 4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY;
    icmp_set_csum(p);
    if (p->af == 4) {           /* DF was said of the request, whose number it may do without */
        pkt_ip4(p)->frag_be = 0;
        pkt_ip4(p)->id_be = rte_cpu_to_be_16(w->next_ip_id++);
    }
}

/* The answer to a message in fragments is in the same fragments. Its checksum is all of theirs, so
 * the asker verifies it; here it changes by the type. */
static void turn_echo_fragment(struct pkt *p)
{
    struct icmp_hdr *icmp = (struct icmp_hdr *)p->l4;
    uint16_t was, now;

    fragment_set_id(p);
    if (p->flags & PKT_LATER)
        return;
    memcpy(&was, icmp, sizeof was); /* type and code are one word */
    icmp->type = p->af == 4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY;
    memcpy(&now, icmp, sizeof now);
    icmp->csum = csum_apply(icmp->csum, csum_delta16(was, now));
}

enum verdict reply_echo(struct worker *w, struct pkt *p)
{
    const struct addr16 asker = key_src(p->af, &p->key), asked = key_dst(p->af, &p->key);
    const bool is_fragment = p->flags & PKT_FRAGMENT;

    if (!is_fragment && (pkt_l4_len(p) < ICMP_HDR_BYTES || !icmp_csum_is_right(p)))
        return V_DROP_BAD_ICMP;
    if (!bucket_take(&w->icmp, w->settings->icmp_pps, w->now_us))
        return V_DROP_ICMP_RATE;
    ip_set_addrs(p, asked, asker);
    if (is_fragment)
        turn_echo_fragment(p);
    else
        turn_echo(w, p);
    ip_set_ttl(p, w->settings->default_ttl);
    return reply_send(w, p, asker, V_ECHO_REPLIED);
}

/* RFC 1122 3.2.1.3: 0/8, 127/8, multicast and broadcast are nobody's source; RFC 4291 2.5: nor are
 * the unspecified address, loopback and multicast. */
static bool is_one_host(uint8_t af, struct addr16 addr)
{
    static const struct addr16 unspecified, loopback = { .byte[15] = 1 };
    const uint8_t net = addr.byte[0];

    if (af == 4)
        return net && net != 127 && net < 224;
    return net != 0xff && memcmp(&addr, &unspecified, sizeof addr) &&
           memcmp(&addr, &loopback, sizeof addr);
}

/* --- resets ---------------------------------------------------------------------------------- */

enum verdict reply_may_reset(struct worker *w, const struct pkt *p)
{
    if (!(p->flags & PKT_UNICAST) || !is_one_host(p->af, key_src(p->af, &p->key)))
        return V_DROP_NO_CONNECTION;
    return bucket_take(&w->reset, w->settings->reset_pps, w->now_us) ? V_CONTINUE
                                                                     : V_DROP_RESET_RATE;
}

static void make_tcp(struct worker *w, struct pkt *p, const struct tcp_hdr *tcp, struct addr16 src,
                     struct addr16 dst)
{
    make_ip(w, p, PROTO_TCP, src, dst);
    *pkt_tcp(p) = *tcp;
    pkt_tcp(p)->csum = (uint16_t)~csum_fold(csum_words(p->l4, TCP_HDR_BYTES,
                                                       ip_pseudo_sum(p, PROTO_TCP)));
}

enum verdict reply_reset(struct worker *w, struct pkt *p)
{
    const struct tcp_hdr *tcp = pkt_tcp(p);
    const uint32_t n_seq = pkt_l4_len(p) - tcp_hdr_bytes(tcp) +
                           !!(tcp->flags & TCP_SYN) + !!(tcp->flags & TCP_FIN);
    const uint32_t end_be = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->seq_be) + n_seq);
    const struct addr16 asker = key_src(p->af, &p->key), asked = key_dst(p->af, &p->key);
    const struct tcp_hdr out = {
        .sport_be = p->key.dport_be, .dport_be = p->key.sport_be,
        .seq_be = tcp->flags & TCP_ACK ? tcp->ack_be : 0,
        .ack_be = tcp->flags & TCP_ACK ? 0 : end_be,
        .data_off = TCP_HDR_BYTES / 4 << 4,
        .flags = tcp->flags & TCP_ACK ? TCP_RST : TCP_RST | TCP_ACK,
    };
    const enum verdict v = tcp->flags & TCP_RST ? V_DROP_NO_CONNECTION : reply_may_reset(w, p);

    if (v != V_CONTINUE)
        return v;
    p->l3_len = (uint16_t)(ip_hdr_bytes(p->af) + TCP_HDR_BYTES);
    end_frame(p);
    make_tcp(w, p, &out, asked, asker);
    return reply_send(w, p, asker, V_RESET_SENT);
}

/* An empty packet whose IP header starts behind room for Ethernet; false: no buffer. */
static bool new_packet(struct worker *w, struct pkt *p, uint8_t af, uint16_t l4_len)
{
    struct env *env = &w->core->env;

    *p = (struct pkt){ .m = env->ops->pkt_alloc(env), .af = af,
                       .l3_len = (uint16_t)(ip_hdr_bytes(af) + l4_len) };
    if (!p->m) {
        worker_count(w, V_DROP_NO_MBUF);
        return false;
    }
    p->l3 = (uint8_t *)rte_pktmbuf_append(p->m, (uint16_t)(ETH_HDR_BYTES + p->l3_len)) +
            ETH_HDR_BYTES;
    return true;
}

bool reply_begin(struct worker *w, struct pkt *p, uint8_t af, const union key *tuple,
                 uint16_t n_bytes)
{
    if (!new_packet(w, p, af, n_bytes))
        return false;
    make_ip(w, p, (uint8_t)tuple->proto, key_src(af, tuple), key_dst(af, tuple));
    return true;
}

void reply_make_reset(struct worker *w, uint16_t dev, uint8_t af, const union key *tuple,
                      uint32_t seq)
{
    const struct tcp_hdr tcp = {
        .sport_be = tuple->sport_be, .dport_be = tuple->dport_be,
        .seq_be = rte_cpu_to_be_32(seq), .data_off = TCP_HDR_BYTES / 4 << 4, .flags = TCP_RST,
    };
    const struct addr16 dst = key_dst(af, tuple);
    struct pkt p;

    if (!new_packet(w, &p, af, TCP_HDR_BYTES))
        return;
    p.dev = dev;
    make_tcp(w, &p, &tcp, key_src(af, tuple), dst);
    finish(w, &p, reply_send(w, &p, dst, V_EXPIRY_RESET));
}

/* --- ICMP errors ----------------------------------------------------------------------------- */

/* What an error is called. */
struct error_kind {
    uint8_t type4, code4, type6, code6;
    enum verdict drop;
};
static const struct error_kind ttl_over = {
    ICMP_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0, V_DROP_TTL,
};
static const struct error_kind too_big = {
    ICMP_UNREACHABLE, ICMP_CODE_FRAG_NEEDED, ICMP6_TOO_BIG, 0, V_DROP_TOO_BIG,
};
static const struct error_kind unreachable = {
    ICMP_UNREACHABLE, ICMP_CODE_HOST, ICMP6_UNREACHABLE, ICMP6_CODE_ADDRESS, V_CONTINUE,
};

/* How much of a packet an error about it quotes. */
static uint16_t quote_bytes(uint8_t af, uint32_t n_bytes)
{
    const uint32_t room = icmp_error_max_bytes(af) - ip_hdr_bytes(af) - ICMP_HDR_BYTES;

    return (uint16_t)RTE_MIN(n_bytes, room);
}

/* `info`: the next hop's MTU, or 0. */
static void fill_error(struct pkt *error, const struct error_kind *kind, uint16_t info)
{
    const bool v4 = error->af == 4;
    const struct icmp_kind told = { v4 ? kind->type4 : kind->type6, v4 ? kind->code4 : kind->code6,
                                    info };

    icmp_kind_set(error, &told);
    icmp_set_csum(error);
}

/* Echo may be answered with an error, an error not. */
static bool is_icmp_error(const struct pkt *p)
{
    if (p->key.proto != icmp_proto(p->af))
        return false;
    if (pkt_l4_len(p) < ICMP_HDR_BYTES)
        return true;
    return p->af == 4 ? p->l4[0] != ICMP_ECHO && p->l4[0] != ICMP_ECHO_REPLY
                      : p->l4[0] < ICMP6_ECHO;
}

static bool may_answer(const struct pkt *p)
{
    return (p->flags & PKT_UNICAST) && is_one_host(p->af, key_src(p->af, &p->key)) &&
           !(p->af == 4 && (pkt_ip4(p)->frag_be & RTE_BE16(0x1fff))) &&
           !is_icmp_error(p);   /* RFC 1122 3.2.2, RFC 4443 2.4 (e) */
}

/* From where an error is sent: the address asked if it is ours (a VIP answers as itself), else one
 * of the device it came by; NULL: it has none. */
static const struct fib_addr *error_source(const struct worker *w, const struct pkt *p)
{
    const struct fib_addr *own = fib_addr(w->fib, p->af, key_dst(p->af, &p->key).byte);

    return own && fib_addr_is_usable(own)
               ? own
               : fib_source(w->fib, p->af, p->dev, key_src(p->af, &p->key).byte);
}

/* False: there is none to be made about p (rate limited). */
static bool make_error(struct worker *w, const struct pkt *p, const struct error_kind *kind,
                       uint16_t info, struct pkt *error)
{
    const uint16_t n_quote = quote_bytes(p->af, p->l3_len);
    const struct fib_addr *source = error_source(w, p);

    if (!source || !may_answer(p) ||
        !bucket_take(&w->icmp, w->settings->icmp_pps, w->now_us) ||
        !new_packet(w, error, p->af, (uint16_t)(ICMP_HDR_BYTES + n_quote)))
        return false;
    error->dev = p->dev;
    make_ip(w, error, icmp_proto(p->af), addr6(source->addr), key_src(p->af, &p->key));
    memcpy(error->l4 + ICMP_HDR_BYTES, p->l3, n_quote);
    fill_error(error, kind, info);
    return true;
}

static enum verdict icmp_error(struct worker *w, const struct pkt *p, const struct error_kind *kind,
                               uint16_t info)
{
    const struct addr16 sender = key_src(p->af, &p->key);
    struct pkt error;

    if (make_error(w, p, kind, info, &error))
        finish(w, &error, reply_send(w, &error, sender, V_ICMP_ERROR_SENT));
    return kind->drop;
}

bool reply_make_unreachable(struct worker *w, const struct pkt *p, struct pkt *error)
{
    return make_error(w, p, &unreachable, 0, error);
}

enum verdict reply_ttl_over(struct worker *w, const struct pkt *p)
{
    return icmp_error(w, p, &ttl_over, 0);
}

enum verdict reply_too_big(struct worker *w, const struct pkt *p, uint16_t mtu)
{
    if (p->af == 4 && !(pkt_ip4(p)->frag_be & RTE_BE16(IP4_DF)))
        return V_DROP_TOO_BIG;
    return icmp_error(w, p, &too_big, mtu);
}

/* RFC 2003 4, RFC 2473 8: too big is passed on; that a router or the tunnel's end was not reached
 * is, for the client, its server; how the tunnel's own header was wrong is not its business. */
static const struct error_kind *kind_through_tunnel(uint8_t af, const struct icmp_kind *kind)
{
    if (icmp_kind_is_too_big(af, kind))
        return &too_big;
    if (af == 4)
        return (kind->type == ICMP_UNREACHABLE && kind->code != ICMP_CODE_SOURCE_ROUTE) ||
               kind->type == ICMP_TIME_EXCEEDED ? &unreachable : NULL;
    return kind->type != ICMP6_PARAMETER ? &unreachable : NULL;
}

static uint16_t mtu_through_tunnel(const struct pkt *p, const struct icmp_kind *kind, uint8_t af,
                                   const struct inner *inner, uint16_t outer_bytes)
{
    const uint32_t told = p->af == 4 ? kind->rest & 0xffff : RTE_MIN(kind->rest, 0xffffu);
    const uint32_t sent = RTE_MIN(inner->l3_len + (uint32_t)outer_bytes, 0xffffu);

    return icmp_mtu(af, (int)(told ? told : icmp_plateau((uint16_t)sent)) - outer_bytes);
}

enum verdict reply_tunnel_error(struct worker *w, struct pkt *p, const struct inner *inner,
                                uint16_t outer_bytes)
{
    const struct addr16 client = key_src(inner->af, &inner->key);
    const struct icmp_kind told = icmp_kind_get(p);
    const struct error_kind *kind = kind_through_tunnel(p->af, &told);
    const uint16_t n_quote = quote_bytes(inner->af,
                                         (uint32_t)(inner->l4 - inner->l3) + inner->l4_len);
    uint16_t info = 0;

    if (!kind || !is_one_host(inner->af, client))
        return V_CONTINUE;
    if (!bucket_take(&w->icmp, w->settings->icmp_pps, w->now_us))
        return V_DROP_ICMP_RATE;
    if (kind == &too_big)
        info = mtu_through_tunnel(p, &told, inner->af, inner, outer_bytes);
    p->af = inner->af;          /* two IP headers and ICMP's stand in front: there is room */
    p->l3 = inner->l3 - ICMP_HDR_BYTES - ip_hdr_bytes(p->af);
    p->l3_len = (uint16_t)(ip_hdr_bytes(p->af) + ICMP_HDR_BYTES + n_quote);
    end_frame(p);
    make_ip(w, p, icmp_proto(p->af), key_dst(p->af, &inner->key), client);
    fill_error(p, kind, info);
    return reply_send(w, p, client, V_ICMP_RELATED);
}
