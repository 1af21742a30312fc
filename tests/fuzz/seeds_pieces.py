"""Seeds in fragments: of every row both ways, between families, of queries, and those that lie."""

import struct
from collections.abc import Iterator
from itertools import product

from tests.fuzz import script as s
from tests.fuzz.hosts import (
    ERRORS,
    SYN_OPTIONS,
    TCP_PORT,
    UDP_PORT,
    ends,
    l2,
    tcp,
    udp,
    with_options,
)
from tests.fuzz.rows import Row, rows
from tests.fuzz.script import Script
from tests.oracle.fragments import Piece, fragment
from tests.oracle.wire import (
    FRAGMENT,
    ICMP,
    ICMP6,
    MF,
    SYN,
    Tcp,
    Udp,
    icmp,
    icmp6,
    ip_of,
    packet,
)

WORKERS = (0, s.THREE_WORKERS)
Named = tuple[str, Script]


def of_every_row() -> Iterator[Named]:
    for (number, row), workers, order in product(enumerate(rows()), WORKERS, (0, 1, 2, 12)):
        src, dst, dev = ends(row, number)
        script = Script(workers)
        large = udp(src, dst, Udp(40000, UDP_PORT, bytes(range(200)) * 3), dev)
        script.frame(large, dev, s.RIGHT | s.CUT, b=5, c=order)
        script.answer(1 - dev, s.CUT, b=6, c=order ^ 1)
        segment = Tcp(40000, TCP_PORT, 7, flags=SYN, options=SYN_OPTIONS, payload=b"d" * 200)
        script.frame(tcp(src, dst, segment, dev), dev, s.RIGHT | s.CUT, b=4, c=order)
        script.add(s.TIME, time=20).add(s.TIME, time=20)
        yield f"{row.name}-fragments-{order}-{workers}", script


def piece(row: Row, number: int, payload: bytes, offset: int, more: bool, ident: int) -> bytes:
    """One fragment as it is, whatever it says."""
    src, dst, dev = ends(row, number)
    if row.client_af == 4:
        word = offset // 8 | (MF if more else 0)
        return l2(bytes(ip_of(src, dst, 17, payload, frag=word, ident=ident)), dev)
    header = struct.pack("!BBHI", 0, 0, offset | more, ident)
    return l2(bytes(ip_of(src, dst, 17, payload, exts=((FRAGMENT, header),))), dev)


def as_they_lie() -> Iterator[Named]:
    """First ones alone, too short, overlapping, later ones alone, beyond 64 kB, whole ones; with a
    size that grows beyond the MTU in the other family."""
    for (number, row), small in product(enumerate(rows()), (0, s.SMALL_SERVERS | s.SMALL_CLIENTS)):
        src, dst, dev = ends(row, number)
        whole = Udp(40000, UDP_PORT, bytes(range(250)) * 5).pack(src, dst)
        unchecked = Udp(40000, UDP_PORT, bytes(992), has_checksum=False).pack(src, dst)
        pieces = (
            (whole, 0, False), (whole[:8], 0, True), (whole[:4], 0, True), (whole[:600], 0, True),
            (whole[600:], 600, False), (whole[592:], 592, False), (whole, 65000, True),
            (whole[:1232], 0, True), (b"", 8, True), (b"x", 16, False), (unchecked[:800], 0, True),
            (unchecked[800:], 800, False), (whole[:5], 0, True), (whole[:12], 0, False),
        )  # fmt: skip
        for ident in (1, 0x10001):
            script = Script(small)
            for payload, offset, more in pieces:
                ours = ident if row.client_af == 6 else ident % 0x10000
                script.frame(piece(row, number, payload, offset, more, ours), dev)
            script.answer(1 - dev, s.CUT, b=6).answer(1 - dev, s.CUT, b=7, c=1)
            yield f"{row.name}-pieces-{small}-{ident}", script.add(s.TIME, time=20)


def with_errors() -> Iterator[Named]:
    """ICMP errors about a first fragment, ours and the answer's, and about a later one."""
    for (number, row), workers in product(enumerate(rows()), WORKERS):
        src, dst, dev = ends(row, number)
        whole = Udp(40000, UDP_PORT, bytes(range(250)) * 5).pack(src, dst)
        script = Script(workers)
        for kind, code in ERRORS[row.server_af]:
            script.frame(piece(row, number, whole[:600], 0, True, 7), dev)
            script.error(kind, code, 1 - dev, where=s.ROUTER_SAYS, c=170, queue=1)
        script.frame(piece(row, number, whole[600:], 600, False, 7), dev).error(11, 0, 1 - dev)
        script.answer(1 - dev, s.CUT, b=6, pick=1)
        for kind, code in ERRORS[row.client_af][:5]:
            script.error(kind, code, dev, pick=1, where=s.ROUTER_SAYS, c=100)
        yield f"{row.name}-pieces-error-{workers}", script


def cut_here() -> Iterator[Named]:
    """Whole packets with options, too large for where they go; first fragments whose TCP header has
    not come with them, by the keeper and by another worker."""
    for number, row in enumerate(rows()):
        src, dst, dev = ends(row, number)
        script = Script(s.SMALL_SERVERS | s.SMALL_CLIENTS)
        for ip in with_options(ip_of(src, dst, 17)):
            large = Udp(40000, UDP_PORT, b"o" * 1300)
            script.frame(l2(packet(ip, large), dev), dev).answer(1 - dev)
        yield f"{row.name}-options-cut", script
        script = Script(s.THREE_WORKERS)
        segment = Tcp(40000, TCP_PORT, 7, flags=SYN).pack(src, dst)
        for ident, n_bytes in product(range(6), (8, 16)):
            first = fragment(ip_of(src, dst, 6), Piece(ident, 0, True, segment[:n_bytes]))
            script.frame(l2(first, dev), dev, flags=0, queue=ident % 3)
        yield f"{row.name}-pieces-short", script


def of_queries() -> Iterator[Named]:
    """Echo and its answer, both cut; the id, which changes, is in the first fragment alone."""
    asked = [(number, row) for number, row in enumerate(rows()) if row.mode in ("SNAT", "FNAT")]
    for (number, row), workers, order in product(asked, WORKERS, (0, 1, 2, 12)):
        src, dst, dev = ends(row, number)
        is4 = row.client_af == 4
        rest, data = 0x12340001, bytes(range(250)) * 4
        message = icmp(8, 0, rest, data) if is4 else icmp6(src, dst, 128, 0, rest, data)
        echo = l2(bytes(ip_of(src, dst, ICMP if is4 else ICMP6, message)), dev)
        script = Script(workers).frame(echo, dev).answer(1 - dev)
        for size in (5, 6):
            script.frame(echo, dev, s.RIGHT | s.CUT, b=size, c=order)
            script.answer(1 - dev, s.CUT, b=size, c=order ^ 1)
        script.error(3 if is4 else 1, 0, 1 - dev)
        yield f"{row.name}-echo-pieces-{order}-{workers}", script


def between_families() -> Iterator[Named]:
    """Of TCP and UDP in sizes that fit, grow and are cut; DF and none; the answers too."""
    for (number, row), size in product(enumerate(rows()), (3, 4, 6, 7)):
        if row.client_af == row.server_af:
            continue
        src, dst, dev = ends(row, number)
        for small in (0, s.SMALL_SERVERS, s.SMALL_CLIENTS):
            script = Script(small)
            syn = Tcp(40000, TCP_PORT, 7, flags=SYN, options=SYN_OPTIONS)
            script.frame(tcp(src, dst, syn, dev), dev).answer(1 - dev)
            for n_bytes, order in ((1300, 0), (1440, 1), (1440, 4)):
                segment = Tcp(40000, TCP_PORT, 8, 70001, payload=bytes(n_bytes))
                script.frame(tcp(src, dst, segment, dev), dev, s.RIGHT | s.CUT, b=size, c=order)
                script.answer(1 - dev, s.CUT, b=size, c=order)
                datagram = packet(ip_of(src, dst, 17), Udp(40000, UDP_PORT, bytes(n_bytes)))
                script.frame(l2(datagram, dev), dev, s.RIGHT | s.CUT, b=size, c=order)
                script.answer(1 - dev, s.CUT, b=7 - size, c=order)
            yield f"{row.name}-between-{size}-{small}", script


KINDS = (of_every_row, as_they_lie, with_errors, cut_here, of_queries, between_families)
