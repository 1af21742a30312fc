"""The Toeplitz hash of receive side scaling, worked out on one large number.

Every set bit of the input adds (XOR) the 32 key bits that begin at its place. The input is source
address, destination address, source port, destination port in network order.
"""

import struct
from ipaddress import ip_address

MICROSOFT_KEY = bytes.fromhex(
    "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa"
)
"""The key of the published verification suite."""


def toeplitz(key: bytes, data: bytes) -> int:
    n_key_bits = 8 * len(key)
    key_bits, result = int.from_bytes(key, "big"), 0
    for at in range(8 * len(data)):
        if data[at // 8] >> (7 - at % 8) & 1:
            result ^= key_bits >> (n_key_bits - 32 - at) & 0xFFFFFFFF
    return result


def tuple_bytes(src: str, sport: int, dst: str, dport: int) -> bytes:
    addrs = ip_address(src).packed + ip_address(dst).packed
    return addrs + struct.pack("!HH", sport, dport)
