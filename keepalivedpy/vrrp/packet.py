"""VRRP adverts as bytes: version 2 (RFC 3768 section 5.1) and 3 (RFC 5798 section 5.1, RFC 9568).

byte 0      version << 4 | type (1, advert)
byte 1      virtual router id
byte 2      priority
byte 3      number of addresses
bytes 4-5   v2: auth type, interval in s;  v3: 4 reserved bits, interval in centiseconds
bytes 6-7   checksum; v3: with pseudo header
then        the addresses; v2: 8 bytes of authentication data
"""

import socket
import struct

import msgspec

from keepalivedpy.vrrp.auth import AUTH_DATA_BYTES, NO_AUTH_DATA
from keepalivedpy.vrrp.checksum import internet_checksum, pseudo_header
from keepalivedpy.vrrp.intervals import CENTISECOND_US, SECOND_US

ADVERT_TYPE = 1
_HEAD = struct.Struct("!BBBBHH")
_CHECKSUM = slice(6, 8)
_ADDRESS_BYTES = {socket.AF_INET: 4, socket.AF_INET6: 16}
_V3_INTERVAL_MASK = 0x0FFF


class DecodeError(Exception):
    """Bytes that are no advert. `.counter` names the statistic they belong to."""

    def __init__(self, counter: str, text: str) -> None:
        super().__init__(text)
        self.counter, self.text = counter, text


class Advert(msgspec.Struct, frozen=True, gc=False):
    """One advertisement; auth fields are of version 2 only."""

    version: int
    vrid: int
    priority: int
    adver_int_us: int
    addresses: tuple[str, ...]
    auth_type: int = 0
    auth_data: bytes = NO_AUTH_DATA
    packet_type: int = ADVERT_TYPE


def encode(advert: Advert, src: str, dst: str) -> bytes:
    """The advert as the payload of an IP packet from `src` to `dst`, checksum filled in."""
    family = socket.AF_INET6 if ":" in src else socket.AF_INET
    if advert.version == 2:
        timing = advert.auth_type << 8 | advert.adver_int_us // SECOND_US
    else:
        timing = advert.adver_int_us // CENTISECOND_US
    body = bytearray(
        _HEAD.pack(
            advert.version << 4 | advert.packet_type,
            advert.vrid,
            advert.priority,
            len(advert.addresses),
            timing,
            0,
        )
    )
    for address in advert.addresses:
        body += socket.inet_pton(family, address)
    if advert.version == 2:
        body += advert.auth_data
    body[_CHECKSUM] = struct.pack("!H", checksum(bytes(body), src, dst))
    return bytes(body)


def checksum(body: bytes, src: str, dst: str) -> int:
    """What the checksum field must hold; 0 over a body whose field is right."""
    version = body[0] >> 4
    return internet_checksum((pseudo_header(src, dst, len(body)) if version > 2 else b"") + body)


def wanted_bytes(version: int, n_addresses: int, family: socket.AddressFamily) -> int:
    """The length of an advert with that many addresses."""
    auth_bytes = AUTH_DATA_BYTES if version == 2 else 0
    return _HEAD.size + n_addresses * _ADDRESS_BYTES[family] + auth_bytes


def decode(body: bytes, family: socket.AddressFamily = socket.AF_INET) -> Advert:
    """The payload of an IP packet as an advert; DecodeError if its length or version is wrong.

    Surplus bytes behind it (Ethernet padding) are allowed. Neither checksum nor content is
    judged here: see checks.py.
    """
    if len(body) < _HEAD.size:
        raise DecodeError("packet_len_err", f"vrrp packet too short, length {len(body)}")
    first, vrid, priority, n_addresses, timing, _checksum = _HEAD.unpack_from(body)
    version = first >> 4
    if version not in (2, 3):
        raise DecodeError("version_err", f"wrong version. Received {version}")
    wanted = wanted_bytes(version, n_addresses, family)
    if len(body) < wanted:
        raise DecodeError(
            "packet_len_err",
            f"vrrp packet too short, length {len(body)} and expect {wanted}",
        )
    size = _ADDRESS_BYTES[family]
    places = range(_HEAD.size, _HEAD.size + n_addresses * size, size)
    addresses = tuple(socket.inet_ntop(family, body[at : at + size]) for at in places)
    if version == 3:
        interval_us = (timing & _V3_INTERVAL_MASK) * CENTISECOND_US
        return Advert(3, vrid, priority, interval_us, addresses, packet_type=first & 15)
    return Advert(
        version=2,
        vrid=vrid,
        priority=priority,
        adver_int_us=(timing & 0xFF) * SECOND_US,
        addresses=addresses,
        auth_type=timing >> 8,
        auth_data=body[wanted - AUTH_DATA_BYTES : wanted],
        packet_type=first & 15,
    )
