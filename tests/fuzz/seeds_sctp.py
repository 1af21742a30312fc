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
    HEARTBEAT_ACK,
    INIT,
    INIT_ACK,
    SACK,
    SHUTDOWN,
    SHUTDOWN_ACK,
    SHUTDOWN_COMPLETE,
    Chunk,
    Sctp,
)
from tests.oracle.wire import DF

CLIENT_TAG, SERVER_TAG = 0x11111111, 0x22222222
LIES = (0, 1, 3, 4, 5, 9, 100, 0xFFFF)
"""Lengths of a chunk that has eight bytes."""
ONE_OF_A_KIND = ("fnat4", "fnat64", "nat6", "dr4", "tunnel46", "snat4")
PART = 25
"""Bodies to a script, which has 32 records."""
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


def in_every_state() -> Iterator[Named]:
    """Each chunk from the client and from the server, before there is a state and in each."""
    chosen = [(number, row) for number, row in enumerate(rows()) if row.name in ONE_OF_A_KIND]
    for (number, row), (kind, chunk) in product(chosen, CHUNKS.items()):
        src, dst, dev = ends(row, number)
        once = sctp(src, dst, segment(chunk, port=40001), dev)
        init = sctp(src, dst, segment(CHUNKS[INIT], tag=0, port=40001), dev)
        script = Script(s.DEFENCE if kind % 2 else 0).frame(once, dev).answer(1 - dev, a=kind)
        script.frame(init, dev).answer(1 - dev, a=kind).frame(once, dev)
        script.frame(init, dev).answer(1 - dev).frame(once, dev).answer(1 - dev, a=kind)
        opened(row, number, script).answer(1 - dev, a=kind).answer(1 - dev, a=SHUTDOWN)
        script.frame(sctp(src, dst, segment(chunk), dev), dev).answer(1 - dev, a=SHUTDOWN_ACK)
        yield f"{row.name}-sctp-chunk-{kind}", script.answer(1 - dev, a=kind)


def cut_short() -> Iterator[Named]:
    """Chunks that say another length than they have, many in a packet, too few bytes for one."""
    bodies = [struct.pack("!BBH", kind, 0, n) + bytes(4) for kind in (0, 1, 9) for n in LIES]
    bodies += [bytes(n) for n in (0, 1, 3, 4, 5, 7)] + [bytes(Chunk(HEARTBEAT_ACK)) * 40]
    bodies += [bytes(CHUNKS[COOKIE_ACK]) + body for body in bodies[:8]]
    for (number, row), is_open in product(enumerate(rows()), (False, True)):
        src, dst, dev = ends(row, number)
        for part in range(0, len(bodies), PART):
            script = opened(row, number, Script()) if is_open else Script()
            for body in bodies[part : part + PART]:
                head = struct.pack("!HHII", 40000, SCTP_PORT, SERVER_TAG, 0)
                script.frame(sctp(src, dst, head + body, dev), dev)
            script.frame(sctp(src, dst, head[:9], dev), dev).answer(1 - dev)
            yield f"{row.name}-sctp-short-{is_open}-{part}", script


def with_errors() -> Iterator[Named]:
    """ICMP errors about an INIT and about its answer, with quotes of every length."""
    for number, row in enumerate(rows()):
        src, dst, dev = ends(row, number)
        init = sctp(src, dst, segment(CHUNKS[INIT], tag=0), dev)
        for workers in (0, s.THREE_WORKERS):
            script = Script(workers)
            for i, (kind, code) in enumerate(ERRORS[row.server_af]):
                script.frame(init, dev)
                script.error(kind, code, 1 - dev, where=s.ROUTER_SAYS, c=170, queue=1)
                script.error(kind, code, 1 - dev, where=0x10 * (1 + i % 3), pick=1)
            yield f"{row.name}-sctp-error-{workers}", script
            script = Script(workers)
            for kind, code in ERRORS[row.client_af]:
                script.frame(init, dev).answer(1 - dev)
                script.error(kind, code, dev, where=s.ROUTER_SAYS, c=170)
            yield f"{row.name}-sctp-back-{workers}", script


def too_large() -> Iterator[Named]:
    """In fragments, and for an MTU that is smaller: of the new packet, and of its answer."""
    for (number, row), order, small in product(enumerate(rows()), (0, 1, 2), (0, 1)):
        src, dst, dev = ends(row, number)
        script = opened(row, number, Script(small and s.SMALL_SERVERS | s.SMALL_CLIENTS))
        large = sctp(src, dst, segment(data(1200)), dev)
        script.frame(large, dev).frame(large, dev, s.RIGHT | s.CUT, b=5, c=order)
        script.answer(1 - dev).answer(1 - dev, s.CUT, b=4, c=order ^ 1)
        alone = sctp(src, dst, segment(CHUNKS[INIT], tag=0, port=40001), dev)
        script.frame(alone, dev, s.RIGHT | s.CUT, b=1, c=order).add(s.TIME, time=20)
        if row.client_af == 4:
            script.frame(sctp(src, dst, segment(data(1200)), dev, frag=DF), dev)
        yield f"{row.name}-sctp-large-{order}-{small}", script


def ended_here() -> Iterator[Named]:
    """Idle: both ends are aborted. Refused, a wrong checksum, a server that is taken away."""
    for (number, row), workers in product(enumerate(rows()), (0, s.THREE_WORKERS)):
        src, dst, dev = ends(row, number)
        idle = opened(row, number, Script(workers))
        idle.add(s.TIME, time=23)
        yield f"{row.name}-sctp-idle-{workers}", idle.add(s.TIME, time=23)
        init = sctp(src, dst, segment(CHUNKS[INIT], tag=0), dev)
        wrong = init[:-1] + b"x"
        script = Script(workers).frame(init, dev).answer(1 - dev, a=ABORT).frame(init, dev)
        script.add(s.CHANGE, a=s.QUIESCE).frame(init, dev).frame(wrong, dev, s.LENGTHS)
        yield f"{row.name}-sctp-refused-{workers}", script.answer(1 - dev)


KINDS = (talks, in_every_state, cut_short, with_errors, too_large, ended_here)
