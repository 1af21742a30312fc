"""A director whose real servers answer the clients themselves: direct routing and tunnels.

Both families outside and inside; the device towards the servers has addresses of its own.
"""

from dataclasses import dataclass
from typing import Any

from tests.oracle.dr import routed
from tests.oracle.tunnel import overhead, tunnelled
from tests.oracle.wire import ACK, SYN, TCP, UDP, Tcp, Udp, ip_frame, ip_of, packet
from tests.steps.core import MAC, Dest, StepCore
from tests.steps.places import PLACES, RS_MAC, TO_CLIENTS, TO_SERVERS
from tests.steps.rows import ONE_WAY
from tests.steps.scene import director6

OWN, OWN6 = PLACES[4].own, PLACES[6].own
DEST_ID = 3


@dataclass(frozen=True)
class Mode:
    """A row of the core's table: mode and families of client and server."""

    fwd: str
    client_af: int
    server_af: int

    @property
    def client(self) -> str:
        return PLACES[self.client_af].client

    @property
    def vip(self) -> str:
        return PLACES[self.client_af].vip

    @property
    def server(self) -> str:
        return PLACES[self.server_af].server

    @property
    def source(self) -> str:
        """Of the outer header."""
        return PLACES[self.server_af].own

    @property
    def growth(self) -> int:
        return overhead(self.server) if self.fwd == "TUNNEL" else 0

    def __str__(self) -> str:
        return f"{self.fwd}{self.client_af}{self.server_af}"

    def balancer(self, n_workers: int = 1, proto: int = TCP, **rest: Any) -> StepCore:
        """Its service on port 80, one real server, dest id 3, no local addresses."""
        core = director6(n_workers, **rest)
        core.addr(OWN, TO_SERVERS)
        core.addr(OWN6, TO_SERVERS)
        self.serve(core, proto)
        return core

    def serve(self, core: StepCore, proto: int = TCP, **rest: Any) -> None:
        dest = Dest(self.server, id=DEST_ID, fwd=self.fwd)
        core.service(self.vip, 80, [dest], proto=proto, laddrs=[], **rest)

    def packet(self, transport: Tcp | Udp, **ip: Any) -> bytes:
        """The client's IP packet to the service."""
        proto = TCP if isinstance(transport, Tcp) else UDP
        return packet(ip_of(self.client, self.vip, proto, **ip), transport)

    def expected(
        self, l3: bytes, sent: bytes, source: str = "", counts_hops: bool = False
    ) -> bytes:
        """The frame that must leave for `l3`; `sent` is what left, asked for what is free."""
        l3 = routed(l3, counts_hops)
        if self.fwd == "TUNNEL":
            l3 = tunnelled(l3, source or self.source, self.server, sent[14:])
        return ip_frame(RS_MAC, MAC[TO_SERVERS], l3)


MODES = [Mode(*mode) for mode in ONE_WAY]
TUNNELS = [mode for mode in MODES if mode.fwd == "TUNNEL"]


def to_director(l3: bytes) -> bytes:
    """The frame in which some router hands us the packet."""
    return ip_frame(MAC[TO_CLIENTS], "02:cc:00:00:00:01", l3)


def arrive(core: StepCore, l3: bytes, worker: int = 0) -> list[bytes]:
    """The packet comes in from the clients' side; what left."""
    return core.forward(to_director(l3), TO_CLIENTS, worker)


def first_of(proto: int, cport: int = 40000) -> Tcp | Udp:
    """What begins a connection."""
    return Tcp(cport, 80, 1, flags=SYN) if proto == TCP else Udp(cport, 80, b"?")


def later_of(proto: int, payload: bytes = b"", cport: int = 40000) -> Tcp | Udp:
    return Tcp(cport, 80, 2, 9, ACK, payload=payload) if proto == TCP else Udp(cport, 80, payload)
