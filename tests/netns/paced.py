"""The loop of a traffic program: something sent at a steady pace, answers read between.

SIGTERM ends it. A late wake-up skips what was due meanwhile: no bursts after a busy moment.
"""

import select
import signal
import time
from collections.abc import Callable
from types import FrameType

Send = Callable[[], None]
Receive = Callable[[], None]


class Stop:
    """`requested` is set by SIGTERM. A select that waits goes on (PEP 475): keep it short."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._request)

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True


def run(interval_s: float, fd: int, send: Send, receive: Receive, settle_s: float) -> None:
    """Until SIGTERM, then answers only for `settle_s`. `receive` reads what `fd` has, at once."""
    stop = Stop()
    print("ready", flush=True)
    due_s = time.monotonic()
    while not stop.requested:
        now_s = time.monotonic()
        if now_s >= due_s:
            send()
            due_s = max(due_s + interval_s, now_s)
        _receive_until(due_s, fd, receive)
    end_s = time.monotonic() + settle_s
    while time.monotonic() < end_s:
        _receive_until(end_s, fd, receive)


def _receive_until(end_s: float, fd: int, receive: Receive) -> None:
    """Wait for `fd` at most until then, and read once."""
    if select.select([fd], [], [], max(0.0, end_s - time.monotonic()))[0]:
        receive()
