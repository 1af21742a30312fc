/* ip6_count.c - which counter of IPv6 a packet moves. */
#include "pkt/ip6_count.h"

enum { MULTICAST = 0xff, ECN_SHIFT = 20 };

#define C(symbol, counter_name, text) [IP6_##symbol] = { .name = counter_name, .help = text },
const struct ip6_counter_info ip6_counter_info[N_IP6_COUNTERS] = { IP6_COUNTERS(C) };
#undef C

/* What is received is counted elsewhere, so its counter's number is that of none. */
enum { NONE = IP6_IN_PKTS };
_Static_assert(NONE == 0, "verdicts without a row have none");

/* Drops without a row are IN_DISCARDS. */
static const uint8_t counter_of[N_VERDICTS] = {
    [V_ECHO_REPLIED] = IP6_IN_DELIVERS, [V_RESET_SENT] = IP6_IN_DELIVERS,
    [V_TO_KERNEL] = IP6_IN_DELIVERS, [V_TO_KERNEL_CONTROL] = IP6_IN_DELIVERS,
    [V_TO_HOST_ND] = IP6_IN_DELIVERS, [V_TO_HOST_MLD] = IP6_IN_DELIVERS,
    [V_TRANSIT] = IP6_OUT_FORWARDED,
    [V_DROP_BAD_IP] = IP6_IN_HDR_ERRORS, [V_DROP_TTL] = IP6_IN_HDR_ERRORS,
    [V_DROP_TOO_BIG] = IP6_IN_TOO_BIG, [V_DROP_NO_ROUTE] = IP6_IN_NO_ROUTES,
    [V_DROP_STANDBY] = IP6_IN_ADDR_ERRORS, [V_DROP_TENTATIVE] = IP6_IN_ADDR_ERRORS,
    [V_DROP_NOT_FORWARDING] = IP6_IN_ADDR_ERRORS,
    [V_DROP_TOO_SHORT] = IP6_IN_TRUNCATED,
    [V_DROP_BAD_ICMP] = IP6_CSUM_ERRORS, [V_DROP_BAD_SCTP] = IP6_CSUM_ERRORS,
};

/* By the two bits of the traffic class (RFC 3168 5). */
static const uint8_t ecn_counter[4] = {
    IP6_NO_ECT_PKTS, IP6_ECT1_PKTS, IP6_ECT0_PKTS, IP6_CE_PKTS,
};

void ip6_count_received(uint64_t counts[N_IP6_COUNTERS], const struct pkt *p, enum verdict parsed)
{
    const struct ip6_header *ip = pkt_ip6(p);

    counts[IP6_IN_PKTS]++;
    if (parsed != V_CONTINUE) { /* its header may not be one */
        counts[IP6_IN_OCTETS] += rte_pktmbuf_data_len(p->m) - (uint32_t)ETH_HDR_BYTES;
        return;
    }
    counts[IP6_IN_OCTETS] += p->l3_len;
    counts[ecn_counter[rte_be_to_cpu_32(ip->version_be) >> ECN_SHIFT & 3]]++;
    if (ip->dst[0] == MULTICAST) {
        counts[IP6_IN_MCAST_PKTS]++;
        counts[IP6_IN_MCAST_OCTETS] += p->l3_len;
    }
}

void ip6_count_judged(uint64_t counts[N_IP6_COUNTERS], uint16_t l3_len, enum verdict v)
{
    const uint8_t counter = counter_of[v];

    if (counter != NONE)
        counts[counter]++;
    else if (verdict_is_drop(v))
        counts[IP6_IN_DISCARDS]++;
    if (v == V_TRANSIT) {
        counts[IP6_OUT_PKTS]++;
        counts[IP6_OUT_OCTETS] += l3_len;
    }
}

void ip6_count_made(uint64_t counts[N_IP6_COUNTERS], const uint8_t dst[16], uint32_t n_bytes,
                    enum verdict v)
{
    if (verdict_is_drop(v)) {
        counts[v == V_DROP_NO_ROUTE ? IP6_OUT_NO_ROUTES : IP6_OUT_DISCARDS]++;
        return;
    }
    counts[IP6_OUT_PKTS]++;
    counts[IP6_OUT_OCTETS] += n_bytes;
    if (dst[0] == MULTICAST) {
        counts[IP6_OUT_MCAST_PKTS]++;
        counts[IP6_OUT_MCAST_OCTETS] += n_bytes;
    }
}
