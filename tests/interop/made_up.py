"""Rows and frames made by hand, for the tests of the measuring itself. Times in milliseconds."""

import socket

from tests.interop.configuration import ADDRESS, PRIORITY, VIP, VRID
from tests.interop.rows import Advert, Announcement

MS_NS = 10**6
INTERVAL_MS = 100.0
MAC = {"master": "02:00:00:00:00:01", "backup": "02:00:00:00:00:02"}
SKEW_MS = 60.9375  # of the backup's priority 100 at this interval


def ns(time_ms: float) -> int:
    return round(time_ms * MS_NS)


def advert(time_ms: float, role: str, priority: int | None = None, version: int = 3) -> Advert:
    """At 0.1 s in version 3, at 1 s in version 2."""
    return Advert(
        time_ns=ns(time_ms),
        source=ADDRESS[role],
        vrid=VRID,
        priority=PRIORITY[role] if priority is None else priority,
        version=version,
        interval_ns=ns(INTERVAL_MS if version == 3 else 1000),
        mac=MAC[role],
    )


def garp(time_ms: float, role: str) -> Announcement:
    return Announcement(ns(time_ms), VIP, MAC[role])


def ethernet(ethertype: int, payload: bytes, mac: str = MAC["master"]) -> bytes:
    source = bytes.fromhex(mac.replace(":", ""))
    return bytes.fromhex("01005e000012") + source + ethertype.to_bytes(2, "big") + payload


def ipv4(source: str, destination: str, body: bytes, ttl: int = 255) -> bytes:
    """With a right header checksum."""
    words = b"\x45\xc0" + (20 + len(body)).to_bytes(2, "big") + bytes(4) + bytes((ttl, 112))
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    checksum = ones_complement(words + bytes(2) + addresses)
    return words + checksum.to_bytes(2, "big") + addresses + body


def ones_complement(data: bytes) -> int:
    """The internet checksum of an even number of bytes (RFC 1071)."""
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
