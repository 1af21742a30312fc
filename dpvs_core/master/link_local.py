"""The link-local IPv6 address of a device (C-092): how its last 64 bits are made. Pure.

eui64: of the MAC (RFC 4291 appendix A). stable-privacy: of the device's name and a secret, so that
it tells nothing about the card (RFC 7217 5). random: another at each start.
"""

import hashlib
from collections.abc import Callable

from dpvs_core.config.dpvs_model import AddrGenMode, Ipv6Defs
from dpvs_core.master.inet import Ip

PREFIX = b"\xfe\x80" + bytes(6)
PLEN = 64
UNIVERSAL = 0x02  # of the first byte: made of a MAC that nobody else has


def link_local(
    defs: Ipv6Defs, device: str, mac: bytes, random: Callable[[int], bytes]
) -> Ip | None:
    """The address that ipv6_defs wants for a device; None where it wants none, or no IPv6."""
    if defs.addr_gen_mode == "none" or defs.disable:
        return None
    return Ip(6, PREFIX + _bits(mode_of(defs), defs.stable_secret or "", device, mac, random))


def mode_of(defs: Ipv6Defs) -> AddrGenMode:
    """How it is done: without a secret nothing is private, so the MAC is used."""
    lacks_secret = defs.addr_gen_mode == "stable-privacy" and not defs.stable_secret
    return "eui64" if lacks_secret else defs.addr_gen_mode


def _bits(
    mode: AddrGenMode, secret: str, device: str, mac: bytes, random: Callable[[int], bytes]
) -> bytes:
    if mode == "eui64":
        return bytes([mac[0] ^ UNIVERSAL]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    if mode == "random":
        bits = random(8)
    else:
        bits = hashlib.sha256(PREFIX + device.encode() + b"\0" + bytes.fromhex(secret)).digest()[:8]
    return bytes([bits[0] & ~UNIVERSAL]) + bits[1:]
