/* verdict.h - everything that can become of a packet: enum, counter and name in one list.
 *
 * A stage returns a verdict; the caller counts it and frees the packet if it is a drop. Nothing
 * is dropped uncounted. V(symbol, is_drop, name, help).
 */
#ifndef DPVS_PKT_VERDICT_H
#define DPVS_PKT_VERDICT_H

#include <stdint.h>

#define VERDICTS(V)                                                                              \
    V(CONTINUE, 0, "continue", "not decided yet (never counted)")                                \
    V(FORWARD_IN, 0, "forward-in", "client to real server, known connection")                    \
    V(FORWARD_OUT, 0, "forward-out", "real server to client, known connection")                  \
    V(SCHEDULED, 0, "scheduled", "first packet of a new connection")                             \
    V(ICMP_RELATED, 0, "icmp-related", "ICMP error translated to the connection's other side")   \
    V(TRANSIT, 0, "transit", "routed on by ipv4_defs or ipv6_defs forwarding")                   \
    V(ECHO_REPLIED, 0, "echo-replied", "ICMP echo answered here")                                \
    V(RESET_SENT, 0, "reset-sent", "TCP segment, or SCTP packet, without a connection "          \
      "answered with a reset")                                                                   \
    V(EXPIRY_RESET, 0, "expiry-reset", "reset or ABORT made because an idle connection expired") \
    V(ICMP_ERROR_SENT, 0, "icmp-error-sent", "packet answered with an ICMP error")               \
    V(TOA_NO_ROOM, 0, "toa-no-room", "segment sent without the client's address: no room for it") \
    V(REDIRECTED, 0, "redirected", "handed to the worker that owns its flow group")              \
    V(TO_KERNEL, 0, "to-kernel", "handed to the device's kernel port, bulk class")               \
    V(TO_KERNEL_CONTROL, 0, "to-kernel-control", "the same, control class (ARP, VRRP, OSPF ...)") \
    V(TO_HOST_ARP, 0, "arp-received", "ARP packet for the host thread")                          \
    V(TO_HOST_ND, 0, "nd-received", "IPv6 neighbour discovery packet for the host thread")       \
    V(TO_HOST_MLD, 0, "mld-received", "query for IPv6 multicast listeners, for the host thread") \
    V(FRAGMENT_WAITING, 0, "fragment-waiting", "fragment that came before the first of its "     \
      "packet")                                                                                  \
    V(FRAGMENTED, 0, "fragmented", "fragment made here of a packet larger than the next hop's "  \
      "MTU")                                                                                     \
    V(RESOLVING, 0, "resolving", "waits for its next hop's address")                             \
    V(FROM_HOST, 0, "from-host", "sent for the host thread: ARP, packets of Linux")              \
    V(SENT_FOR_PEER, 0, "sent-for-peer", "sent for a worker without a queue on that device")     \
    V(ARP_HANDLED, 0, "arp-handled", "ARP packet learnt from or answered by the host thread")    \
    V(ARP_CONFLICT, 0, "arp-conflict", "ARP packet of another station that uses an address of "  \
      "ours")                                                                                    \
    V(ND_HANDLED, 0, "nd-handled", "neighbour discovery packet learnt from or answered by the "  \
      "host thread")                                                                             \
    V(ND_CONFLICT, 0, "nd-conflict", "the same of another station that uses an IPv6 address "    \
      "of ours")                                                                                 \
    V(MLD_HANDLED, 0, "mld-handled", "query for IPv6 multicast listeners, answered in time")     \
    V(MLD_FULL, 0, "mld-full", "IPv6 multicast group not reported: more than 4096 are joined")   \
    V(KERNEL_DELIVERED, 0, "kernel-delivered", "written to the kernel port")                     \
    V(DROP_OTHER_HOST, 1, "other-host", "unicast frame for another station")                     \
    V(DROP_TOO_SHORT, 1, "too-short", "frame shorter than its headers say")                      \
    V(DROP_BAD_IP, 1, "bad-ip-header", "IP version, header length or total length wrong")        \
    V(DROP_BAD_CHECKSUM, 1, "bad-ip-checksum", "IP header checksum wrong")                       \
    V(DROP_FRAGMENT, 1, "fragment", "ICMP error about a later fragment, which tells no "         \
      "connection")                                                                              \
    V(DROP_FRAGMENT_BAD, 1, "fragment-bad", "fragment that no sender makes: over the "           \
      "transport header, beyond 64 kB, or of odd length")                                        \
    V(DROP_FRAGMENT_LOST, 1, "fragment-lost", "the first fragment of its packet (of SCTP: or "   \
      "the last) did not come in time")                                                          \
    V(DROP_FRAGMENT_FULL, 1, "fragment-full", "too many fragments wait for their first one")     \
    V(DROP_FRAGMENT_RATE, 1, "fragment-rate-limit", "fragment of a balanced packet: more than "  \
      "fragment_pps")                                                                            \
    V(DROP_BAD_ICMP, 1, "bad-icmp", "ICMP checksum or length wrong")                             \
    V(DROP_BAD_SCTP, 1, "bad-sctp-checksum", "SCTP packet of a balanced flow whose CRC32c is "   \
      "wrong")                                                                                   \
    V(DROP_ICMP_RATE, 1, "icmp-rate-limit", "ICMP answer not made: more than icmp_pps")          \
    V(DROP_NO_DEST, 1, "no-dest", "no real server of the service can take a connection")         \
    V(DROP_STANDBY, 1, "standby", "its local addresses are not in use here: another director "   \
      "of the pair serves it")                                                                   \
    V(DROP_NO_LPORT, 1, "no-local-port", "no free local address and port towards that server")   \
    V(DROP_NAT_CLASH, 1, "nat-clash", "that client port is at that server's port already, from " \
      "another service")                                                                         \
    V(DROP_NOT_TRANSLATABLE, 1, "not-translatable", "between families: source-routed, an ICMP "  \
      "error that the other has no word for, or no room for the longer header")                  \
    V(DROP_NO_CONN, 1, "no-conn-memory", "the worker's connection pool is full")                 \
    V(DROP_OVERLOAD, 1, "dest-overload", "every dest is at its upper threshold")                 \
    V(DROP_NO_CONNECTION, 1, "no-connection", "without a connection, and nobody to be told so")  \
    V(DROP_RESET_RATE, 1, "reset-rate-limit", "TCP segment without a connection: more than "     \
      "reset_pps")                                                                               \
    V(DROP_SEGMENTS, 1, "segments", "packet in several buffers: not carried yet")                \
    V(DROP_DEFENCE_TCP, 1, "defence-tcp", "TCP to a balanced address, no connection, no service") \
    V(DROP_DEFENCE_UDP, 1, "defence-udp", "UDP to a balanced address, no such service")          \
    V(DROP_QUIESCED, 1, "quiesced", "its dest is gone or weight 0, and connections expire then") \
    V(DROP_NO_ROUTE, 1, "no-route", "no route towards the next hop of a connection")             \
    V(DROP_NO_SOURCE, 1, "no-source-address", "the device has no address to send tunnelled "     \
      "packets from")                                                                            \
    V(DROP_TTL, 1, "ttl-expired", "TTL reached zero")                                            \
    V(DROP_TOO_BIG, 1, "too-big", "larger than the next hop's MTU")                              \
    V(DROP_NOT_FORWARDING, 1, "not-forwarding", "transit packet, and its family's forwarding "   \
      "is off")                                                                                  \
    V(DROP_IP6_DISABLED, 1, "ipv6-disabled", "IPv6 packet, and ipv6_defs disable is on")         \
    V(DROP_NO_KERNEL_PORT, 1, "no-kernel-port", "for Linux, but the device has no kernel port")  \
    V(DROP_KERNEL_RATE, 1, "kernel-rate-limit", "for Linux, bulk class: more than "              \
      "kernel_bulk_pps")                                                                         \
    V(DROP_HOST_RING, 1, "host-ring-full", "the ring to the host thread was full")               \
    V(DROP_HOST_RING_CONTROL, 1, "host-ring-full-control", "the same, control class")            \
    V(DROP_PEER_RING, 1, "peer-ring-full", "the ring to another worker was full")                \
    V(DROP_TX_FULL, 1, "tx-full", "the device's transmit queue was full")                        \
    V(DROP_NO_MBUF, 1, "no-mbuf", "the packet pool was empty")                                   \
    V(DROP_UNRESOLVED, 1, "unresolved", "the next hop never answered")                           \
    V(DROP_UNRES_FULL, 1, "unresolved-full", "too many packets wait for that next hop")          \
    V(DROP_ARP_RATE, 1, "arp-rate-limit", "ARP and neighbour discovery packets beyond arp_pps")  \
    V(DROP_BAD_ARP, 1, "bad-arp", "ARP packet malformed or not Ethernet/IPv4")                   \
    V(DROP_BAD_ND, 1, "bad-nd", "neighbour discovery packet malformed, or not from this link")   \
    V(DROP_TENTATIVE, 1, "tentative", "for an IPv6 address that is not (yet) verified to be ours") \
    V(DROP_KERNEL_FULL, 1, "kernel-port-full", "the kernel port did not take it")

#define V(symbol, is_drop, name, help) V_##symbol,
enum verdict { VERDICTS(V) N_VERDICTS };
#undef V

/* What is no drop comes first in the list, so that one compare tells. */
#define V(symbol, is_drop, name, help) && (is_drop) == (V_##symbol >= V_DROP_OTHER_HOST)
_Static_assert(1 VERDICTS(V), "V_DROP_OTHER_HOST is the first drop, and only drops follow");
#undef V

static inline int verdict_is_drop(enum verdict v)
{
    return v >= V_DROP_OTHER_HOST;
}

struct verdict_info {
    const char *name, *help;
    uint8_t is_drop;
};

extern const struct verdict_info verdict_info[N_VERDICTS];

#endif
