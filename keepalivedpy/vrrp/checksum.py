"""The Internet checksum (RFC 1071) and the pseudo headers it starts from."""

import socket
import struct

PROTO_VRRP = 112


def internet_checksum(data: bytes) -> int:
    """One's complement of the one's complement sum of the 16-bit words; 0 over valid data.

    >>> internet_checksum(bytes([0x45, 0, 0, 1])) == 0xffff - 0x4501
    True
    """
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(total ^ 0xFFFF)


def pseudo_header(src: str, dst: str, length_bytes: int, proto: int = PROTO_VRRP) -> bytes:
    """RFC 793 for IPv4 addresses, RFC 8200 section 8.1 for IPv6 ones."""
    if ":" in src:
        addresses = socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst)
        return addresses + struct.pack("!IHBB", length_bytes, 0, 0, proto)
    return (
        socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, proto, length_bytes)
    )
