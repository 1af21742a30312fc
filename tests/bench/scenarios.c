/* scenarios.c - the table of scenarios. */
#include "compare.h"
#include "conn_setup.h"
#include "fnat.h"
#include "latency.h"
#include "references.h"
#include "scenario.h"
#include "stages.h"
#include "tcp_crr.h"

enum {
    ALWAYS = OPT_FLOWS | OPT_SECONDS,
    PACKETS = ALWAYS | OPT_PACKET_BYTES,
    PLACES = OPT_SERVICES | OPT_DESTS | OPT_SCHED,
    WIRING = OPT_WORKERS | OPT_SELF_FED,
};

const struct scenario scenarios[] = {
    { .name = "io", .takes = PACKETS | WIRING, .run = io_run,
      .help = "the ports alone: receive and send (reference)" },
    { .name = "macswap", .takes = PACKETS | WIRING, .run = macswap_run,
      .help = "receive, swap the MAC addresses, send (reference)" },
    { .name = "nat", .takes = PACKETS | WIRING, .run = nat_run,
      .help = "bare NAT: parse, one staged lookup, rewrite, counters (reference)" },
    { .name = "fnat", .takes = PACKETS | WIRING | PLACES, .run = fnat_run,
      .help = "FNAT of UDP connections that stand, both directions half and half" },
    { .name = "fnat-tcp", .takes = PACKETS | WIRING | PLACES, .run = fnat_tcp_run,
      .help = "FNAT of established TCP connections, option 254 not due any more" },
    { .name = "fnat6", .takes = PACKETS | WIRING | PLACES, .run = fnat6_run,
      .help = "FNAT of UDP over IPv6, else as fnat" },
    { .name = "masq", .takes = PACKETS | WIRING | PLACES, .run = masq_run,
      .help = "NAT (-m) of UDP: the destination alone, else as fnat" },
    { .name = "masq-tcp", .takes = PACKETS | WIRING | PLACES, .run = masq_tcp_run,
      .help = "NAT (-m) of established TCP connections, else as fnat-tcp" },
    { .name = "snat", .takes = PACKETS | WIRING | PLACES, .run = snat_run,
      .help = "SNAT of UDP: the hosts inside reach the servers under a WAN address, else as fnat" },
    { .name = "nat64", .takes = PACKETS | WIRING | PLACES, .run = nat64_run,
      .help = "FNAT of UDP between clients of IPv6 and servers of IPv4, else as fnat" },
    { .name = "dr", .takes = PACKETS | WIRING | PLACES, .run = dr_run,
      .help = "direct routing of UDP: the clients' packets, which are all that come" },
    { .name = "tunnel", .takes = PACKETS | WIRING | PLACES, .run = tunnel_run,
      .help = "the same into IPv4 tunnels" },
    { .name = "redirect", .takes = PACKETS | PLACES | OPT_REDIRECT_PCT, .min_workers = 2,
      .run = redirect_run,
      .help = "two workers, a share of the packets arriving at the one that does not own them" },
    { .name = "tcp-crr", .takes = PACKETS | PLACES, .run = tcp_crr_run,
      .help = "TCP connect, request, response, close: whole connections, expiry included" },
    { .name = "conn-setup", .takes = PACKETS | PLACES, .run = conn_setup_run,
      .help = "first packets only: a new UDP connection each, and its expiry" },
    { .name = "stages", .takes = PACKETS | PLACES, .run = stages_run,
      .help = "where the cycles of an FNAT packet go: the fast path cut off ever later" },
    { .name = "latency-fnat", .takes = PACKETS | PLACES | OPT_RATE_MPPS, .needs = OPT_RATE_MPPS,
      .run = latency_fnat_run,
      .help = "time from send to receive through FNAT at a steady rate" },
    { .name = "latency-nat", .takes = PACKETS | OPT_RATE_MPPS, .needs = OPT_RATE_MPPS,
      .run = latency_nat_run,
      .help = "the same through bare NAT (reference)" },
    { .name = "compare-hash", .takes = ALWAYS, .run = compare_hash_run,
      .help = "cycles a lookup: the connection table and rte_hash" },
    { .name = "compare-timer", .takes = ALWAYS, .run = compare_timer_run,
      .help = "cycles a refresh, arming and expiry: the lazy wheel and rte_timer" },
    { .name = NULL },
};
