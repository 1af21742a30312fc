"""Seeds of SCTP: associations through every row, from the first INIT to the end."""

import struct
from collections.abc import Iterator
from itertools import product

from tests.fuzz import script as s
from tests.fuzz.hosts import ERRORS, SCTP_PORT, ends, sctp
from tests.fuzz.rows import Row, rows
from tests.fuzz.script import Script
from tests.oracle.sctp import (
    ABORT,
    COOKIE_ACK,
    COOKIE_ECHO,
    DATA,
    ERROR,
    HEARTBEAT,
    INIT,
    INIT_ACK,
    SACK,
    SHUTDOWN,
    SHUTDOWN_ACK,
    SHUTDOWN_COMPLETE,
    Chunk,
    Sctp,
)

CLIENT_TAG, SERVER_TAG = 0x11111111, 0x22222222
Named = tuple[str, Script]


def hello(kind: int, tag: int) -> Chunk:
    """INIT or INIT ACK: the tag, window, streams, first TSN; the cookie in what is asked back."""
    cookie = struct.pack("!HH", 7, 12) + b"biscuits" if kind == INIT_ACK else b""
    return Chunk(kind, struct.pack("!IIHHI", tag, 0x10000, 10, 10, 7) + cookie)


def data(n_bytes: int, tsn: int = 7) -> Chunk:
    return Chunk(DATA, struct.pack("!IHHI", tsn, 0, 0, 0) + bytes(n_bytes), 3)


def sack(tsn: int = 7) -> Chunk:
    return Chunk(SACK, struct.pack("!IIHH", tsn, 0x10000, 0, 0))


CHUNKS = {
    INIT: hello(INIT, CLIENT_TAG), INIT_ACK: hello(INIT_ACK, SERVER_TAG), DATA: data(30),
    SACK: sack(), HEARTBEAT: Chunk(HEARTBEAT, b"\0\1\0\6me\0\0"), ABORT: Chunk(ABORT),
    SHUTDOWN: Chunk(SHUTDOWN, bytes(4)), SHUTDOWN_ACK: Chunk(SHUTDOWN_ACK),
    ERROR: Chunk(ERROR, b"\0\3\0\10\0\0\0\0"), COOKIE_ECHO: Chunk(COOKIE_ECHO, b"biscuits"),
    COOKIE_ACK: Chunk(COOKIE_ACK), SHUTDOWN_COMPLETE: Chunk(SHUTDOWN_COMPLETE),
}  # fmt: skip


def segment(*chunks: Chunk, tag: int = SERVER_TAG, port: int = 40000) -> bytes:
    return Sctp(port, SCTP_PORT, tag, chunks).pack()


def opened(row: Row, number: int, script: Script) -> Script:
    """To ESTABLISHED, in four packets; one row in both directions."""
    src, dst, dev = ends(row, number)
    script.frame(sctp(src, dst, segment(CHUNKS[INIT], tag=0), dev), dev).answer(1 - dev, queue=1)
    script.frame(sctp(src, dst, segment(CHUNKS[COOKIE_ECHO], data(9)), dev), dev, queue=2)
    return script.answer(1 - dev)


def talks() -> Iterator[Named]:
    for (number, row), workers in product(enumerate(rows()), (0, s.THREE_WORKERS)):
        src, dst, dev = ends(row, number)
        script = opened(row, number, Script(workers | (s.XMIT_TTL if number % 2 else 0)))
        for chunks in ((data(1400),), (sack(), data(31), data(3)), (CHUNKS[HEARTBEAT],)):
            script.frame(sctp(src, dst, segment(*chunks), dev), dev).answer(1 - dev)
        script.frame(sctp(src, dst, segment(CHUNKS[SHUTDOWN]), dev), dev).answer(1 - dev)
        script.frame(sctp(src, dst, segment(CHUNKS[SHUTDOWN_COMPLETE]), dev), dev)
        script.error(*ERRORS[row.client_af][1], dev=1 - dev)
        yield f"{row.name}-sctp-{workers}", script.answer(1 - dev, a=ABORT)


KINDS = (talks,)
