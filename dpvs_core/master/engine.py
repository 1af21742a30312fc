"""What the master asks of the core, in Python's values.

`native.py` carries it out with the native module; tests have an engine that records. Every call
returns within a millisecond, or raises EngineError. Device numbers count from 0, workers too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Protocol

from dpvs_core.master.inet import ANY, Ip
from dpvs_core.master.layouts import ADDR, NO_ID, ROUTE

N_GROUPS = 64
ROUTE_LINK, ROUTE_GATEWAY = 0, 1


class AddrKind(IntEnum):
    LOCAL = 0
    KERNEL = 1


class _FibAddr(NamedTuple):
    ip: Ip
    kind: AddrKind
    dev: int
    laddr_id: int | None = None
    flags: int = 0
    """enum core_addr_flag: ADDR_NODAD, ADDR_DEPRECATED."""


class FibAddr(_FibAddr):
    """An address; packed once for many publications."""

    @cached_property
    def packed(self) -> bytes:
        """As struct core_addr."""
        id_ = NO_ID if self.laddr_id is None else self.laddr_id
        return ADDR.pack(self.ip.af, self.kind, self.dev, id_, self.ip.raw, self.flags)


class _FibRoute(NamedTuple):
    prefix: Ip
    plen: int
    dev: int
    mtu: int
    gateway: Ip | None
    src: Ip | None


class FibRoute(_FibRoute):
    """A route; without gateway it is on-link. Packed once."""

    @cached_property
    def packed(self) -> bytes:
        """As struct core_route."""
        kind = ROUTE_GATEWAY if self.gateway else ROUTE_LINK
        any_ = ANY[self.prefix.af]
        gateway, src = (self.gateway or any_).raw, (self.src or any_).raw
        return ROUTE.pack(
            self.prefix.af, kind, self.plen, self.dev, self.mtu, self.prefix.raw, gateway, src
        )


class LbKey(NamedTuple):
    proto: int
    ip: Ip
    port: int

    @property
    def af(self) -> int:
        return self.ip.af


class LbRow(NamedTuple):
    """A service; a batch has thousands, so it is in the core's own layouts."""

    service: bytes  # struct core_service
    dests: bytes  # struct core_dest, one after the other
    laddr_ids: Sequence[int]


class FwdRow(NamedTuple):
    """A forwarding mode (enum core_fwd) between clients and servers of these families."""

    fwd: int
    client_af: int
    server_af: int


class LbEdit(Protocol):
    """A copy of the published services; made visible whole by commit, which ends it even when
    it raises. abort of an ended edit does nothing."""

    def put(self, rows: Sequence[LbRow]) -> None:
        """New services or new versions; after an EngineError only abort makes sense."""

    def remove(self, key: LbKey) -> None: ...
    def put_match(self, match: bytes, row: LbRow) -> None:
        """A service by match (struct core_match), whose `laddr_ids` are its dests', in their order:
        a new one is asked first of all, a new version where the former was."""

    def remove_match(self, match: bytes) -> None: ...
    def commit(self) -> None: ...
    def abort(self) -> None: ...


class DestStats(NamedTuple):
    conns: int = 0
    inpkts: int = 0
    outpkts: int = 0
    inbytes: int = 0
    outbytes: int = 0
    active: int = 0
    inactive: int = 0
    persistent: int = 0


class LaddrStats(NamedTuple):
    used: int = 0
    free: int = 0
    miss: int = 0


class LinkItem(IntEnum):
    PROMISC = 0
    ALLMULTICAST = 1
    UP = 2
    MTU = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A device as it is now; field names as in dpvs_core.h's struct core_link."""

    mac: bytes
    up: bool
    full_duplex: bool
    autoneg: bool
    promisc: bool
    allmulticast: bool
    mtu: int
    n_rxq: int
    n_txq: int
    socket: int
    speed_mbps: int
    driver: str
    rx_offloads: int
    tx_offloads: int
    ipackets: int = 0
    opackets: int = 0
    ibytes: int = 0
    obytes: int = 0
    ierrors: int = 0
    oerrors: int = 0
    imissed: int = 0
    rx_nombuf: int = 0
    mbuf_avail: int = 0
    mbuf_inuse: int = 0


class NeighState(IntEnum):
    """F-207; the names are what dpip prints."""

    NONE = 0
    SEND = 1
    REACHABLE = 2
    PROBE = 3
    DELAY = 4


class Neigh(NamedTuple):
    ip: Ip
    dev: int
    state: NeighState
    is_static: bool
    mac: bytes | None


class DadState(IntEnum):
    """How far the core is with the verification of an address (enum core_dad_state)."""

    TENTATIVE = 0
    PREFERRED = 1
    FAILED = 2


class Conflict(NamedTuple):
    """Another station claims an address of ours (RFC 5227 2.4): seen in ARP on `dev`."""

    ip: Ip
    dev: int
    mac: bytes
    n_seen: int


class Verdict(NamedTuple):
    name: str
    help: str
    is_drop: bool


class CounterInfo(NamedTuple):
    name: str
    help: str


class WorkerStats(NamedTuple):
    loops: int = 0
    bursts: int = 0
    zero_bursts: int = 0
    full_bursts: int = 0
    ipackets: int = 0
    ibytes: int = 0
    opackets: int = 0
    obytes: int = 0
    dropped: int = 0
    busy_cycles: int = 0
    cycles: int = 0
    redirected: int = 0
    conns: int = 0


class SteerKind(IntEnum):
    """How a device brings a packet to the worker that owns it; dpvs_core.h's enum core_steer."""

    UNDECIDED = 0
    ONE = 1
    RSS = 2
    FLOW = 3
    SOFTWARE = 4


class Steering(NamedTuple):
    kind: SteerKind
    n_entries: int = 0  # RSS: of the redirection table
    n_addrs: int = 0  # FLOW: local addresses with rules
    n_refused: int = 0  # FLOW: those whose rules were refused
    why: str = ""  # SOFTWARE: why not the others; FLOW: the last refusal


class Publisher(Protocol):
    """What changes the packets' way."""

    def fib_publish(self, addrs: Sequence[FibAddr], routes: Sequence[FibRoute]) -> None: ...
    def lb_begin(self) -> LbEdit: ...
    def laddr_add(self, laddr_id: int, ip: Ip) -> None: ...
    def laddr_active(self, laddr_id: int, active: bool) -> None:
        """Whether new connections may take its ports; those that have one go on."""

    def laddr_del(self, laddr_id: int) -> bool:
        """False while a connection uses one of its ports: ask again later."""


class Observer(Protocol):
    """What asks how the core is."""

    def fwd_rows(self) -> frozenset[FwdRow]:
        """What it can forward; the same for its life."""

    def laddr_stats(self, laddr_id: int) -> LaddrStats: ...
    def dest_stats(self, dest_id: int, worker: int | None = None) -> DestStats: ...
    def dest_rows(self, dest_ids: Sequence[int], worker: int | None = None) -> bytes:
        """The same of many: struct core_dest_stats, one after the other."""

    def link(self, dev: int) -> Link: ...
    def neighs(self) -> list[Neigh]: ...
    def addr_states(self) -> dict[tuple[int, Ip], DadState]:
        """By device and address; one that is not there is used without verification."""

    def conflicts(self) -> list[Conflict]:
        """What was seen since the last call (of much, the rest with the next one); `n_seen`
        counts from the core's start."""

    def verdicts(self) -> Sequence[Verdict]: ...
    def verdict_counts(self, worker: int | None) -> Sequence[int]:
        """By verdict; of the host thread where worker is None."""

    def ip6_counters(self) -> Sequence[CounterInfo]: ...
    def ip6_counts(self, worker: int | None) -> Sequence[int]:
        """By counter; of the host thread where worker is None."""

    def worker_stats(self, worker: int) -> WorkerStats: ...
    def conn_rows(self, cursor: int, max_rows: int) -> tuple[bytes, int]: ...
    def conn_find(self, proto: int, src: Ip, sport: int, dst: Ip, dport: int) -> bytes: ...
    def groups(self) -> bytes: ...
    def steering(self, dev: int) -> Steering: ...
    def poll(self) -> int:
        """Housekeeping; how much still waits to be freed."""


class Operator(Protocol):
    """What acts on devices and neighbours at once, without a table of the master's."""

    def link_set(self, dev: int, item: LinkItem, value: int) -> None: ...
    def link_mac(self, dev: int, mac: bytes) -> None: ...
    def neigh_add(self, dev: int, ip: Ip, mac: bytes) -> None: ...
    def neigh_del(self, dev: int, ip: Ip) -> None: ...
    def garp(self, dev: int, ip: Ip) -> bool:
        """Announce an address; False while too many announcements wait."""

    def capture_start(self, dev: int, program: bytes, snaplen: int) -> None: ...
    def capture_read(self) -> tuple[bytes, int]:
        """Records that came since the last call, and how many were lost so far."""

    def capture_stop(self) -> None: ...


class Engine(Publisher, Observer, Operator, Protocol):
    """The running core."""
