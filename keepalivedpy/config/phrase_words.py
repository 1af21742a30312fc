"""The words that address and route lines may have (keepalived.conf, iproute2's language)."""

from collections.abc import Mapping

SCOPES = ("global", "nowhere", "host", "link", "site")

ADDRESS_LATER: Mapping[str, int] = {
    "peer": 1,
    "home": 0,
    "-nodad": 0,
    "mngtmpaddr": 0,
    "noprefixroute": 0,
    "autojoin": 0,
    "preferred_lft": 1,
    "no_track": 0,
    "use_vmac": 0,
    "track_group": 1,
}
"""Options of an address line that are known but not carried yet, and how many words follow."""

ROUTE_TYPES = ("unicast",)
ROUTE_TYPES_LATER = (
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "nat",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
)

_PLAIN = "onlink no_track inet inet6 append prepend add"
_VALUED = (
    "tos dsfield table protocol expires mtu hoplimit advmss rtt rttvar reordering window cwnd "
    "ssthresh rto_min initcwnd initrwnd realms features quickack congctl pref ttl-propagate "
    "fastopen_no_cookie from vrf track_group"
)
ROUTE_LATER: Mapping[str, int] = dict.fromkeys(_PLAIN.split(), 0) | dict.fromkeys(
    _VALUED.split(), 1
)
"""The same for a route line."""

ROUTE_TAILS = ("or", "nexthop", "encap")
"""Not carried yet; the rest of the line belongs to them."""
