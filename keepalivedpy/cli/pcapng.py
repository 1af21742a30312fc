"""Blocks of a pcapng file (draft-ietf-opsawg-pcapng), in native byte order.

Section Header, one Interface Description with the device's name and nanosecond time stamps, and
an Enhanced Packet with its direction for every packet.
"""

from struct import pack

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
ENHANCED_PACKET = 6
BYTE_ORDER_MAGIC = 0x1A2B3C4D
LINKTYPE_ETHERNET = 1

END_OF_OPTIONS = pack("=HH", 0, 0)
SHB_USERAPPL, IF_NAME, IF_TSRESOL, IF_FILTER, EPB_FLAGS = 4, 2, 9, 11, 2
NANOSECONDS = 9
INBOUND, OUTBOUND = 1, 2


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes) -> bytes:
    return pack("=HH", code, len(value)) + _padded(value)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return pack("=II", kind, length) + body + pack("=I", length)


def section_header(program: str) -> bytes:
    """The first block; its length of section is "unknown" (-1)."""
    head = pack("=IHHq", BYTE_ORDER_MAGIC, 1, 0, -1)
    return _block(SECTION_HEADER, head + _option(SHB_USERAPPL, program.encode()) + END_OF_OPTIONS)


def interface(dev: str, snaplen_bytes: int, expression: str = "") -> bytes:
    """Interface 0: Ethernet, its name, nanoseconds, and the filter as text if there is one."""
    options = _option(IF_NAME, dev.encode()) + _option(IF_TSRESOL, bytes([NANOSECONDS]))
    if expression:
        options += _option(IF_FILTER, b"\0" + expression.encode())
    head = pack("=HHI", LINKTYPE_ETHERNET, 0, snaplen_bytes)
    return _block(INTERFACE_DESCRIPTION, head + options + END_OF_OPTIONS)


def packet(time_ns: int, original_bytes: int, data: bytes, sent: bool) -> bytes:
    """A packet on interface 0; `data` is what was captured of `original_bytes`."""
    head = pack("=IIIII", 0, time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), original_bytes)
    flags = _option(EPB_FLAGS, pack("=I", OUTBOUND if sent else INBOUND))
    return _block(ENHANCED_PACKET, head + _padded(data) + flags + END_OF_OPTIONS)
