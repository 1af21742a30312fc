"""What becomes of an ICMP error about a balanced packet, to the byte.

F-190, RFC 792, 4443, 5508; between families RFC 7915 4.2, 4.3, 5.2, 5.3; tunnels RFC 2003 4 and
2473 8. The packet inside is not patched: it is read whole, written anew as its sender sent it, and
cut where the error's quote ended. So the caller gives the packet that was forwarded, whole.
"""

from dataclasses import dataclass, replace
from struct import pack

from tests.oracle.fragments import Piece, cut
from tests.oracle.sctp import SCTP
from tests.oracle.snat import with_port
from tests.oracle.wire import (
    DF,
    ICMP,
    ICMP6,
    TCP,
    Ip,
    Ip4,
    Ip6,
    Tcp,
    icmp,
    icmp6,
    packet,
    read_ip,
    transport_of,
)

HOST, SOURCE_ROUTE = 1, 5
MAX_BYTES = {4: 576, 6: 1280}
"""RFC 1812 4.3.2.3, RFC 4443 2.4."""
LEAST_MTU = {4: 68, 6: 1280}
HEADER = {4: 20, 6: 40}
FRAGMENT_HEADER = 8
PLATEAUS = (65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68)


QUESTIONS = (8, 13, 128)
"""ICMP queries: the asker's port is the id, the other's the type of the question."""
TCP_CHECKSUM_AT = 16
PADDED_BYTES = 128
"""Of a quote with an extension behind it (RFC 4884 4)."""


def family(addr: str) -> int:
    return 6 if ":" in addr else 4


@dataclass(frozen=True)
class Corners:
    """A side: what arrives from it."""

    src: str
    sport: int
    dst: str
    dport: int


@dataclass(frozen=True)
class Balanced:
    """A connection; `seq_added` to the client's numbers on their way to the server."""

    client: Corners
    server: Corners
    seq_added: int = 0
    toa_bytes: int = 0
    """What the client's packets may gain."""


@dataclass(frozen=True)
class Error:
    """An error as a router makes it."""

    src: str
    kind: int
    code: int
    rest: int = 0
    ttl: int = 60
    tos: int = 0
    ident: int = 77
    extension: bytes = b""
    """RFC 4884: behind a quote padded to 128 bytes, whose length is then written."""

    def quoting(self, quote: bytes) -> Ip:
        """To the sender of the packet that begins with `quote`."""
        dst, rest = read_ip(quote.ljust(60, b"\0")).src, self.rest
        if self.extension:
            assert len(quote) <= PADDED_BYTES
            quote = quote.ljust(PADDED_BYTES, b"\0")
            rest |= _length_attribute(family(dst))
        return message(
            self.src, dst, self.kind, self.code, rest, quote + self.extension, self.ttl, self.tos,
            self.ident,
        )  # fmt: skip


def _length_attribute(af: int) -> int:
    """Of the padded quote, where the rest has it (RFC 4884 4.1, 4.2)."""
    return PADDED_BYTES // 8 << 24 if af == 6 else PADDED_BYTES // 4 << 16


def message(
    src: str, dst: str, kind: int, code: int, rest: int, quote: bytes, ttl: int, tos: int,
    ident: int,
) -> Ip:  # fmt: skip
    """An ICMP packet of the addresses' family; `rest` in host order."""
    if family(src) == 6:
        return Ip6(src, dst, ICMP6, icmp6(src, dst, kind, code, rest, quote), ttl, tos)
    return Ip4(src, dst, ICMP, icmp(kind, code, rest, quote), ttl, tos, ident)


# --- kinds (RFC 7915 4.2, 5.2) ------------------------------------------------------------------

_NO_ROUTE, _PROHIBITED = (1, 0), (1, 1)
TO_IP6: dict[tuple[int, int], tuple[int, int]] = {
    **{(3, code): _NO_ROUTE for code in (0, 1, 5, 6, 7, 8, 11, 12)},
    **{(3, code): _PROHIBITED for code in (9, 10, 13, 15)},
    (3, 2): (4, 1), (3, 3): (1, 4), (3, 4): (2, 0),
    (11, 0): (3, 0), (11, 1): (3, 1),
    (12, 0): (4, 0), (12, 2): (4, 0),
}  # fmt: skip
TO_IP4: dict[tuple[int, int], tuple[int, int]] = {
    (1, 0): (3, 1), (1, 1): (3, 10), (1, 2): (3, 1), (1, 3): (3, 1), (1, 4): (3, 3),
    (2, 0): (3, 4), (3, 0): (11, 0), (3, 1): (11, 1), (4, 0): (12, 0), (4, 1): (3, 2),
}  # fmt: skip
POINTER_TO_IP6 = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6} | dict.fromkeys(range(12, 16), 8) | \
    dict.fromkeys(range(16, 20), 24)  # fmt: skip
POINTER_TO_IP4 = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8} | dict.fromkeys(range(8, 24), 12) | \
    dict.fromkeys(range(24, 40), 16)  # fmt: skip


def other_kind(to_af: int, kind: int, code: int, rest: int) -> tuple[int, int, int] | None:
    """Type, code and rest for the other family, an MTU as it was; None: not to be said."""
    if to_af == 4 and kind == 2:
        code = 0  # whatever it is (RFC 4443 3.2)
    told = (TO_IP6 if to_af == 6 else TO_IP4).get((kind, code))
    if told is None:
        return None
    if told in ((2, 0), (3, 4)) and (kind, code) in ((3, 4), (2, 0)):
        return (*told, rest & 0xFFFF if to_af == 6 else min(rest, 0xFFFF))
    if to_af == 6 and kind == 12:
        pointer = POINTER_TO_IP6.get(rest >> 24)
        return None if pointer is None else (*told, pointer)
    if to_af == 4 and (kind, code) == (4, 0):
        pointer = POINTER_TO_IP4.get(rest)
        return None if pointer is None else (*told, pointer << 24)
    return (*told, 6 if told == (4, 1) else 0)


def mtu_told(af: int, reported: int, sent_bytes: int, growth: int, mtu_max: int) -> int:
    """What the sender may send; a router that says 0 is an old one (RFC 1191 5)."""
    if not reported:
        reported = next((mtu for mtu in PLATEAUS if mtu < sent_bytes), 68)
    return max(LEAST_MTU[af], min(reported, 0xFFFF, mtu_max) - growth)


def is_too_big(af: int, kind: int, code: int) -> bool:
    return (kind, code) == (3, 4) if af == 4 else kind == 2


# --- translation --------------------------------------------------------------------------------


def as_sent(whole: bytes, sender: Corners, seq_added: int) -> bytes:
    """The forwarded packet as its sender sent it. Choice: what was inserted stays; between families
    the flow label, identification and DF that it had are not known: 0, 0 and set. SCTP's checksum
    stays, since it cannot be verified in a quote."""
    ip = read_ip(whole)
    if ip.proto in (ICMP, ICMP6):
        ident = sender.sport if ip.payload[0] in QUESTIONS else sender.dport
        return with_port(replace(ip, src=sender.src, dst=sender.dst), ident, source=True)
    header: Ip = Ip4(sender.src, sender.dst, ip.proto, b"", ip.ttl, ip.tos, 0, DF)
    if family(sender.src) == family(ip.src):
        header = replace(ip, src=sender.src, dst=sender.dst)
    elif family(sender.src) == 6:
        header = Ip6(sender.src, sender.dst, ip.proto, b"", ip.ttl, ip.tos)
    if ip.proto == SCTP:
        ports = pack("!HH", sender.sport, sender.dport)
        return bytes(replace(header, payload=ports + ip.payload[4:]))
    segment = replace(transport_of(ip), sport=sender.sport, dport=sender.dport)
    if isinstance(segment, Tcp):
        segment = replace(segment, seq=(segment.seq - seq_added) % 2**32)
    return packet(header, segment)


def first_of(whole: bytes, ident: int, n_payload: int) -> bytes:
    """Its first fragment; between families without DF (RFC 7915 5.1.1)."""
    ip = read_ip(whole)
    if isinstance(ip, Ip4):
        ip = replace(ip, frag=0)
    return cut(ip, ident, n_payload)[0]


def header_bytes(l3: bytes) -> int:
    ip = read_ip(l3)
    return len(l3) - len(ip.payload)


def translated(
    conn: Balanced, error: Error, whole: bytes, n_quoted: int, is_of_client: bool, mtu_max: int,
    ident: int, piece: Piece | None = None,
) -> bytes | None:  # fmt: skip
    """The error about `whole`, of which it quotes n_quoted bytes, as the sender of `whole` gets it:
    the client if `is_of_client`. None: dropped. `ident` of a new IPv4 header is any. `piece`: not
    `whole` was forwarded, but fragments of it, of which the error is about that one, the first."""
    told, far = (conn.client, conn.server) if is_of_client else (conn.server, conn.client)
    af, was_af = family(told.src), family(error.src)
    same = af == was_af
    sent = as_sent(whole, told, conn.seq_added if is_of_client else 0)
    if piece:
        sent = first_of(sent, piece.ident % (2**16 if af == 4 else 2**32), len(piece.payload))
        whole = first_of(whole, piece.ident, len(piece.payload))
    kind: tuple[int, int, int] | None = (error.kind, error.code, error.rest)
    if not same:
        kind = other_kind(af, error.kind, error.code, error.rest)
    if kind is None:
        return None
    rest = kind[2]
    mask = 0xFFFF if af == 4 else 0xFFFFFFFF
    if is_too_big(af, *kind[:2]) and (not same or rest & mask):
        growth = HEADER[was_af] - HEADER[af] + (conn.toa_bytes if is_of_client else 0)
        growth += FRAGMENT_HEADER if piece and (af, was_af) == (4, 6) else 0
        rest = rest & ~mask | mtu_told(af, rest & mask, len(whole), growth, mtu_max)
    quote = sent[: n_quoted if same else n_quoted - header_bytes(whole) + header_bytes(sent)]
    if n_quoted - header_bytes(whole) == TCP_CHECKSUM_AT + 1 and read_ip(whole).proto == TCP:
        quote = quote[:-1] + whole[n_quoted - 1 : n_quoted]  # half a checksum cannot be mended
    if error.extension and same:
        quote = quote.ljust(PADDED_BYTES, b"\0") + error.extension
        rest |= _length_attribute(af)
    elif error.extension:  # cut off; what padded the quote stays
        quote = quote.ljust(PADDED_BYTES - header_bytes(whole) + HEADER[af], b"\0")
    if not same:
        quote = quote[: MAX_BYTES[af] - HEADER[af] - 8]
    keeps_router = same and told.dst == far.src
    src = error.src if keeps_router else told.dst
    return bytes(
        message(src, told.src, *kind[:2], rest, quote, error.ttl, error.tos,
                error.ident if same else ident)
    )  # fmt: skip


# --- tunnels ------------------------------------------------------------------------------------


def through_tunnel(
    error: Error, wrapped: bytes, n_quoted: int, ttl: int, ident: int
) -> bytes | None:
    """The error about a tunnelled packet, told to the sender of the packet in it by the address it
    was sent to; None: it is not that sender's business (source routes, source quench, parameters,
    which are about the tunnel's own header)."""
    outer = read_ip(wrapped)
    inner = read_ip(outer.payload)
    af, error_af = family(inner.src), family(error.src)
    n_outer = len(wrapped) - len(outer.payload)
    rest = 0
    if is_too_big(error_af, error.kind, error.code):
        mtu = error.rest & 0xFFFF if error_af == 4 else error.rest
        rest = mtu_told(af, mtu, len(wrapped), n_outer, 0xFFFF)
        told = (3, 4) if af == 4 else (2, 0)
    elif error.kind in ((1, 3) if error_af == 6 else (3, 11)) and not (
        error_af == 4 and (error.kind, error.code) == (3, SOURCE_ROUTE)
    ):
        told = (3, HOST) if af == 4 else (1, 3)
    else:
        return None
    quote = outer.payload[: n_quoted - n_outer][: MAX_BYTES[af] - HEADER[af] - 8]
    return bytes(message(inner.dst, inner.src, *told, rest, quote, ttl, 0, ident))
