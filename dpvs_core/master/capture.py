"""`capture.start`: copies of a device's packets as a stream of replies.

The core has one capture at a time and buffers; it is read every POLL_S and stopped when the
stream is closed, that is when the client has gone.
"""

import asyncio
from contextlib import suppress

from dpvs_core.control.messages import CapturePackets, CaptureStart, Code, Reply
from dpvs_core.master.engine import Operator
from dpvs_core.master.errors import EngineError, Refused

POLL_S = 0.02
INSN_BYTES = 8
MAX_INSNS = 4096  # BPF_MAXINSNS
SNAPLEN_RANGE = range(1, 65536)


def start(engine: Operator, dev: int, request: CaptureStart) -> "Records":
    """Begin; Refused(BUSY) where another capture runs, INVAL for what is no program."""
    if len(request.program) % INSN_BYTES or len(request.program) > MAX_INSNS * INSN_BYTES:
        message = f"a program is at most {MAX_INSNS} instructions of {INSN_BYTES} bytes"
        raise Refused(Code.INVAL, message, f"{len(request.program)} bytes")
    if request.snaplen not in SNAPLEN_RANGE:
        raise Refused(Code.INVAL, "a snaplen is 1 to 65535", str(request.snaplen))
    engine.capture_start(dev, request.program, request.snaplen)
    return Records(engine)


class Records:
    """The packets of the capture that runs, as replies: first an empty one, so that the client
    knows it does. Ends by `aclose`, which stops the capture (the server always calls it)."""

    def __init__(self, engine: Operator) -> None:
        self._engine = engine
        self._lost: int | None = None  # None: nothing was sent yet

    def __aiter__(self) -> "Records":
        return self

    async def __anext__(self) -> Reply:
        if self._lost is None:
            self._lost = 0
            return CapturePackets(records=b"", lost=0)
        while True:
            records, lost = self._engine.capture_read()
            if records or lost != self._lost:
                self._lost = lost
                return CapturePackets(records=records, lost=lost)
            await asyncio.sleep(POLL_S)

    async def aclose(self) -> None:
        with suppress(EngineError):
            self._engine.capture_stop()
