"""What the director shall be: services, addresses, routes. The rows, and one place that holds them.

Rows are frozen; a request works on a `Draft` (overlays), `publish.py` tells the core and folds the
draft in. Who put a row there is part of it: an owner and the client's name (for leases).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from dpvs_core.control.messages import (
    AddrSpec,
    Code,
    DestSpec,
    Forward,
    Owner,
    Protocol,
    RouteSpec,
    ServiceKey,
    ServiceMatch,
    ServiceSpec,
)
from dpvs_core.master.engine import LbKey
from dpvs_core.master.errors import Refused
from dpvs_core.master.ids import IdPool, Ids
from dpvs_core.master.inet import Ip
from dpvs_core.master.overlay import Overlay

OPERATORS: frozenset[Owner] = frozenset({"cli", "agent"})
"""Who speaks for a person: may take away what others put there."""

PROTO_NUMBERS: dict[Protocol, int] = {
    "tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "icmpv6": 58, "any": 0,
}  # fmt: skip
PROTO_NAMES = {number: name for name, number in PROTO_NUMBERS.items()}


class By(NamedTuple):
    """Who asks."""

    owner: Owner
    client: str


@dataclass(frozen=True, slots=True)
class Device:
    """A port of dpvs.conf, in file order; its number is its place."""

    name: str
    kernel_port: str
    mtu: int


class MatchKey(NamedTuple):
    """What names a service by match (SNAT); its dests are WAN addresses."""

    proto: int
    match: ServiceMatch

    @property
    def af(self) -> int:
        return self.match.af


ServiceId = LbKey | MatchKey


class DestKey(NamedTuple):
    ip: Ip
    port: int


class Meaning(NamedTuple):
    """What a dest's spec says in the core's words; the same for many dests."""

    key: DestKey
    unicast: bool
    spec: DestSpec
    packed: bytes  # struct core_dest behind the id


class Dest(msgspec.Struct, frozen=True, gc=False):
    id: int
    spec: DestSpec
    owner: Owner
    packed: bytes  # struct core_dest


class LaddrUse(NamedTuple):
    """How a service holds an address; a floating hold keeps it attached but not in use."""

    owner: Owner
    floating: bool = False


@dataclass(frozen=True, slots=True)
class Laddr:
    dev: str
    addr: str
    use: LaddrUse


class Service(msgspec.Struct, frozen=True, gc=False):
    """Structs, not dataclasses: a batch makes tens of thousands, five times as fast. Trees, so the
    collector need not look at them."""

    id: int
    key: ServiceId
    spec: ServiceSpec
    owner: Owner
    packed: bytes  # struct core_service
    dests: Mapping[DestKey, Dest] = msgspec.field(default_factory=dict)
    laddrs: Mapping[Ip, Laddr] = msgspec.field(default_factory=dict)


class AddrKey(NamedTuple):
    dev: str
    ip: Ip


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a device: held by owners, and by the services it is a local address of."""

    spec: AddrSpec
    plen: int
    expires_at_s: float | None = None
    owners: Mapping[Owner, str] = field(default_factory=dict)  # owner -> client that added it
    laddr_of: Mapping[LaddrUse, int] = field(default_factory=dict)  # by how many services
    deprecated_at_s: float | None = None  # shown as such from then on
    deprecated: bool = False  # the core was told: it sends from others if it can

    @property
    def sapool(self) -> bool:
        """Whether it has ports to give."""
        return self.spec.sapool or bool(self.laddr_of)

    @property
    def held(self) -> bool:
        return bool(self.owners or self.laddr_of)

    @property
    def pinned(self) -> bool:
        """Whether a service keeps it in use, whoever else holds it."""
        return any(not use.floating for use in self.laddr_of)

    @property
    def active(self) -> bool:
        """Whether the core answers for it and gives its ports."""
        return bool(self.owners) or self.pinned

    @property
    def verified(self) -> bool:
        """Whether the core asks first if another station has it (RFC 4862 5.4): what an operator
        or dpvs.conf adds. A VIP is taken over at once, a local address used at once."""
        return bool(self.owners) and "vrrp" not in self.owners and not self.spec.nodad

    @property
    def all_owners(self) -> tuple[Owner, ...]:
        """Who added it, then who attached it; each once."""
        attached = (use.owner for use in self.laddr_of)
        return tuple(dict.fromkeys([*self.owners, *attached]))


class RouteKey(NamedTuple):
    prefix: Ip
    plen: int
    dev: str


@dataclass(frozen=True, slots=True)
class Route:
    spec: RouteSpec
    owner: Owner
    client: str
    gateway: Ip | None = None
    src: Ip | None = None


DestId = tuple[ServiceId, DestKey]


@dataclass(slots=True)
class State:
    """What the core has been told. Only publish.py writes the tables and `wan_uses`."""

    devices: tuple[Device, ...]
    dest_ids: Ids[DestId]
    laddr_ids: IdPool[Ip]
    ways: frozenset[tuple[Forward, int, int]]  # what the core can forward: carried.Way
    services: dict[ServiceId, Service] = field(default_factory=dict)
    addresses: dict[AddrKey, Address] = field(default_factory=dict)
    routes: dict[RouteKey, Route] = field(default_factory=dict)
    meanings: dict[tuple[bool, int], Mapping[DestSpec, Meaning]] = field(default_factory=dict)
    """Of dests of services by match or not, and of that family (meanings.py)."""
    wan_uses: dict[Ip, int] = field(default_factory=dict)  # of how many match services a dest
    last_service_id: int = 0
    ready: set[Owner] = field(default_factory=set)  # who has said that all it wants is here

    def in_use(self, key: AddrKey) -> bool:
        """Whether it is an address the core answers for."""
        row = self.addresses.get(key)
        return row is not None and row.active

    def has_ports(self, ip: Ip) -> bool:
        """Whether it is an address with ports to give, in use or not."""
        return ip in self.wan_uses or any(row.sapool for _, row in self.addresses_of(ip))

    def gives_ports(self, ip: Ip) -> bool:
        """Whether new connections may take ports of it."""
        is_wan = ip in self.wan_uses
        return any(row.active and (is_wan or row.sapool) for _, row in self.addresses_of(ip))

    def ports_id(self, ip: Ip, row: Address | None) -> int | None:
        """The id of the address's port pool; None: it has no ports to give."""
        has_ports = row is not None and (row.sapool or ip in self.wan_uses)
        return self.laddr_ids.used.get(ip) if has_ports else None

    def addresses_of(self, ip: Ip) -> Iterator[tuple[AddrKey, Address]]:
        """Of whichever devices."""
        for device in self.devices:
            key = AddrKey(device.name, ip)
            row = self.addresses.get(key)
            if row is not None:
                yield key, row

    def count_wan(self, steps: Mapping[Ip, int]) -> dict[Ip, int]:
        """So many dests more name these WAN addresses; returns what undoes it."""
        for ip, step in steps.items():
            n = self.wan_uses.pop(ip, 0) + step
            if n:
                self.wan_uses[ip] = n
        return {ip: -step for ip, step in steps.items()}

    def device(self, name: str) -> int:
        """The device's number; Refused(NOTEXIST) if there is none of that name."""
        for number, device in enumerate(self.devices):
            if device.name == name:
                return number
        known = ", ".join(device.name for device in self.devices) or "none"
        raise Refused(Code.NOTEXIST, f"no such device (there are: {known})", name)


class AtHand(msgspec.Struct, frozen=True):
    """A service of a draft as the request named it: the next request mostly names the same."""

    named: ServiceKey
    key: ServiceId
    dests: dict[DestKey, Dest]  # the draft's own
    is_match: bool
    meanings: Mapping[DestSpec, Meaning]  # of its dests


@dataclass(slots=True)
class Draft:
    """One request's or one batch's changes, not yet told to anybody."""

    state: State
    by: By
    now_s: float
    services: Overlay[ServiceId, Service] = field(init=False)
    addresses: Overlay[AddrKey, Address] = field(init=False)
    routes: Overlay[RouteKey, Route] = field(init=False)
    own_dests: dict[int, dict[DestKey, Dest]] = field(default_factory=dict)
    """The dests of services that this draft changes, by the service's id: its own copies, in their
    rows."""
    at_hand: AtHand | None = None  # the service of the last request about a dest
    gone_dests: dict[DestId, int] = field(default_factory=dict)  # ids to give back at the end
    recycled_dest_ids: list[int] = field(default_factory=list)  # their counters start here
    wan_steps: dict[Ip, int] = field(default_factory=dict)  # dests that name a WAN address, more

    def step_wan(self, ips: Iterable[Ip], by: int) -> None:
        """By one dest of each: 1 more names it, or -1."""
        for ip in ips:
            self.wan_steps[ip] = self.wan_steps.get(ip, 0) + by

    def __post_init__(self) -> None:
        self.services = Overlay(self.state.services)
        self.addresses = Overlay(self.state.addresses)
        self.routes = Overlay(self.state.routes)
