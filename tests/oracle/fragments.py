"""IP packets in fragments and together again, from RFC 791 3.2 and RFC 8200 4.5."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.oracle.wire import DF, FRAGMENT, MF, Ip, Ip4, Ip6, read_ip

OFFSET_MASK = 0x1FFF


@dataclass(frozen=True)
class Piece:
    """What a fragment says of its place."""

    ident: int
    offset: int
    """In bytes, of the packet's payload."""
    more: bool
    payload: bytes


def _header6(next_header: int, piece: Piece) -> tuple[int, bytes]:
    return FRAGMENT, struct.pack("!BBHI", next_header, 0, piece.offset | piece.more, piece.ident)


def fragment(ip: Ip, piece: Piece) -> bytes:
    """One fragment of a packet with this header."""
    if isinstance(ip, Ip6):
        exts = (*ip.exts, _header6(ip.proto, piece))
        return bytes(replace(ip, exts=exts, payload=piece.payload))
    frag = piece.offset // 8 | (MF if piece.more else 0)
    return bytes(replace(ip, ident=piece.ident, frag=frag, payload=piece.payload))


def cut(ip: Ip, ident: int, n_payload: int) -> list[bytes]:
    """The packet in fragments of `n_payload` bytes (a multiple of 8) and a rest, in order."""
    whole = ip.payload
    return [
        fragment(ip, Piece(ident, at, at + n_payload < len(whole), whole[at : at + n_payload]))
        for at in range(0, len(whole), n_payload)
    ]


def piece_of(l3: bytes) -> Piece | None:
    """None: the packet is whole."""
    ip = read_ip(l3)
    if isinstance(ip, Ip4):
        if not ip.frag & ~DF:
            return None
        return Piece(ip.ident, (ip.frag & OFFSET_MASK) * 8, bool(ip.frag & MF), ip.payload)
    for kind, raw in ip.exts:
        if kind == FRAGMENT:
            _, _, word, ident = struct.unpack("!BBHI", raw)
            return Piece(ident, word & 0xFFF8, bool(word & 1), ip.payload)
    return None


def together(packets: Iterable[bytes]) -> Ip:
    """The packet that these fragments of one, in any order, are of.

    ValueError: a piece is missing, or they do not belong together; RFC 5722: or two of them
    overlap (the same piece twice is none).
    """
    pieces: dict[int, Piece] = {}
    headers = set()
    first: Ip | None = None
    for l3 in packets:
        ip, piece = read_ip(l3), piece_of(l3)
        if piece is None:
            raise ValueError("a whole packet among them")
        if pieces.setdefault(piece.offset, piece) != piece:
            raise ValueError(f"two pieces at {piece.offset}")
        headers.add((ip.src, ip.dst, ip.proto, piece.ident))
        if not piece.offset:
            first = ip
    if len(headers) != 1 or first is None:
        raise ValueError(f"of several packets, or no first one: {headers}")
    payload = b""
    for at, piece in sorted(pieces.items()):
        if at != len(payload):
            raise ValueError(f"a gap or an overlap at {at}")
        payload += piece.payload
    if [at for at, piece in sorted(pieces.items()) if not piece.more] != [max(pieces)]:
        raise ValueError("not the last one alone says that it is")
    if isinstance(first, Ip4):
        return replace(first, payload=payload, frag=0)
    exts = tuple(ext for ext in first.exts if ext[0] != FRAGMENT)
    return replace(first, payload=payload, exts=exts)
