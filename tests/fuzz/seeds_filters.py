"""Seeds of captures: filters in classic BPF (McCanne and Jacobson, 1993) of every instruction,
loads at the last byte of a packet and behind it, and programs that must not be run."""

import struct
from collections.abc import Iterator
from itertools import product

from tests.fuzz import script as s
from tests.fuzz.hosts import CLIENT, TCP_PORT, UDP_PORT, tcp, udp, vip
from tests.fuzz.script import Script
from tests.oracle.wire import ETH_BYTES, SYN, Tcp, Udp

Named = tuple[str, Script]
Insn = tuple[int, int, int, int]
"""Code, jumps if true and if false, k."""
LD, LDX, ST, STX, ALU, JMP, RET, MISC = range(8)
WORD, HALF, BYTE = 0x00, 0x08, 0x10
IMM, ABS, IND, MEM, LEN, MSH = range(0, 0xC0, 0x20)
OF_X = 0x08
DIV, MOD, XOR = 0x30, 0x90, 0xA0
JA, JEQ, JGT, JGE, JSET = range(0, 0x50, 0x10)
RET_A, TAX, TXA = RET | 0x10, MISC, MISC | 0x80
KEEP: Insn = (RET, 0, 0, 96)
DROP: Insn = (RET, 0, 0, 0)
LOAD_LEN: Insn = (LD | LEN, 0, 0, 0)
LEN_TO_X: Insn = (LDX | LEN, 0, 0, 0)
FAR = (0, ETH_BYTES, 59, 60, 1500, 0x7FFFFFFF, 0xFFFFFFFC, 0xFFFFFFFF)

TO_PORT_80: tuple[Insn, ...] = (
    (LD | HALF | ABS, 0, 0, 12), (JMP | JEQ, 0, 8, 0x0800),
    (LD | BYTE | ABS, 0, 0, 23), (JMP | JEQ, 0, 6, 6),
    (LD | HALF | ABS, 0, 0, 20), (JMP | JSET, 4, 0, 0x1FFF),
    (LDX | BYTE | MSH, 0, 0, 14), (LD | HALF | IND, 0, 0, 16), (JMP | JEQ, 0, 1, TCP_PORT),
    KEEP, DROP,
)  # fmt: skip


def program(*insns: Insn) -> bytes:
    return b"".join(struct.pack("=HBBI", *insn) for insn in insns)


def watched(*insns: Insn, raw: bytes = b"") -> Script:
    """Segments and datagrams, small and large, there and back, while a filter is at work."""
    data = program(*insns) or raw
    script = Script(s.THREE_WORKERS).add(s.WATCH, dev=0, data=data)
    script.frame(tcp(CLIENT[4], vip(0, 4), Tcp(40000, TCP_PORT, 7, flags=SYN))).answer(1, a=0)
    script.add(s.WATCH, dev=1, data=data)
    script.frame(udp(CLIENT[4], vip(0, 4), Udp(40000, UDP_PORT, b"u"))).answer(1)
    return script.frame(udp(CLIENT[4], vip(0, 4), Udp(40000, UDP_PORT, bytes(1200))))


def of_loads() -> Iterator[Named]:
    yield "filter-none", watched()
    yield "filter-port", watched(*TO_PORT_80)
    for size, k in product((WORD, HALF, BYTE), FAR):
        yield f"filter-load-{size:x}-{k:x}", watched((LD | size | ABS, 0, 0, k), KEEP)
    for size, back in product((WORD, HALF, BYTE), range(6)):
        at_the_end = (LD | size | IND, 0, 0, -back & 0xFFFFFFFF)
        yield f"filter-end-{size:x}-{back}", watched(LEN_TO_X, at_the_end, KEEP)
    for k in FAR:
        yield (
            f"filter-msh-{k:x}",
            watched((LDX | BYTE | MSH, 0, 0, k), (TXA, 0, 0, 0), (RET_A, 0, 0, 0)),
        )
    for k in (0, 15):
        yield f"filter-memory-{k}", watched(
            LOAD_LEN, (ST, 0, 0, k), (LDX | MEM, 0, 0, k), (STX, 0, 0, 15 - k),
            (LD | MEM, 0, 0, 15 - k), (RET_A, 0, 0, 0),
        )  # fmt: skip


def of_sums() -> Iterator[Named]:
    for op in range(0, XOR + 1, 0x10):
        for k in (1, 2, 31, 32, 0xFFFFFFFF):
            with_k, with_x = (ALU | op, 0, 0, k), (ALU | op | OF_X, 0, 0, 0)
            yield (
                f"filter-alu-{op:x}-{k:x}",
                watched((LDX | IMM, 0, 0, k), LOAD_LEN, with_k, with_x, (RET_A, 0, 0, 0)),
            )
    yield "filter-by-nothing", watched((ALU | DIV | OF_X, 0, 0, 0), KEEP)
    yield "filter-rest-of-nothing", watched((ALU | MOD | OF_X, 0, 0, 0), KEEP)
    for op, k in product((JEQ, JGT, JGE, JSET), (0, 59, 60, 0xFFFFFFFF)):
        jump, jump_x = (JMP | op, 1, 0, k), (JMP | op | OF_X, 0, 1, 0)
        yield (
            f"filter-jump-{op:x}-{k:x}",
            watched(LOAD_LEN, (TAX, 0, 0, 0), jump, jump_x, (JMP | JA, 0, 0, 1), KEEP, DROP),
        )


def that_must_not_run() -> Iterator[Named]:
    lies: tuple[tuple[Insn, ...], ...] = (
        ((LD, 0, 0, 0),), ((JMP | JA, 0, 0, 0xFFFFFFFF), KEEP), ((JMP | JA, 0, 0, 1), KEEP),
        ((JMP | JEQ, 255, 0, 60), KEEP), ((JMP | JEQ, 0, 255, 0), KEEP),
        ((JMP | 0x50, 0, 0, 0), KEEP),
        ((LD | MEM, 0, 0, 16), KEEP), ((LDX | MEM, 0, 0, 4000000), KEEP), ((ST, 0, 0, 16), KEEP),
        ((STX, 0, 0, 0xFFFFFFFF), KEEP), ((LD | BYTE | MEM, 0, 0, 0), KEEP),
        ((LD | 0x18, 0, 0, 0), KEEP), ((LD | 0xC0, 0, 0, 0), KEEP), ((LDX | ABS, 0, 0, 0), KEEP),
        ((LD | MSH, 0, 0, 0), KEEP), ((LD | 0x100, 0, 0, 0), KEEP), ((ALU | 0x100, 0, 0, 0), KEEP),
        ((JMP | 0x100, 0, 0, 0), KEEP), ((ALU | DIV, 0, 0, 0), KEEP), ((ALU | MOD, 0, 0, 0), KEEP),
        ((ALU | 0xB0, 0, 0, 0), KEEP), ((MISC | 0x40, 0, 0, 0), KEEP), ((RET | 0x08, 0, 0, 0),),
    )  # fmt: skip
    for number, insns in enumerate(lies):
        yield f"filter-lie-{number}", watched(*insns)
    yield "filter-half", watched(raw=program(*TO_PORT_80)[:-3])
    yield "filter-long", watched(*(LOAD_LEN,) * 480, KEEP)


KINDS = (of_loads, of_sums, that_must_not_run)
