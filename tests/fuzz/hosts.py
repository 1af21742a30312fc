"""Who is where in scene.c, and their packets."""

from dataclasses import replace
from typing import Any

from tests.fuzz.rows import Row
from tests.oracle.sctp import SCTP
from tests.oracle.wire import (
    DEST_OPTIONS,
    HOP_BY_HOP,
    ROUTING,
    Ip,
    Ip4,
    Ip6,
    Tcp,
    Udp,
    ip_frame,
    ip_of,
    packet,
)

MAC = ("02:00:00:00:00:10", "02:00:00:00:00:11")
NEIGHBOUR = "02:aa:00:04:00:30"
CLIENT = {4: "10.0.0.48", 6: "2001:db8::30"}
OUTSIDE = {4: "198.51.100.7", 6: "2600::7"}
UNKNOWN = {4: "192.168.100.90", 6: "fd00:64::5a"}
OWN = {4: ("10.0.0.1", "192.168.100.1"), 6: ("2001:db8::1", "fd00:64::1")}
LADDR = {4: "192.168.100.200", 6: "fd00:64::c8"}
TCP_PORT, UDP_PORT, SCTP_PORT, ONE_PACKET_PORT = 80, 53, 36412, 514
ERRORS = {
    4: ((3, 1), (3, 3), (3, 4), (3, 5), (11, 0), (11, 1), (12, 0), (4, 0), (5, 1)),
    6: ((1, 0), (1, 3), (1, 4), (2, 0), (3, 0), (4, 0), (4, 1), (4, 2)),
}
"""Types and codes; packet-too-big with an MTU too."""

SYN_OPTIONS = bytes.fromhex("020405b40402080a000000010000000001030307")
SACK = bytes.fromhex("0101050a0001117000011180")
FULL_OPTIONS = bytes.fromhex("0101080a0000000100000002") + bytes([1] * 28)
EXTS: tuple[tuple[int, bytes], ...] = (
    (HOP_BY_HOP, bytes.fromhex("0000010400000000")),
    (ROUTING, bytes(8)),
    (DEST_OPTIONS, bytes.fromhex("0001010c000000000000000000000000")),
)
IP4_OPTIONS = ("0707040000000000", "8307040a00000100", "9404000001010100", "0183030401000000")
"""Record route, source route, router alert, a source route that is used up."""


def vip(number: int, af: int) -> str:
    return f"10.0.1.{number + 1}" if af == 4 else f"2001:db8::{0x100 + number + 1:x}"


def server(number: int, af: int) -> str:
    return f"192.168.100.{number + 10}" if af == 4 else f"fd00:64::{number + 10:x}"


def ends(row: Row, number: int) -> tuple[str, str, int]:
    """Who begins, whom it asks, on which device it is."""
    if row.mode == "SNAT":
        return server(number, row.client_af), OUTSIDE[row.client_af], 1
    return CLIENT[row.client_af], vip(number, row.client_af), 0


def l2(l3: bytes, dev: int = 0) -> bytes:
    return ip_frame(MAC[dev], NEIGHBOUR, l3)


def tcp(src: str, dst: str, segment: Tcp, dev: int = 0, **ip: Any) -> bytes:
    return l2(packet(ip_of(src, dst, 6, **ip), segment), dev)


def udp(src: str, dst: str, datagram: Udp, dev: int = 0, **ip: Any) -> bytes:
    return l2(packet(ip_of(src, dst, 17, **ip), datagram), dev)


def sctp(src: str, dst: str, segment: bytes, dev: int = 0, **ip: Any) -> bytes:
    return l2(bytes(ip_of(src, dst, SCTP, segment, **ip)), dev)


def with_options(ip: Ip) -> list[Ip]:
    """The same with IPv4 options, or with IPv6 extension headers."""
    if isinstance(ip, Ip4):
        return [replace(ip, options=bytes.fromhex(options)) for options in IP4_OPTIONS]
    assert isinstance(ip, Ip6)
    return [replace(ip, exts=exts) for exts in (EXTS, EXTS[1:2], EXTS[2:])]
