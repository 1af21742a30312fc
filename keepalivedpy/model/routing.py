"""Addresses, routes and rules as lines of keepalived.conf have them (iproute2's language).

None is "not written". A number that a name stands for (table main, protocol static) is kept as
the number.
"""

from typing import Literal

import msgspec

RouteType = Literal[
    "unicast", "local", "broadcast", "anycast", "multicast", "nat", "blackhole", "unreachable",
    "prohibit", "throw",
]  # fmt: skip
Family = Literal["inet", "inet6"]


class VirtualAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of virtual_ipaddress; dev None is the instance's interface (dpdk_interface).

    preferred_lft_s   -1 is for ever
    """

    addr: str
    prefixlen: int  # 32 (128) where none is written
    dev: str | None = None
    broadcast: str | None = None
    scope: str = "global"
    label: str | None = None
    sapool: bool = (
        False  # has ports for SNAT at once, as in `dpip addr add`; a WAN address has anyway
    )
    peer: str | None = None
    home: bool = False
    nodad: bool = False
    mngtmpaddr: bool = False
    noprefixroute: bool = False
    autojoin: bool = False
    preferred_lft_s: int | None = None
    no_track: bool = False
    use_vmac: bool = False
    track_group: str | None = None


class Encap(msgspec.Struct, frozen=True, kw_only=True):
    """`encap KIND ...` of a route or a nexthop."""

    kind: Literal["mpls", "ip", "ip6", "ila"]
    labels: tuple[int, ...] = ()  # mpls
    id: int | None = None  # ip, ip6
    dst: str | None = None
    src: str | None = None
    tos: int | None = None
    ttl: int | None = None  # hoplimit of ip6
    flags: int | None = None
    locator: str | None = None  # ila


class Nexthop(msgspec.Struct, frozen=True, kw_only=True):
    """`nexthop via ADDRESS dev IF ...` of a route with several ways."""

    via: str | None = None
    dev: str | None = None
    weight: int | None = None
    onlink: bool = False
    realms: str | None = None
    encap: Encap | None = None


class Metric(msgspec.Struct, frozen=True):
    """`mtu [lock] N` and its like: locked ones do not adapt."""

    value: int
    lock: bool = False


class VirtualRoute(msgspec.Struct, frozen=True, kw_only=True):
    prefix: str
    via: str | None = None
    dev: str | None = None
    src: str | None = None
    scope: str | None = None
    metric: int = 0
    kind: RouteType = "unicast"
    family: Family | None = None
    op: Literal["add", "append", "prepend"] | None = None
    onlink: bool = False
    table: int | None = None
    vrf: str | None = None
    protocol: int | None = None
    tos: int | None = None
    from_prefix: str | None = None
    expires_s: int | None = None
    realms: str | None = None
    mtu: Metric | None = None
    hoplimit: Metric | None = None
    advmss: Metric | None = None
    rtt_ms: Metric | None = None
    rttvar_ms: Metric | None = None
    rto_min_ms: Metric | None = None
    reordering: Metric | None = None
    window: Metric | None = None
    cwnd: Metric | None = None
    ssthresh: Metric | None = None
    initcwnd: Metric | None = None
    initrwnd: Metric | None = None
    features_ecn: bool = False
    quickack: bool | None = None
    fastopen_no_cookie: bool | None = None
    congctl: str | None = None
    congctl_lock: bool = False
    pref: Literal["low", "medium", "high"] | None = None
    ttl_propagate: bool | None = None
    encap: Encap | None = None
    nexthops: tuple[Nexthop, ...] = ()
    no_track: bool = False
    track_group: str | None = None


class Range(msgspec.Struct, frozen=True):
    """`FIRST[-LAST]` of ports or users."""

    first: int
    last: int


class VirtualRule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of virtual_rules: which packets look into which table.

    preference   None: keepalived numbers it from 16384 downwards
    """

    inverted: bool = False  # not
    from_prefix: str | None = None
    to_prefix: str | None = None
    iif: str | None = None
    oif: str | None = None
    tos: int | None = None
    fwmark: int | None = None
    fwmask: int | None = None
    ipproto: int | None = None
    sport: Range | None = None
    dport: Range | None = None
    uidrange: Range | None = None
    l3mdev: bool = False
    tunnel_id: int | None = None
    realms: str | None = None
    protocol: int | None = None
    preference: int | None = None
    suppress_prefixlength: int | None = None
    suppress_ifgroup: int | None = None
    table: int | None = None
    goto: int | None = None
    action: Literal["nop", "blackhole", "unreachable", "prohibit"] | None = None
    family: Family | None = None
    no_track: bool = False
    track_group: str | None = None
