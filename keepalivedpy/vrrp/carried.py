"""What runs so far of an instance's addresses, routes and trackers, in the configuration's words.

One table for those who read a configuration, and warn, and for those who act on it. What stands in
LEFT_OUT does without its feature; a route with a feature of NEEDED would be another route without
it, and is not made.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from keepalivedpy.model.routing import VirtualAddress, VirtualRoute
from keepalivedpy.model.trackers import Track
from keepalivedpy.model.vrrp import UnicastPeer, VrrpInstance

ADDRESS_LEFT_OUT = {
    "peer": "peer",
    "home": "home",
    "nodad": "-nodad",
    "mngtmpaddr": "mngtmpaddr",
    "noprefixroute": "noprefixroute",
    "autojoin": "autojoin",
    "preferred_lft_s": "preferred_lft",
    "no_track": "no_track",
    "use_vmac": "use_vmac",
    "track_group": "track_group",
}

ROUTE_NEEDED = {
    "op": "add, append or prepend",
    "table": "table",
    "vrf": "vrf",
    "tos": "tos",
    "from_prefix": "from",
    "encap": "encap",
    "nexthops": "nexthop",
    "onlink": "onlink",
}

ROUTE_LEFT_OUT = {
    "family": "inet",
    "protocol": "protocol",
    "expires_s": "expires",
    "realms": "realms",
    "mtu": "mtu",
    "hoplimit": "hoplimit",
    "advmss": "advmss",
    "rtt_ms": "rtt",
    "rttvar_ms": "rttvar",
    "rto_min_ms": "rto_min",
    "reordering": "reordering",
    "window": "window",
    "cwnd": "cwnd",
    "ssthresh": "ssthresh",
    "initcwnd": "initcwnd",
    "initrwnd": "initrwnd",
    "features_ecn": "features",
    "quickack": "quickack",
    "fastopen_no_cookie": "fastopen_no_cookie",
    "congctl": "congctl",
    "pref": "pref",
    "ttl_propagate": "ttl-propagate",
    "no_track": "no_track",
    "track_group": "track_group",
}

PEER_LEFT_OUT = {"min_ttl": "min_ttl", "max_ttl": "max_ttl"}

Item = VirtualAddress | VirtualRoute | UnicastPeer


def left_out(item: Item) -> list[str]:
    """The features of an item that it goes without."""
    match item:
        case VirtualAddress():
            return _written(item, ADDRESS_LEFT_OUT)
        case VirtualRoute():
            return _written(item, ROUTE_LEFT_OUT)
        case UnicastPeer():
            return _written(item, PEER_LEFT_OUT)


def needed(route: VirtualRoute) -> list[str]:
    """The features without which a route is not made."""
    kind = [] if route.kind == "unicast" else [f"type {route.kind}"]
    return kind + _written(route, ROUTE_NEEDED)


def _written(item: Any, features: Mapping[str, str]) -> list[str]:
    """A 0 is written, though it is equal to False."""
    values = {word: getattr(item, field) for field, word in features.items()}
    return [
        word
        for word, value in values.items()
        if not (value is None or value is False or value == ())
    ]


def is_carried(track: Track) -> bool:
    """Whether a line of track_interface makes FAULT: another weight changes the priority."""
    return not track.weight and not track.reverse


def routes_made(routes: Iterable[VirtualRoute]) -> tuple[VirtualRoute, ...]:
    return tuple(route for route in routes if not needed(route))


def runs(instance: VrrpInstance) -> bool:
    """Whether the instance can run: it needs an interface."""
    return instance.interface != ""


def reduced(instance: VrrpInstance) -> VrrpInstance:
    """The instance as it runs."""
    return msgspec.structs.replace(
        instance,
        virtual_routes=routes_made(instance.virtual_routes),
        track_interface=tuple(track for track in instance.track_interface if is_carried(track)),
    )
