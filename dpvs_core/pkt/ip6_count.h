/* ip6_count.h - counters of IPv6 beside connections: what `dpip ipv6 show` tells (D-080).
 *
 * As RFC 4293 counts, under DPVS's names and in its order, what the slow stages see and threads
 * make. Packets of established connections are counted with their service: they pay nothing here.
 * What waits for its first fragment, or is another worker's, is received once and judged once.
 * C(symbol, name, help).
 */
#ifndef DPVS_PKT_IP6_COUNT_H
#define DPVS_PKT_IP6_COUNT_H

#include "base/addr.h"
#include "pkt/pkt.h"
#include "pkt/verdict.h"

#define IP6_COUNTERS(C)                                                                          \
    C(IN_PKTS, "InReceives", "received, but for packets of established connections")             \
    C(IN_OCTETS, "InOctets", "bytes of those")                                                   \
    C(IN_DELIVERS, "InDelivers", "for this host: answered here, or handed to Linux")             \
    C(OUT_FORWARDED, "OutForwDatagrams", "routed on")                                            \
    C(OUT_PKTS, "OutRequests", "sent: routed on, or made here (answers, errors, ND, MLD)")       \
    C(OUT_OCTETS, "OutOctets", "bytes of those")                                                 \
    C(IN_HDR_ERRORS, "InHdrErrors", "header wrong, or the hop limit over")                       \
    C(IN_TOO_BIG, "InTooBigErrors", "larger than the next hop's MTU")                            \
    C(IN_NO_ROUTES, "InNoRoutes", "no route towards its next hop")                               \
    C(IN_ADDR_ERRORS, "InAddrErrors", "for an address not in use here, and not routed on")       \
    C(IN_UNKNOWN_PROTOS, "InUnknownProtos", "none: what is not known here is Linux's")           \
    C(IN_TRUNCATED, "InTruncatedPkts", "shorter than its headers say")                           \
    C(IN_DISCARDS, "InDiscards", "dropped for another reason: `dpip drops` has each")            \
    C(OUT_DISCARDS, "OutDiscards", "made here and dropped")                                      \
    C(OUT_NO_ROUTES, "OutNoRoutes", "made here, and no route to its destination")                \
    C(REASM_TIMEOUT, "ReasmTimeout", "fragments whose first one did not come in time")           \
    C(REASM_REQDS, "ReasmReqds", "none: fragments are forwarded as they are")                    \
    C(REASM_OKS, "ReasmOKs", "the same")                                                         \
    C(REASM_FAILS, "ReasmFails", "the same")                                                     \
    C(FRAG_OKS, "FragOKs", "packets cut to leave")                                               \
    C(FRAG_FAILS, "FragFails", "none: what may not be cut is in InTooBigErrors")                 \
    C(FRAG_CREATES, "FragCreates", "fragments made of those that were cut")                      \
    C(IN_MCAST_PKTS, "InMcastPkts", "received to multicast addresses")                           \
    C(OUT_MCAST_PKTS, "OutMcastPkts", "made here for multicast addresses")                       \
    C(IN_BCAST_PKTS, "InBcastPkts", "none: IPv6 has no broadcast")                               \
    C(OUT_BCAST_PKTS, "OutBcastPkts", "the same")                                                \
    C(IN_MCAST_OCTETS, "InMcastOctets", "bytes of InMcastPkts")                                  \
    C(OUT_MCAST_OCTETS, "OutMcastOctets", "bytes of OutMcastPkts")                               \
    C(IN_BCAST_OCTETS, "InBcastOctets", "none, as InBcastPkts")                                  \
    C(OUT_BCAST_OCTETS, "OutBcastOctets", "the same")                                            \
    C(CSUM_ERRORS, "InCsumErrors", "ICMPv6 or SCTP checksum wrong")                              \
    C(NO_ECT_PKTS, "InNoECTPkts", "received without ECN")                                        \
    C(ECT1_PKTS, "InECT1Pkts", "received with ECT(1)")                                           \
    C(ECT0_PKTS, "InECT0Pkts", "received with ECT(0)")                                           \
    C(CE_PKTS, "InCEPkts", "received with congestion experienced")

#define C(symbol, name, help) IP6_##symbol,
enum ip6_counter { IP6_COUNTERS(C) N_IP6_COUNTERS };
#undef C

struct ip6_counter_info {
    const char *name, *help;
};
extern const struct ip6_counter_info ip6_counter_info[N_IP6_COUNTERS];

/* p was parsed, with this result; all of its bytes are there still. */
void ip6_count_received(uint64_t counts[N_IP6_COUNTERS], const struct pkt *p, enum verdict parsed);
/* What became of one that was received; l3_len as it came. */
void ip6_count_judged(uint64_t counts[N_IP6_COUNTERS], uint16_t l3_len, enum verdict v);
/* Made here, n_bytes with its IP header, and sent, or not. */
void ip6_count_made(uint64_t counts[N_IP6_COUNTERS], const uint8_t dst[16], uint32_t n_bytes,
                    enum verdict v);

#endif
