"""What keepalived.conf says about links and groups outside the instances."""

from typing import Literal

import msgspec


class TrackGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Instances that watch the static items which name it."""

    name: str
    group: tuple[str, ...] = ()
    place: str = ""


class GarpGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Interfaces that share one pace of gratuitous ARP and neighbour advertisements."""

    garp_interval_us: int | None = None
    gna_interval_us: int | None = None
    interfaces: tuple[str, ...] = ()


class LinkbeatInterface(msgspec.Struct, frozen=True):
    """`IF [MII|ETHTOOL|IOCTL]`: its link is polled."""

    name: str
    how: Literal["MII", "ETHTOOL", "IOCTL"] | None = None


class InterfaceDelays(msgspec.Struct, frozen=True):
    """`IF DOWN [UP]`: seconds that a change must last; without UP it is DOWN."""

    name: str
    down_s: float
    up_s: float | None = None
