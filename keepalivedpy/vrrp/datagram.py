"""The IPv4 header around an advert (RFC 791; TTL 255: RFC 5798 section 5.1.1.3)."""

import socket
import struct

import msgspec

from keepalivedpy.vrrp.checksum import PROTO_VRRP, internet_checksum
from keepalivedpy.vrrp.packet import DecodeError

VRRP_TTL = 255
INTERNETWORK_CONTROL = 0xC0  # TOS: precedence 6, as keepalived sends
_IPV4 = struct.Struct("!BBHHHBBH4s4s")


class Datagram(msgspec.Struct, frozen=True, gc=False):
    """What came in: the IP header's fields that matter, and the payload."""

    src: str
    dst: str
    ttl: int
    body: bytes

    @property
    def multicast(self) -> bool:
        return socket.inet_aton(self.dst)[0] >> 4 == 0xE


def encode_ipv4(src: str, dst: str, ip_id: int, body: bytes, ttl: int = VRRP_TTL) -> bytes:
    """A whole IPv4 packet, DF clear. Through a raw socket the kernel replaces identification 0
    with one of its own and computes the header's checksum itself (raw(7), IP_HDRINCL)."""
    fields = (0x45, INTERNETWORK_CONTROL, _IPV4.size + len(body), ip_id & 0xFFFF, 0, ttl)
    addresses = (socket.inet_aton(src), socket.inet_aton(dst))
    head = _IPV4.pack(*fields, PROTO_VRRP, 0, *addresses)
    return _IPV4.pack(*fields, PROTO_VRRP, internet_checksum(head), *addresses) + body


def decode_ipv4(packet: bytes) -> Datagram:
    """What a raw socket delivers; DecodeError if header and length do not fit."""
    if len(packet) < _IPV4.size:
        raise DecodeError("packet_len_err", f"IP packet of {len(packet)} bytes")
    first, _tos, length, _id, _frag, ttl, _proto, _sum, src, dst = _IPV4.unpack_from(packet)
    header = (first & 15) * 4
    if first >> 4 != 4 or not _IPV4.size <= header <= length <= len(packet):
        raise DecodeError(
            "packet_len_err",
            f"ip_tot_len mismatch against received length. {length} and received {len(packet)}",
        )
    return Datagram(socket.inet_ntoa(src), socket.inet_ntoa(dst), ttl, packet[header:length])
