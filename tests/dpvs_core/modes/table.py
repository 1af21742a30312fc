"""The table of tests/dpvs_core/modes/test_table.py: a row each mode, pair of families and protocol
that exists, with its scene, its oracle and what a conversation over it consists of.

Whoever begins is "we" here: a client, or with SNAT a host inside; the other end is "they". Packets
are made by scapy; what must leave for them is the oracles'. A new protocol is a row of PROTOCOLS
and a list of packets (SHOTS).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt
from scapy.layers.sctp import (
    SCTP,
    SCTPChunkCookieAck,
    SCTPChunkCookieEcho,
    SCTPChunkData,
    SCTPChunkInit,
    SCTPChunkInitAck,
    SCTPChunkSACK,
    SCTPChunkShutdown,
    SCTPChunkShutdownAck,
    SCTPChunkShutdownComplete,
)
from scapy.packet import Packet, Raw

from tests.oracle.dr import routed
from tests.oracle.fnat import Fnat, toa_bytes
from tests.oracle.icmp import Balanced, Corners
from tests.oracle.nat import Nat
from tests.oracle.snat import Snat, port_of
from tests.oracle.tunnel import tunnelled
from tests.oracle.wire import read_ip, read_tcp
from tests.steps.core import Dest, Match, StepCore
from tests.steps.places import PLACES, TO_CLIENTS, TO_SERVERS
from tests.steps.rows import MODES, Mode
from tests.steps.scene import director6

DEST_ID = 3
VPORT, DPORT = 80, 8080
PROTO_NUMBER = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1}


class Book(Protocol):
    """An oracle: the IP packet that must leave. `emitted` is asked for what rules leave free."""

    def forth(self, l3: bytes, emitted: bytes) -> bytes: ...
    def back(self, l3: bytes, emitted: bytes) -> bytes: ...


@dataclass
class FnatBook:
    oracle: Fnat

    def forth(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.from_client(l3, emitted)

    def back(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.from_server(l3, emitted)


@dataclass
class NatBook:
    oracle: Nat

    def forth(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.from_client(l3)

    def back(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.from_server(l3)


@dataclass
class SnatBook:
    oracle: Snat

    def forth(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.leaves(l3, emitted)

    def back(self, l3: bytes, emitted: bytes) -> bytes:
        return self.oracle.comes(l3)


@dataclass
class OneWayBook:
    """Answers go another way; `back` is of what concerns them, an ICMP error."""

    row: "Row"

    def forth(self, l3: bytes, emitted: bytes) -> bytes:
        if self.row.mode.fwd == "DR":
            return routed(l3)
        at = PLACES[self.row.mode.server_af]
        return tunnelled(l3, at.own, at.server, emitted)

    def back(self, l3: bytes, emitted: bytes) -> bytes:
        raise AssertionError("answers do not pass here")


@dataclass(frozen=True)
class Row:
    mode: Mode
    proto: str

    def __str__(self) -> str:
        return f"{self.mode}-{self.proto}"

    @property
    def is_one_way(self) -> bool:
        return self.mode.fwd in ("DR", "TUNNEL")

    @property
    def device(self) -> int:
        """By which our packets come in; they leave by the other."""
        return TO_SERVERS if self.mode.fwd == "SNAT" else TO_CLIENTS

    @property
    def we(self) -> str:
        return PLACES[self.mode.client_af].ends[self.device]

    @property
    def they(self) -> str:
        return PLACES[self.mode.server_af].ends[1 - self.device]

    @property
    def asked(self) -> str:
        """The address that we send to."""
        return self.they if self.mode.fwd == "SNAT" else PLACES[self.mode.client_af].vip

    def core(self, n_workers: int) -> StepCore:
        core = director6(n_workers, settings={"icmp_pps": 1_000_000})
        for at in PLACES.values():
            core.addr(at.own, TO_SERVERS)
        if self.mode.fwd == "SNAT":
            wan = PLACES[self.mode.client_af].wan
            core.laddr(wan, TO_CLIENTS)
            match = Match(self.mode.client_af, iif=TO_SERVERS)
            core.match_service(match, [Dest(wan, 0, id=DEST_ID)])
            return core
        laddrs = [PLACES[self.mode.server_af].lip] if self.mode.fwd == "FNAT" else []
        port = VPORT if self.is_one_way else DPORT
        dest = Dest(self.they, port, id=DEST_ID, fwd=self.mode.fwd)
        core.service(self.asked, VPORT, [dest], proto=PROTO_NUMBER[self.proto], laddrs=laddrs)
        return core

    def book(self, sport: int) -> Book:
        if self.mode.fwd == "FNAT":
            return FnatBook(Fnat(self.we, sport, self.asked, VPORT, self.they, DPORT))
        if self.mode.fwd == "NAT":
            return NatBook(Nat(self.we, sport, self.asked, VPORT, self.they, DPORT))
        if self.mode.fwd == "SNAT":
            return SnatBook(Snat(self.we, PLACES[self.mode.client_af].wan, sport))
        return OneWayBook(self)


# --- packets ------------------------------------------------------------------------------------

TcpOptions = list[tuple[Any, Any]]
SYN_OPTIONS: TcpOptions = [
    ("MSS", 1460), ("SAckOK", b""), ("Timestamp", (7, 0)), ("NOP", None), ("WScale", 7),
]  # fmt: skip
TIMES: TcpOptions = [("NOP", None), ("NOP", None), ("Timestamp", (9, 8))]
IP4_RECORD_ROUTE = b"\x07\x07\x04\0\0\0\0\0"
"""With its pointer at the first slot; a forwarder of balanced packets records nothing."""


@dataclass(frozen=True)
class Shot:
    """One packet, whose numbers count from its sender's initial one."""

    is_ours: bool
    what: str
    flags: str = "A"
    seq: int = 1
    ack: int = 1
    options: tuple[Any, ...] = ()
    sack: tuple[int, int] | None = None
    """Edges of a block in the receiver's numbers, as offsets."""
    payload: bytes = b""
    has_ip_options: bool = False
    urgent: int = 0
    has_checksum: bool = True
    chunks: tuple[Packet, ...] = ()
    """SCTP's; `payload` is one of data behind them."""


def _tcp_shots() -> list[Shot]:
    odd = bytes(range(1, 102))
    return [
        Shot(True, "SYN", "S", 0, 0, tuple(SYN_OPTIONS)),
        Shot(False, "SYN-ACK", "SA", 0, 1, tuple(SYN_OPTIONS)),
        Shot(True, "handshake's ACK", options=tuple(TIMES)),
        Shot(True, "first data", "PA", payload=odd, options=tuple(TIMES)),
        Shot(False, "ACK with SACK", ack=1, options=tuple(TIMES), sack=(50, 102)),
        Shot(True, "first data again, ECN", "PAE", payload=odd),
        Shot(False, "answer", "PA", ack=102, payload=odd * 2, options=tuple(TIMES)),
        Shot(True, "later data, IP options", "PAU", 102, 203, payload=b"later", urgent=2,
             has_ip_options=True),
        Shot(False, "later answer, IP options", "PA", 203, 107, has_ip_options=True,
             payload=b"answer!"),
        Shot(True, "ACK with SACK of ours", seq=107, ack=203, sack=(204, 210)),
        Shot(False, "FIN", "FA", 210, 107),
        Shot(True, "FIN of ours", "FA", 107, 211),
        Shot(False, "last ACK", "A", 211, 108),
        Shot(True, "RST", "R", 108, 0),
    ]  # fmt: skip


def _datagram_shots() -> list[Shot]:
    return [
        Shot(True, "first", payload=b"question"),
        Shot(False, "answer", payload=b"an odd answer"),
        Shot(True, "empty"),
        Shot(True, "IP options", payload=bytes(1000), has_ip_options=True),
        Shot(False, "answer, IP options", payload=bytes(1001), has_ip_options=True),
        Shot(True, "without checksum", payload=b"abc", has_checksum=False),
        Shot(False, "answer without checksum", payload=b"abcd", has_checksum=False),
    ]


WE_TAG, THEY_TAG = 0x77E00001, 0xFFFFFFFE


def _sctp_shots() -> list[Shot]:
    odd = bytes(range(1, 102))
    cookie = SCTPChunkCookieEcho(cookie=b"biscuits!")
    return [
        Shot(True, "INIT", chunks=(SCTPChunkInit(init_tag=WE_TAG, a_rwnd=65536),)),
        Shot(False, "INIT ACK", chunks=(SCTPChunkInitAck(init_tag=THEY_TAG, a_rwnd=65536),)),
        Shot(True, "COOKIE ECHO with data", chunks=(cookie,), payload=odd),
        Shot(False, "COOKIE ACK with SACK", chunks=(SCTPChunkCookieAck(), SCTPChunkSACK())),
        Shot(False, "data", payload=odd * 2),
        Shot(True, "data, IP options", chunks=(SCTPChunkSACK(),), payload=b"later",
             has_ip_options=True),
        Shot(False, "data, IP options", payload=b"answer!", has_ip_options=True),
        Shot(True, "much data", payload=bytes(1001)),
        Shot(False, "SHUTDOWN", chunks=(SCTPChunkShutdown(),)),
        Shot(True, "SHUTDOWN ACK", chunks=(SCTPChunkShutdownAck(),)),
        Shot(False, "SHUTDOWN COMPLETE", chunks=(SCTPChunkShutdownComplete(),)),
    ]  # fmt: skip


SHOTS: dict[str, Callable[[], list[Shot]]] = {
    "tcp": _tcp_shots,
    "udp": _datagram_shots,
    "sctp": _sctp_shots,
    "icmp": _datagram_shots,
}
PROTOCOLS: dict[str, tuple[str, ...]] = {
    "tcp": ("FNAT", "NAT", "DR", "TUNNEL", "SNAT"),
    "udp": ("FNAT", "NAT", "DR", "TUNNEL", "SNAT"),
    "sctp": ("FNAT", "NAT", "DR", "TUNNEL", "SNAT"),
    "icmp": ("SNAT",),
}
"""The modes that carry it."""
N_BEGIN = {"tcp": 8, "udp": 2, "sctp": 5, "icmp": 2}
"""Shots until each end has sent data."""
ROWS = [Row(mode, proto) for mode in MODES for proto, fwds in PROTOCOLS.items() if mode.fwd in fwds]

WE_ISN, THEY_ISN = 0xFFFFFFC0, 0x7FFFFFF0
"""Near the end of the number space, and of its half."""


@dataclass
class Conversation:
    """One connection over a row: what each end writes, as it sees the other."""

    row: Row
    sport: int
    book: Book = field(init=False)
    conn: Balanced = field(init=False)
    n_sent: int = 0
    is_known: bool = False

    def __post_init__(self) -> None:
        self.book = self.row.book(self.sport)
        row = self.row
        asked_port = VPORT if row.mode.fwd != "SNAT" else 443
        there = row.they, VPORT if row.is_one_way else asked_port
        if row.mode.fwd in ("FNAT", "NAT"):
            there = row.they, DPORT
        ours = Corners(row.we, self.sport, row.asked, asked_port)
        self.conn = Balanced(ours, Corners(*there, row.we, self.sport))

    def learn(self, emitted: bytes) -> None:
        """From our first packet, as it left: how they see us."""
        if self.is_known:
            return
        self.is_known = True
        ip = read_ip(emitted)
        server, added, toa = self.conn.server, 0, 0
        if self.row.mode.fwd in ("FNAT", "SNAT"):
            server = Corners(server.src, server.sport, ip.src, port_of(ip, source=True))
        if isinstance(self.book, FnatBook) and self.row.proto == "tcp":
            added, toa = (read_tcp(ip.payload).seq - WE_ISN) % 2**32, toa_bytes(self.row.we)
        self.conn = Balanced(self.conn.client, server, added, toa)

    def l3(self, shot: Shot, payload: bytes | None = None) -> bytes:
        """The packet as its sender writes it; header fields differ from each to the next."""
        side = self.conn.client if shot.is_ours else self.conn.server
        body = self._transport(shot, side, shot.payload if payload is None else payload)
        self.n_sent += 1
        return bytes(self._ip(side, shot.has_ip_options) / body)

    def _ip(self, side: Corners, has_options: bool) -> Packet:
        n = self.n_sent + self.sport
        if ":" in side.src:
            ip = IPv6(src=side.src, dst=side.dst, hlim=2 + n * 7 % 250, tc=n * 31 % 256,
                      fl=n * 12345 % 2**20)  # fmt: skip
            nh = {"nh": PROTO_NUMBER["sctp"]} if self.row.proto == "sctp" else {}
            return ip / IPv6ExtHdrDestOpt(**nh) if has_options else ip
        fields: dict[str, Any] = {
            "ttl": 2 + n * 7 % 250, "tos": n * 31 % 256, "id": n * 257 % 2**16,
            "flags": "DF" if n % 2 else "",
        }  # fmt: skip
        if has_options:
            fields["options"] = IP(b"\x47" + bytes(19) + IP4_RECORD_ROUTE).options
        return IP(src=side.src, dst=side.dst, **fields)

    def _transport(self, shot: Shot, side: Corners, payload: bytes) -> Packet:
        data = Raw(payload) if payload else b""
        if self.row.proto == "icmp":
            return self._echo(shot, side) / data
        ports: dict[str, Any] = {"sport": side.sport, "dport": side.dport}
        if self.row.proto == "udp":
            # IPv6 has no datagrams without a checksum (RFC 8200 8.1)
            none = not shot.has_checksum and ":" not in side.src
            return UDP(**ports, **({"chksum": 0} if none else {})) / data
        if self.row.proto == "sctp":
            return self._sctp(shot, ports, payload)
        added = self.conn.seq_added
        own, other = (WE_ISN, THEY_ISN) if shot.is_ours else (THEY_ISN, WE_ISN + added)
        options = list(shot.options)
        if shot.sack:
            options += [("NOP", None)] * 2
            options.append(("SAck", tuple((other + edge) % 2**32 for edge in shot.sack)))
        return TCP(**ports, flags=shot.flags, seq=(own + shot.seq) % 2**32, options=options,
                   ack=(other + shot.ack) % 2**32 if "A" in shot.flags else 0,
                   window=1000 + self.n_sent, urgptr=shot.urgent) / data  # fmt: skip

    def _sctp(self, shot: Shot, ports: dict[str, Any], payload: bytes) -> Packet:
        tag = THEY_TAG if shot.is_ours else WE_TAG
        packet: Packet = SCTP(**ports, tag=0 if shot.what == "INIT" else tag)
        for chunk in shot.chunks:
            packet /= chunk.copy()
        return packet / SCTPChunkData(tsn=self.n_sent, data=payload) if payload else packet

    def _echo(self, shot: Shot, side: Corners) -> Packet:
        """Its id is the sender's port, in an answer what was the asker's."""
        ident = side.sport if shot.is_ours else side.dport
        if ":" in side.src:
            make = ICMPv6EchoRequest if shot.is_ours else ICMPv6EchoReply
            return make(id=ident, seq=self.n_sent)
        return ICMP(type=8 if shot.is_ours else 0, id=ident, seq=self.n_sent)
