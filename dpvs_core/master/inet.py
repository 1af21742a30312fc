"""Addresses as the core wants them: family and 16 bytes, from and to text."""

import socket
from functools import lru_cache
from typing import NamedTuple

from dpvs_core.control.messages import Code
from dpvs_core.master.errors import Refused

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
MAX_PLEN = {4: 32, 6: 128}


class Ip(NamedTuple):
    """An address: `af` 4 or 6, `raw` 16 bytes, IPv4 in the first four."""

    af: int
    raw: bytes

    def __str__(self) -> str:
        return socket.inet_ntop(FAMILIES[self.af], self.raw[: MAX_PLEN[self.af] // 8])


ANY = {4: Ip(4, bytes(16)), 6: Ip(6, bytes(16))}
NEVER4 = (bytes(16), b"\xff" * 4 + bytes(12))
"""Unspecified, the limited broadcast."""
IPV4_IN_IPV6 = (bytes(12), bytes(10) + b"\xff\xff")
"""First 12 bytes of what stands for an IPv4 address (RFC 4291 2.5.5), :: and ::1 among them."""
CACHED_TEXTS = (
    1 << 16
)  # a batch names the same services and servers again and again; 300 bytes each


@lru_cache(CACHED_TEXTS)
def parse_ip(text: str) -> Ip:
    """The address `text` names; Refused(INVAL) if it names none."""
    af = 6 if ":" in text else 4
    try:
        raw = socket.inet_pton(FAMILIES[af], text)
    except (OSError, ValueError):
        raise Refused(Code.INVAL, "not an IP address", text) from None
    return Ip(af, raw.ljust(16, b"\0"))


def parse_prefix(text: str) -> tuple[Ip, int]:
    """Address (host bits kept) and prefix length of "A/plen"; all bits if there is none."""
    addr, slash, length = text.partition("/")
    ip = parse_ip(addr)
    if not slash:
        return ip, MAX_PLEN[ip.af]
    if not (length.isascii() and length.isdigit() and int(length) <= MAX_PLEN[ip.af]):
        raise Refused(Code.INVAL, f"prefix length must be 0-{MAX_PLEN[ip.af]}", text)
    return ip, int(length)


def network(ip: Ip, plen: int) -> Ip:
    """The address with its host bits zero.

    >>> str(network(parse_ip("10.1.2.3"), 16))
    '10.1.0.0'
    """
    size = MAX_PLEN[ip.af] // 8
    bits = int.from_bytes(ip.raw[:size], "big") >> (size * 8 - plen) << (size * 8 - plen)
    return Ip(ip.af, bits.to_bytes(size, "big") + ip.raw[size:])


def is_unicast(ip: Ip) -> bool:
    """True unless it is unspecified, multicast, loopback, the limited broadcast or IPv4's."""
    af, raw = ip
    first = raw[0]
    if af == 4:
        return not 224 <= first < 240 and first != 127 and raw not in NEVER4
    return first != 255 and raw[:12] not in IPV4_IN_IPV6


def is_link_local(ip: Ip) -> bool:
    """fe80::/10: means something only together with a device."""
    return ip.af == 6 and ip.raw[0] == 0xFE and ip.raw[1] & 0xC0 == 0x80
