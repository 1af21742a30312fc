/* cut.c - fragments of one packet, one after the other. */
#include "pkt/cut.h"

#include "pkt/ip.h"

enum { IP4OPT_END_OF_LIST = 0, IP4OPT_NO_OPERATION = 1, IP4OPT_IN_EVERY_PIECE = 0x80 };

static bool begin4(struct cut *cut, const struct ip4_hdr *ip, uint32_t n_bytes)
{
    const uint16_t word = rte_be_to_cpu_16(ip->frag_be);

    cut->head_bytes = (uint16_t)ip4_hdr_bytes(ip);
    cut->payload = cut->l3 + cut->head_bytes;
    cut->n_left = n_bytes - cut->head_bytes;
    cut->offset_bytes = (word & 0x1fffu) * 8;
    cut->more = word & IP4_MF;
    cut->is_fragment = word & IP4_FRAG_MASK;
    cut->id = rte_be_to_cpu_16(ip->id_be);
    return !(word & IP4_DF);
}

static bool begin6(struct cut *cut, const struct ip6_header *ip, uint32_t n_bytes)
{
    const struct ip6_frag_header *frag = (const struct ip6_frag_header *)(ip + 1);

    cut->head_bytes = IP6_HDR_BYTES + sizeof *frag;
    if (ip->next == EXT_FRAGMENT) {
        const uint16_t word = rte_be_to_cpu_16(frag->offset_be);

        cut->payload = (const uint8_t *)(frag + 1);
        cut->next = frag->next;
        cut->is_fragment = true;
        cut->offset_bytes = word & 0xfff8u;
        cut->more = word & 1;
        cut->id = rte_be_to_cpu_32(frag->id_be);
    } else {
        cut->payload = (const uint8_t *)(ip + 1);
        cut->next = ip->next;
    }
    cut->n_left = n_bytes - (uint32_t)(cut->payload - cut->l3);
    return ip->next != EXT_HOP_BY_HOP && ip->next != EXT_ROUTING && ip->next != EXT_DEST_OPTIONS;
}

bool cut_begin(struct cut *cut, const uint8_t *l3, uint32_t n_bytes, uint16_t mtu)
{
    const struct ip4_hdr *ip4 = (const struct ip4_hdr *)l3;
    const struct ip6_header *ip6 = (const struct ip6_header *)l3;
    uint32_t said_bytes;

    *cut = (struct cut){ .l3 = l3, .af = l3[0] >> 4 };
    said_bytes = cut->af == 4 ? rte_be_to_cpu_16(ip4->total_be)
                              : rte_be_to_cpu_16(ip6->payload_be) + (uint32_t)IP6_HDR_BYTES;
    if (said_bytes <= mtu || said_bytes > n_bytes ||
        !(cut->af == 4 ? begin4(cut, ip4, said_bytes) : begin6(cut, ip6, said_bytes)) ||
        mtu < cut->head_bytes + 8)
        return false;
    cut->piece_bytes = (mtu - cut->head_bytes) & ~7u;
    return true;
}

/* Options that are the first piece's alone (RFC 791 3.1), blanked. */
static void blank_options(struct ip4_hdr *ip)
{
    uint8_t *o = (uint8_t *)(ip + 1), *const end = (uint8_t *)ip + ip4_hdr_bytes(ip);

    while (o < end && *o != IP4OPT_END_OF_LIST) {
        const unsigned n = *o == IP4OPT_NO_OPERATION ? 1 : end - o < 2 ? 0 : o[1];

        if (!n || n > (unsigned)(end - o))
            return;             /* malformed: as it came */
        if (!(*o & IP4OPT_IN_EVERY_PIECE))
            memset(o, IP4OPT_NO_OPERATION, n);
        o += n;
    }
}

static void head4(const struct cut *cut, struct pkt *piece, bool is_last)
{
    struct ip4_hdr *ip = pkt_ip4(piece);
    const bool more = !is_last || cut->more;

    memcpy(ip, cut->l3, cut->head_bytes);
    if (cut->offset_bytes)
        blank_options(ip);
    ip->total_be = rte_cpu_to_be_16(piece->l3_len);
    ip->id_be = rte_cpu_to_be_16((uint16_t)cut->id);
    ip->frag_be = rte_cpu_to_be_16((uint16_t)(cut->offset_bytes / 8 | (more ? IP4_MF : 0)));
    ip4_set_csum(ip);
}

static void head6(const struct cut *cut, struct pkt *piece, bool is_last)
{
    struct ip6_header *ip = pkt_ip6(piece);
    struct ip6_frag_header *frag = (struct ip6_frag_header *)(ip + 1);
    const bool more = !is_last || cut->more;

    memcpy(ip, cut->l3, IP6_HDR_BYTES);
    ip->next = EXT_FRAGMENT;
    ip->payload_be = rte_cpu_to_be_16((uint16_t)(piece->l3_len - IP6_HDR_BYTES));
    *frag = (struct ip6_frag_header){
        .next = cut->next, .offset_be = rte_cpu_to_be_16((uint16_t)(cut->offset_bytes | more)),
        .id_be = rte_cpu_to_be_32(cut->id),
    };
}

bool cut_next(struct cut *cut, struct pkt *piece)
{
    const uint32_t n = RTE_MIN(cut->n_left, cut->piece_bytes);
    uint8_t *frame;

    piece->af = cut->af;
    piece->l3_len = (uint16_t)(cut->head_bytes + n);
    frame = (uint8_t *)rte_pktmbuf_append(piece->m, (uint16_t)(ETH_HDR_BYTES + piece->l3_len));
    if (!frame)
        return false;
    piece->l3 = frame + ETH_HDR_BYTES;
    (cut->af == 4 ? head4 : head6)(cut, piece, n == cut->n_left);
    memcpy(piece->l3 + cut->head_bytes, cut->payload, n);
    cut->payload += n;
    cut->offset_bytes += n;
    cut->n_left -= n;
    return true;
}
