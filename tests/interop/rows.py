"""Frames as rows: adverts (RFC 3768 5.1, RFC 5798 5.2) and gratuitous ARPs. IPv4 only.

Reads what the measuring needs and judges nothing; `decoders.py` has others judge the frames.
"""

import socket
from dataclasses import dataclass

from tests.interop.pcap import Frame

ETHERNET_BYTES = 14
ETHERTYPE_IPV4 = b"\x08\x00"
ETHERTYPE_ARP = b"\x08\x06"
PROTO_VRRP = 112
INTERVAL_UNIT_NS = {2: 10**9, 3: 10**7}  # a second, a centisecond


@dataclass(frozen=True, slots=True)
class Advert:
    time_ns: int
    source: str
    vrid: int
    priority: int
    version: int
    interval_ns: int
    mac: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A gratuitous ARP: sender and target are the same address."""

    time_ns: int
    address: str
    mac: str


def row_of(frame: Frame) -> Advert | Announcement | None:
    """The row of a frame; None for anything else, such as an ordinary ARP request."""
    ethertype, payload = frame.data[12:ETHERNET_BYTES], frame.data[ETHERNET_BYTES:]
    if ethertype == ETHERTYPE_IPV4:
        return _advert(frame.time_ns, payload, frame.data[6:12].hex(":"))
    if ethertype == ETHERTYPE_ARP:
        return _announcement(frame.time_ns, payload)
    return None


def _advert(time_ns: int, packet: bytes, mac: str) -> Advert | None:
    header_bytes = (packet[0] & 15) * 4
    body = packet[header_bytes:]
    if packet[9] != PROTO_VRRP or len(body) < 8:
        return None
    version = body[0] >> 4
    # Version 2 has the authentication type before the interval, version 3 twelve bits of it.
    units = body[5] if version == 2 else (body[4] & 15) << 8 | body[5]
    interval_ns = units * INTERVAL_UNIT_NS.get(version, 0)
    source = socket.inet_ntoa(packet[12:16])
    return Advert(time_ns, source, body[1], body[2], version, interval_ns, mac)


def _announcement(time_ns: int, arp: bytes) -> Announcement | None:
    sender, target = arp[14:18], arp[24:28]
    if len(target) < 4 or sender != target:
        return None
    return Announcement(time_ns, socket.inet_ntoa(sender), arp[8:14].hex(":"))
