/* classify.c - which frames keep the cluster alive: they go first and are never policed.
 *
 * ARP and IPv6 neighbour discovery (RFC 826, 4861), LACP and LLDP, VRRP (112, RFC 5798), OSPF (89,
 * RFC 2328), BFD (RFC 5881, 5883) and BGP (RFC 4271). Reads the first headers only; IPv6 extension
 * headers are not followed. A few compares; owns nothing.
 */
#include "pkt/classify.h"

#include <stdbool.h>

#include "pkt/headers.h"

enum {
    ETHERTYPE_VLAN = 0x8100, ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_SLOW = 0x8809,    /* LACP and marker, IEEE 802.3 annex 57A */
    ETHERTYPE_LLDP = 0x88cc,
    MAX_TAGS = 2, TAG_BYTES = 4,
    PROTO_OSPF = 89, PROTO_VRRP = 112,
    ND_FIRST = 133, ND_LAST = 137,
    PORT_BGP = 179, PORT_BFD = 3784, PORT_BFD_ECHO = 3785, PORT_BFD_MULTIHOP = 4784,
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static bool is_bfd(uint16_t dport)
{
    return dport == PORT_BFD || dport == PORT_BFD_ECHO || dport == PORT_BFD_MULTIHOP;
}

/* l4: where the ports or the ICMPv6 type stand; n_bytes 0: a later fragment, none there. */
static enum host_class l4_class(uint8_t proto, const uint8_t *l4, uint32_t n_bytes)
{
    bool control = false;

    if (proto == PROTO_VRRP || proto == PROTO_OSPF)
        control = true;
    else if (proto == PROTO_TCP && n_bytes >= 4)
        control = get16(l4) == PORT_BGP || get16(l4 + 2) == PORT_BGP;
    else if (proto == PROTO_UDP && n_bytes >= 4)
        control = is_bfd(get16(l4 + 2));
    else if (proto == PROTO_ICMP6 && n_bytes >= 1)
        control = l4[0] >= ND_FIRST && l4[0] <= ND_LAST;
    return control ? CLASS_CONTROL : CLASS_BULK;
}

static enum host_class ip4_class(const uint8_t *l3, uint32_t n_bytes)
{
    const struct ip4_hdr *ip = (const struct ip4_hdr *)l3;
    uint32_t ihl;

    if (n_bytes < IP4_HDR_BYTES)
        return CLASS_BULK;
    ihl = ip4_hdr_bytes(ip);
    if (ihl < IP4_HDR_BYTES || ihl > n_bytes)
        return CLASS_BULK;
    return l4_class(ip->proto, l3 + ihl,
                    (ip->frag_be & RTE_BE16(0x1fff)) ? 0 : n_bytes - ihl);
}

static enum host_class ip6_class(const uint8_t *l3, uint32_t n_bytes)
{
    if (n_bytes < IP6_HDR_BYTES)
        return CLASS_BULK;
    return l4_class(((const struct ip6_header *)l3)->next, l3 + IP6_HDR_BYTES,
                    n_bytes - IP6_HDR_BYTES);
}

enum host_class pkt_class(const uint8_t *frame, uint32_t n_bytes)
{
    uint32_t off = ETH_HDR_BYTES;
    uint16_t type;

    if (n_bytes < off)
        return CLASS_BULK;
    type = get16(frame + off - 2);
    for (int tags = 0; tags < MAX_TAGS && (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ);
         tags++) {
        off += TAG_BYTES;
        if (n_bytes < off)
            return CLASS_BULK;
        type = get16(frame + off - 2);
    }
    switch (type) {
    case ETHERTYPE_ARP:
    case ETHERTYPE_SLOW:
    case ETHERTYPE_LLDP:
        return CLASS_CONTROL;
    case ETHERTYPE_IP4:
        return ip4_class(frame + off, n_bytes - off);
    case ETHERTYPE_IP6:
        return ip6_class(frame + off, n_bytes - off);
    default:
        return CLASS_BULK;
    }
}
