"""The words that address, route and rule lines may have (keepalived.conf, iproute2's language)."""

SCOPES = ("global", "nowhere", "host", "link", "site")

ADDRESS_FLAGS = {
    "sapool": "sapool",
    "home": "home",
    "-nodad": "nodad",
    "mngtmpaddr": "mngtmpaddr",
    "noprefixroute": "noprefixroute",
    "autojoin": "autojoin",
    "no_track": "no_track",
    "use_vmac": "use_vmac",
}
"""Options of an address line without a word behind them, and their fields."""

ROUTE_TYPES = (
    "unicast",
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

ROUTE_METRICS = {
    "mtu": "mtu",
    "hoplimit": "hoplimit",
    "advmss": "advmss",
    "rtt": "rtt_ms",
    "rttvar": "rttvar_ms",
    "rto_min": "rto_min_ms",
    "reordering": "reordering",
    "window": "window",
    "cwnd": "cwnd",
    "ssthresh": "ssthresh",
    "initcwnd": "initcwnd",
    "initrwnd": "initrwnd",
}
"""`NAME [lock] N` of a route and their fields."""

RULE_ACTIONS = ("nop", "blackhole", "unreachable", "prohibit")

ADDRESS_FORM = (
    "ADDRESS[/LENGTH] [dev IF] [brd ADDRESS|+|-] [scope SCOPE] [label LABEL] [peer ADDRESS] "
    "[preferred_lft N|forever] [track_group NAME] [home] [-nodad] [no_track] ..."
)
