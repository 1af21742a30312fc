"""SNAT by the book: which match service takes a packet (F-021), and what leaves for what came in
(F-087, F-193; RFC 5508 3 for ICMP queries).

Choices: the service that was added last is asked first. A range with ports takes no ICMP. A match
without a protocol takes TCP, UDP and ICMP. Ports are compared when the last one is not 0, addresses
when there is a last one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from struct import pack, unpack
from typing import Protocol, TypeVar

from tests.oracle.wire import (
    ICMP,
    ICMP6,
    TCP,
    UDP,
    Ip,
    icmp,
    icmp6,
    packet,
    ported_of,
    read_ip,
)


class RangeLike(Protocol):
    @property
    def first(self) -> str: ...
    @property
    def last(self) -> str: ...
    @property
    def first_port(self) -> int: ...
    @property
    def last_port(self) -> int: ...


class MatchLike(Protocol):
    @property
    def af(self) -> int: ...
    @property
    def proto(self) -> int: ...
    @property
    def src(self) -> RangeLike: ...
    @property
    def dst(self) -> RangeLike: ...
    @property
    def iif(self) -> int | None: ...
    @property
    def oif(self) -> int | None: ...


@dataclass(frozen=True)
class Seen:
    """A packet as a match sees it."""

    proto: int
    src: str
    dst: str
    ports: tuple[int, int] | None
    iif: int
    oif: int


def _in_range(wanted: RangeLike, addr: str, port: int | None) -> bool:
    if wanted.last:
        first = int(ip_address(wanted.first)) if wanted.first else 0
        if not first <= int(ip_address(addr)) <= int(ip_address(wanted.last)):
            return False
    if wanted.last_port:
        return port is not None and wanted.first_port <= port <= wanted.last_port
    return True


def takes(match: MatchLike, seen: Seen) -> bool:
    sport, dport = seen.ports or (None, None)
    return (
        ip_address(seen.src).version == match.af
        and match.proto in (0, seen.proto)
        and seen.proto in (TCP, UDP, ICMP if match.af == 4 else ICMP6)
        and match.iif in (None, seen.iif)
        and match.oif in (None, seen.oif)
        and _in_range(match.src, seen.src, sport)
        and _in_range(match.dst, seen.dst, dport)
    )


M = TypeVar("M", bound=MatchLike)


def chosen(added: Iterable[M], seen: Seen) -> M | None:
    """Of the matches in the order in which they were added."""
    return next((match for match in reversed(list(added)) if takes(match, seen)), None)


@dataclass
class Snat:
    """One connection. The WAN port, or id, is the core's choice, learnt from its first packet."""

    inside: str
    wan: str
    port: int
    """Of the host inside; an ICMP query's id."""
    wan_port: int = 0

    def leaves(self, l3: bytes, emitted: bytes) -> bytes:
        ip = read_ip(l3)
        self.wan_port = self.wan_port or port_of(read_ip(emitted), source=True)
        return with_port(replace(ip, src=self.wan), self.wan_port, source=True)

    def comes(self, l3: bytes) -> bytes:
        return with_port(replace(read_ip(l3), dst=self.inside), self.port, source=False)


def port_of(ip: Ip, source: bool) -> int:
    if ip.proto in (ICMP, ICMP6):
        return int(unpack("!H", ip.payload[4:6])[0])
    segment = ported_of(ip)
    return segment.sport if source else segment.dport


def with_port(ip: Ip, port: int, source: bool) -> bytes:
    """The packet with another port, or id, all checksums summed anew."""
    if ip.proto not in (ICMP, ICMP6):
        segment = ported_of(ip)
        return packet(ip, replace(segment, sport=port) if source else replace(segment, dport=port))
    kind, code = ip.payload[:2]
    rest = unpack("!I", pack("!H", port) + ip.payload[6:8])[0]
    message = (
        icmp(kind, code, rest, ip.payload[8:])
        if ip.proto == ICMP
        else icmp6(ip.src, ip.dst, kind, code, rest, ip.payload[8:])
    )
    return bytes(replace(ip, payload=message))
