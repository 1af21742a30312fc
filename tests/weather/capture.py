"""The TCP packets of a capture file (pcap, Ethernet), with their times, as bytes of layer 3."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.wire import Tcp, read_ip, read_tcp
from tests.weather.policy import ETHERNET_BYTES, tcp_offset

MAGIC_US = 0xA1B2C3D4
FILE_HEADER_BYTES, RECORD_HEADER_BYTES = 24, 16
LINK_ETHERNET = 1


@dataclass(frozen=True, slots=True)
class Seen:
    at_us: int
    l3: bytes
    """Without what the frame was padded with."""
    outer: bytes
    """The whole packet, where `l3` is what was in a tunnel; else empty."""
    src: str
    dst: str
    tcp: Tcp

    @property
    def sent(self) -> bytes:
        """The packet as it was on the wire."""
        return self.outer or self.l3


def read_frames(file: Path) -> Iterator[tuple[int, bytes]]:
    """(microseconds, frame); ValueError if the file is of another kind, or cut."""
    content = file.read_bytes()
    magic, link = struct.unpack_from("@I16xI", content)
    if (magic, link) != (MAGIC_US, LINK_ETHERNET):
        raise ValueError(f"{file}: magic {magic:#x}, link type {link}")
    at = FILE_HEADER_BYTES
    while at < len(content):
        seconds, us, n_kept, n_bytes = struct.unpack_from("@IIII", content, at)
        at += RECORD_HEADER_BYTES
        if n_kept != n_bytes or at + n_kept > len(content):
            raise ValueError(f"{file}: a frame of {n_bytes} bytes was cut")
        yield seconds * 1_000_000 + us, content[at : at + n_kept]
        at += n_kept


def tcp_packets(file: Path) -> Iterator[Seen]:
    for at_us, frame in read_frames(file):
        if not (tcp_at := tcp_offset(frame)):
            continue
        l3 = _unpadded(frame[ETHERNET_BYTES:])
        n_outer = _inner_offset(l3, tcp_at - ETHERNET_BYTES)
        ip = read_ip(l3[n_outer:])
        outer = l3 if n_outer else b""
        yield Seen(at_us, l3[n_outer:], outer, ip.src, ip.dst, read_tcp(ip.payload))


def _unpadded(l3: bytes) -> bytes:
    n_bytes: int = struct.unpack_from("!H", l3, 2 if l3[0] >> 4 == 4 else 4)[0]
    return l3[: n_bytes if l3[0] >> 4 == 4 else n_bytes + 40]


def _inner_offset(l3: bytes, tcp_at: int) -> int:
    """0 if the TCP header follows the first header."""
    header_bytes = (l3[0] & 15) * 4 if l3[0] >> 4 == 4 else 40
    return header_bytes if header_bytes < tcp_at else 0
