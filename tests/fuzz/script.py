"""Inputs of the fuzzer, as script.h has them."""

import struct
from dataclasses import dataclass, field
from typing import Any

(FRAME, ANSWER, QUOTE, RETURN, KERNEL, TIME, CHANGE, WATCH) = range(8)
LENGTHS, CHECKSUMS, CUT, ANSWERED, EMITTED, NO_TURN, PADDED = (1 << bit for bit in range(7))
RIGHT = LENGTHS | CHECKSUMS
THREE_WORKERS, XMIT_TTL, FORWARDING, SMALL_SERVERS, SMALL_CLIENTS, DEFENCE, ONE_SENDS, VERIFIED = (
    1 << bit for bit in range(8)
)
RATES, PACKETS, CONNS, TX, NIC_RSS, NIC_FLOW, CAPTURE, NO_NAT = (1 << bit for bit in range(8))
STANDBY, ACTIVE, QUIESCE, SERVE, ROUTE_MTU, ANNOUNCE, FORGET, LEARN = range(8)
ROUTER_SAYS = 8
"""Of a quote's `where`: not the host the packet went to."""


@dataclass
class Script:
    """Built record by record; `bytes(script)` is the input."""

    options: int = 0
    scarcity: int = 0
    records: list[bytes] = field(default_factory=list)

    def add(
        self,
        op: int,
        flags: int = 0,
        dev: int = 0,
        queue: int = 0,
        where: int = 0,
        time: int = 0,
        pick: int = 0,
        a: int = 0,
        b: int = 0,
        c: int = 0,
        data: bytes = b"",
    ) -> "Script":
        place = dev | queue << 1 | where
        self.records.append(
            struct.pack("!8BH", op, flags, place, time, pick, a, b, c, len(data)) + data
        )
        return self

    def frame(self, data: bytes, dev: int = 0, flags: int = RIGHT, **rest: Any) -> "Script":
        return self.add(FRAME, flags, dev, data=data, **rest)

    def answer(self, dev: int = 1, flags: int = 0, data: bytes = b"", **rest: Any) -> "Script":
        """To what left last."""
        return self.add(ANSWER, RIGHT | EMITTED | flags, dev, data=data, **rest)

    def error(
        self, kind: int, code: int, dev: int = 1, flags: int = EMITTED, **rest: Any
    ) -> "Script":
        """An ICMP error about what left last."""
        return self.add(QUOTE, RIGHT | flags, dev, a=kind, b=code, **rest)

    def __bytes__(self) -> bytes:
        return bytes([self.options, self.scarcity]) + b"".join(self.records)
