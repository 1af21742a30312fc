"""The scene of SNAT's tests: hosts inside (dpdk1) reach the world (dpdk0) under WAN addresses."""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.snat import Snat, port_of
from tests.oracle.wire import (
    ICMP,
    ICMP6,
    TCP,
    UDP,
    Tcp,
    Udp,
    icmp,
    icmp6,
    ip_frame,
    ip_of,
    packet,
    read_ip,
)
from tests.steps.core import MAC, Dest, Match, StepCore
from tests.steps.places import CLIENT_MAC, PLACES, RS_MAC, TO_CLIENTS, TO_SERVERS
from tests.steps.scene import director6

ENDS = {af: (at.server, at.wan, at.client) for af, at in PLACES.items()}
"""Inside, WAN, remote."""
INSIDE, WAN, REMOTE = ENDS[4]
INSIDE6, WAN6, REMOTE6 = ENDS[6]
L2_OUT = bytes.fromhex((CLIENT_MAC + MAC[TO_CLIENTS]).replace(":", ""))
L2_IN = bytes.fromhex((RS_MAC + MAC[TO_SERVERS]).replace(":", ""))
SNAT_DEST = 3
"""Id of the WAN address as a dest; IPv6's is the next one."""


def world(n_workers: int = 1, **rest: Any) -> StepCore:
    """Both WAN addresses, no match service yet."""
    core = director6(n_workers, **rest)
    core.laddr(WAN, TO_CLIENTS)
    core.laddr(WAN6, TO_CLIENTS)
    return core


def snat_director(n_workers: int = 1, **rest: Any) -> StepCore:
    """Everything from inside goes out under the WAN address of its family."""
    core = world(n_workers, **rest)
    core.match_service(Match(4, iif=TO_SERVERS), [Dest(WAN, 0, id=SNAT_DEST)])
    core.match_service(Match(6, iif=TO_SERVERS), [Dest(WAN6, 0, id=SNAT_DEST + 1)])
    return core


def query(src: str, dst: str, kind: int, query_id: int, payload: bytes = b"", **ip: Any) -> bytes:
    """An ICMP message with an id, of the addresses' family, as an IP packet."""
    if ":" in src:
        message = icmp6(src, dst, kind, 0, query_id << 16 | 7, payload)
        return bytes(ip_of(src, dst, ICMP6, message, **ip))
    return bytes(ip_of(src, dst, ICMP, icmp(kind, 0, query_id << 16 | 7, payload), **ip))


@dataclass
class Talk:
    """A host inside and a remote one; `kind` is "tcp", "udp", "echo" or "timestamp"."""

    core: StepCore
    af: int = 4
    kind: str = "tcp"
    inside: str = ""
    remote: str = ""
    sport: int = 40000
    dport: int = 443
    oracle: Snat = field(init=False)

    def __post_init__(self) -> None:
        inside, wan, remote = ENDS[self.af]
        self.inside, self.remote = self.inside or inside, self.remote or remote
        self.oracle = Snat(self.inside, wan, self.sport)

    def _l3(
        self, ends: tuple[str, str], ports: tuple[int, int], asks: bool, ip: Any, rest: Any
    ) -> bytes:
        if self.kind in ("tcp", "udp"):
            proto, make = (TCP, Tcp) if self.kind == "tcp" else (UDP, Udp)
            return packet(ip_of(*ends, proto, **ip), make(*ports, **rest))
        types = {4: {"echo": (8, 0), "timestamp": (13, 14)}, 6: {"echo": (128, 129)}}
        question, answer = types[self.af][self.kind]
        ident = ports[0] if asks else ports[1]
        kind = question if asks else answer
        return query(ends[0], ends[1], kind, ident, **ip, **rest)

    def out(self, queue: int = 0, ip: dict[str, Any] | None = None, **rest: Any) -> list[bytes]:
        """A packet of the host inside; what left. Compares it with the oracle's."""
        ends, ports = (self.inside, self.remote), (self.sport, self.dport)
        l3 = self._l3(ends, ports, True, ip or {}, rest)
        sent = self.core.forward(ip_frame(MAC[TO_SERVERS], RS_MAC, l3), TO_SERVERS, queue)
        if sent and not self.oracle.wan_port:
            self.oracle.wan = read_ip(sent[0][14:]).src
        if sent:
            assert_frame(sent, L2_OUT, self.oracle.leaves(l3, sent[0][14:]))
        return sent

    def back(
        self,
        queue: int = 0,
        ip: dict[str, Any] | None = None,
        l2: bytes = L2_IN,
        **rest: Any,
    ) -> list[bytes]:
        """The remote host's answer to what was sent last."""
        ends, ports = (self.remote, self.oracle.wan), (self.dport, self.oracle.wan_port)
        l3 = self._l3(ends, ports, False, ip or {}, rest)
        sent = self.core.forward(ip_frame(MAC[TO_CLIENTS], CLIENT_MAC, l3), TO_CLIENTS, queue)
        if sent:
            assert_frame(sent, l2, self.oracle.comes(l3))
        return sent

    def wan_port(self, frame: bytes) -> int:
        return port_of(read_ip(frame[14:]), source=True)


def assert_frame(sent: list[bytes], l2: bytes, expected: bytes) -> None:
    want = ip_frame("00:00:00:00:00:00", "00:00:00:00:00:00", expected)[12:]
    assert [frame[:14].hex() for frame in sent] == [(l2 + want[:2]).hex()]
    assert sent[0][14:] == want[2:]
