"""Frames as bytes, written and read field by field from the RFCs (791, 792, 768, 9293, 1071; 8200,
4443).

Slow and plain on purpose: every checksum is summed over the whole packet. Shares no code with the
forwarding core, nor with scapy, which is too slow for a few thousand frames a test.
"""

import struct
from dataclasses import dataclass, replace
from socket import AF_INET6, inet_aton, inet_ntoa, inet_ntop, inet_pton
from typing import Any

from tests.oracle.sctp import SCTP, Sctp, is_right, read_sctp

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
HOP_BY_HOP, ROUTING, FRAGMENT, DEST_OPTIONS = 0, 43, 44, 60
IP4_TYPE, IP6_TYPE = 0x0800, 0x86DD
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
DF, MF = 0x4000, 0x2000
ETH_BYTES = 14


def checksum(data: bytes) -> int:
    """RFC 1071 over `data`, as the number that is written to the field."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass(frozen=True)
class Ip4:
    src: str
    dst: str
    proto: int
    payload: bytes = b""
    ttl: int = 64
    tos: int = 0
    ident: int = 1
    frag: int = 0
    """Flags and offset as they stand in the header (DF is 0x4000)."""
    options: bytes = b""
    """A multiple of four bytes."""

    def __bytes__(self) -> bytes:
        n_header = 20 + len(self.options)
        header = struct.pack(
            "!BBHHHBBH4s4s", 0x40 | n_header // 4, self.tos, n_header + len(self.payload),
            self.ident, self.frag, self.ttl, self.proto, 0, inet_aton(self.src),
            inet_aton(self.dst),
        ) + self.options  # fmt: skip
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + self.payload


@dataclass(frozen=True)
class Ip6:
    src: str
    dst: str
    proto: int
    """Of the payload, behind all extension headers."""
    payload: bytes = b""
    ttl: int = 64
    """The hop limit."""
    tos: int = 0
    flow: int = 0
    exts: tuple[tuple[int, bytes], ...] = ()
    """Extension headers: protocol number and bytes (a multiple of 8), whose first byte, the next
    header, is written here."""

    def __bytes__(self) -> bytes:
        kinds = [kind for kind, _ in self.exts] + [self.proto]
        chain = b"".join(
            bytes([following]) + raw[1:]
            for (_, raw), following in zip(self.exts, kinds[1:], strict=True)
        )
        return struct.pack(
            "!IHBB16s16s", 6 << 28 | self.tos << 20 | self.flow, len(chain) + len(self.payload),
            kinds[0], self.ttl, inet_pton(AF_INET6, self.src), inet_pton(AF_INET6, self.dst),
        ) + chain + self.payload  # fmt: skip


Ip = Ip4 | Ip6


@dataclass(frozen=True)
class Tcp:
    sport: int
    dport: int
    seq: int = 0
    ack: int = 0
    flags: int = ACK
    window: int = 8192
    urgent: int = 0
    options: bytes = b""
    """A multiple of four bytes, at most 40."""
    payload: bytes = b""

    def pack(self, src: str, dst: str) -> bytes:
        offset = (20 + len(self.options)) // 4 << 4
        segment = struct.pack(
            "!HHIIBBHHH", self.sport, self.dport, self.seq % 2**32, self.ack % 2**32, offset,
            self.flags, self.window, 0, self.urgent,
        ) + self.options + self.payload  # fmt: skip
        value = checksum(_pseudo(src, dst, TCP, len(segment)) + segment)
        return segment[:16] + struct.pack("!H", value) + segment[18:]


@dataclass(frozen=True)
class Udp:
    sport: int
    dport: int
    payload: bytes = b""
    has_checksum: bool = True

    def pack(self, src: str, dst: str) -> bytes:
        n_bytes = 8 + len(self.payload)
        datagram = struct.pack("!HHHH", self.sport, self.dport, n_bytes, 0) + self.payload
        value = checksum(_pseudo(src, dst, UDP, n_bytes) + datagram) or 0xFFFF
        return datagram[:6] + struct.pack("!H", value if self.has_checksum else 0) + self.payload


def _pseudo(src: str, dst: str, proto: int, n_bytes: int) -> bytes:
    if ":" in src:
        addrs = inet_pton(AF_INET6, src) + inet_pton(AF_INET6, dst)
        return addrs + struct.pack("!II", n_bytes, proto)
    return struct.pack("!4s4sBBH", inet_aton(src), inet_aton(dst), 0, proto, n_bytes)


def icmp(kind: int, code: int, rest: int = 0, payload: bytes = b"") -> bytes:
    """An ICMP message; `rest` is the second word (id and sequence, or the next hop's MTU)."""
    message = struct.pack("!BBHI", kind, code, 0, rest) + payload
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def icmp6(src: str, dst: str, kind: int, code: int, rest: int = 0, payload: bytes = b"") -> bytes:
    """An ICMPv6 message between these addresses, which its checksum knows."""
    message = struct.pack("!BBHI", kind, code, 0, rest) + payload
    value = checksum(_pseudo(src, dst, ICMP6, len(message)) + message)
    return message[:2] + struct.pack("!H", value) + message[4:]


Ported = Tcp | Udp | Sctp
"""What has ports."""


def packet(ip: Ip, transport: Ported) -> bytes:
    """The IP packet with this transport segment as its payload."""
    return bytes(replace(ip, payload=transport.pack(ip.src, ip.dst)))


def frame(dst_mac: str, src_mac: str, l3: bytes, ethertype: int = IP4_TYPE) -> bytes:
    macs = bytes.fromhex((dst_mac + src_mac).replace(":", ""))
    return macs + struct.pack("!H", ethertype) + l3


def ip_frame(dst_mac: str, src_mac: str, l3: bytes) -> bytes:
    """The type by the packet's version."""
    return frame(dst_mac, src_mac, l3, IP6_TYPE if l3[0] >> 4 == 6 else IP4_TYPE)


def ip_of(src: str, dst: str, proto: int, payload: bytes = b"", **rest: Any) -> Ip:
    """A header of the addresses' family; `rest` are further fields of it."""
    return (Ip6 if ":" in src else Ip4)(src, dst, proto, payload, **rest)


def tcp_frame(dst_mac: str, src: str, dst: str, tcp: Tcp, **ip: Any) -> bytes:
    """A whole frame from some neighbour to a station; `ip` are further fields of Ip4."""
    l3 = packet(ip_of(src, dst, TCP, **ip), tcp)
    return ip_frame(dst_mac, "02:cc:00:00:00:01", l3)


def udp_frame(dst_mac: str, src: str, dst: str, udp: Udp, **ip: Any) -> bytes:
    l3 = packet(ip_of(src, dst, UDP, **ip), udp)
    return ip_frame(dst_mac, "02:cc:00:00:00:01", l3)


def read_ip4(l3: bytes) -> Ip4:
    """The packet's fields; what follows its total length is left out."""
    ihl = (l3[0] & 15) * 4
    _, tos, total, ident, frag, ttl, proto, _, src, dst = struct.unpack_from("!BBHHHBBH4s4s", l3)
    return Ip4(
        inet_ntoa(src), inet_ntoa(dst), proto, l3[ihl:total], ttl, tos, ident, frag, l3[20:ihl]
    )


def read_ip6(l3: bytes) -> Ip6:
    """As `read_ip4`; options, routing and fragment headers are stepped over."""
    word, n_bytes, kind, ttl, src, dst = struct.unpack_from("!IHBB16s16s", l3)
    rest, exts = l3[40 : 40 + n_bytes], []
    while kind in (HOP_BY_HOP, ROUTING, FRAGMENT, DEST_OPTIONS) and len(rest) >= 8:
        n_ext = 8 if kind == FRAGMENT else 8 * (rest[1] + 1)
        exts.append((kind, rest[:n_ext]))
        kind, rest = rest[0], rest[n_ext:]
    return Ip6(
        inet_ntop(AF_INET6, src), inet_ntop(AF_INET6, dst), kind, rest, ttl, word >> 20 & 255,
        word & 0xFFFFF, tuple(exts),
    )  # fmt: skip


def read_ip(l3: bytes) -> Ip:
    return read_ip6(l3) if l3[0] >> 4 == 6 else read_ip4(l3)


def read_tcp(segment: bytes) -> Tcp:
    sport, dport, seq, ack, offset, flags, window, _, urgent = struct.unpack_from(
        "!HHIIBBHHH", segment
    )
    n_header = (offset >> 4) * 4
    return Tcp(
        sport, dport, seq, ack, flags, window, urgent, segment[20:n_header], segment[n_header:]
    )


def read_udp(datagram: bytes) -> Udp:
    sport, dport, _, value = struct.unpack_from("!HHHH", datagram)
    return Udp(sport, dport, datagram[8:], value != 0)


def transport_of(ip: Ip) -> Tcp | Udp:
    return read_tcp(ip.payload) if ip.proto == TCP else read_udp(ip.payload)


def ported_of(ip: Ip) -> Ported:
    return read_sctp(ip.payload) if ip.proto == SCTP else transport_of(ip)


def bad_checksums(l3: bytes) -> list[str]:
    """Names of the checksums in an IP packet that do not verify (the packet inside an ICMP error
    is not looked at)."""
    ip = read_ip(l3)
    wrong = []
    if isinstance(ip, Ip4) and checksum(l3[: (l3[0] & 15) * 4]):
        wrong.append("ip")
    if ip.proto == ICMP and checksum(ip.payload):
        wrong.append("icmp")
    if ip.proto == ICMP6 and checksum(_pseudo(ip.src, ip.dst, ICMP6, len(ip.payload)) + ip.payload):
        wrong.append("icmp6")
    if ip.proto == TCP or (ip.proto == UDP and ip.payload[6:8] != b"\0\0"):
        pseudo = _pseudo(ip.src, ip.dst, ip.proto, len(ip.payload))
        if checksum(pseudo + ip.payload):
            wrong.append("tcp" if ip.proto == TCP else "udp")
    if ip.proto == SCTP and not is_right(ip.payload):
        wrong.append("sctp")
    return wrong


def text(sent: bytes) -> str:
    """A frame as lines of fields, so that a failed comparison reads as a diff."""
    l3 = sent[ETH_BYTES:]
    lines = [f"eth {sent[:6].hex(':')} < {sent[6:12].hex(':')} {sent[12:14].hex()}"]
    if sent[12:14] not in (b"\x08\0", b"\x86\xdd") or len(l3) < (20 if l3[0] >> 4 == 4 else 40):
        return "\n".join([*lines, l3.hex()])
    ip = read_ip(l3)
    lines += [f"ip {replace(ip, payload=b'')}", f"wrong checksums {bad_checksums(l3)}"]
    if ip.proto in (TCP, UDP):
        inner = transport_of(ip)
        lines += [f"{replace(inner, payload=b'')}", f"payload {inner.payload.hex()}"]
        lines.append(f"tcp/udp checksum {ip.payload[16:18].hex()} {ip.payload[6:8].hex()}")
    else:
        lines.append(f"payload {ip.payload.hex()}")
    total = len(bytes(ip))
    return "\n".join([*lines, f"behind the packet {l3[total:].hex()}"])
