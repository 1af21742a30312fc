"""IPv6 neighbour discovery as bytes (RFC 4861 4.3, 4.4, 4.6.1, 7; 4862 5.4; 4291 2.7.1; 2464 7).

`Station` writes what a station with one MAC and one address must or may send; the tests compare
the core's frames with those of a station in its place.
"""

import struct
from dataclasses import dataclass
from socket import AF_INET6, inet_pton

from tests.oracle.wire import ICMP6, IP6_TYPE, Ip6, frame, icmp6

SOLICIT, ADVERT = 135, 136
ROUTER, SOLICITED, OVERRIDE = 0x80, 0x40, 0x20
SOURCE_LLA, TARGET_LLA = 1, 2
UNSPECIFIED, ALL_NODES, ALL_NODES_MAC = "::", "ff02::1", "33:33:00:00:00:01"


def packed(addr: str) -> bytes:
    return inet_pton(AF_INET6, addr)


def solicited_node(addr: str) -> str:
    low = packed(addr)[13:]
    return f"ff02::1:ff{low[0]:02x}:{low[1]:02x}{low[2]:02x}"


def group_mac(addr: str) -> str:
    """RFC 2464 7: of an IPv6 multicast address."""
    return "33:33:" + packed(addr)[12:].hex(":")


def option(kind: int, mac: str) -> bytes:
    return struct.pack("!BB", kind, 1) + bytes.fromhex(mac.replace(":", ""))


def eui64(mac: str) -> str:
    """RFC 4291 appendix A: the link-local address of a MAC, as scope-less text."""
    raw = bytes.fromhex(mac.replace(":", ""))
    words = struct.unpack("!4H", bytes([raw[0] ^ 2]) + raw[1:3] + b"\xff\xfe" + raw[3:])
    return "fe80::" + ":".join(f"{word:x}" for word in words)


@dataclass(frozen=True)
class Message:
    """One solicitation or advertisement with everything that stands in it."""

    kind: int
    src_mac: str
    dst_mac: str
    src: str
    dst: str
    target: str
    flags: int = 0
    options: bytes = b""
    ttl: int = 255
    code: int = 0
    exts: tuple[tuple[int, bytes], ...] = ()

    def __bytes__(self) -> bytes:
        body = packed(self.target) + self.options
        message = icmp6(self.src, self.dst, self.kind, self.code, self.flags << 24, body)
        l3 = bytes(Ip6(self.src, self.dst, ICMP6, message, ttl=self.ttl, exts=self.exts))
        return frame(self.dst_mac, self.src_mac, l3, IP6_TYPE)


@dataclass(frozen=True)
class Station:
    mac: str
    addr: str

    def asks(self, target: str) -> Message:
        """7.2.2: to all who could have it."""
        group = solicited_node(target)
        return Message(
            SOLICIT, self.mac, group_mac(group), self.addr, group, target,
            options=option(SOURCE_LLA, self.mac),
        )  # fmt: skip

    def asks_again(self, target: str, mac: str) -> Message:
        """7.3.3: the one that is thought to have it."""
        lla = option(SOURCE_LLA, self.mac)
        return Message(SOLICIT, self.mac, mac, self.addr, target, target, options=lla)

    def probes(self) -> Message:
        """4862 5.4.2: is the station's address to be free?"""
        group = solicited_node(self.addr)
        return Message(SOLICIT, self.mac, group_mac(group), UNSPECIFIED, group, self.addr)

    def answers(self, to: "Station", flags: int = SOLICITED | OVERRIDE) -> Message:
        """7.2.4."""
        lla = option(TARGET_LLA, self.mac)
        return Message(ADVERT, self.mac, to.mac, self.addr, to.addr, self.addr, flags, lla)

    def says(self, flags: int = OVERRIDE) -> Message:
        """7.2.6, and 7.2.4 to one that has no address yet: to all."""
        lla = option(TARGET_LLA, self.mac)
        return Message(
            ADVERT, self.mac, ALL_NODES_MAC, self.addr, ALL_NODES, self.addr, flags, lla
        )  # fmt: skip
