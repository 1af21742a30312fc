"""Signals as data: which ones have come, waiting with a deadline."""

import select
import signal
import socket
from collections.abc import Iterable
from typing import Protocol


class Readable(Protocol):
    def fileno(self) -> int: ...


class Wakeup:
    """Catches signals from its making until `close`; a signal of the same number counts once."""

    def __init__(self, signums: Iterable[signal.Signals]) -> None:
        self._signums = tuple(signums)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        for signum in self._signums:
            signal.signal(signum, lambda _signum, _frame: None)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)

    def wait(self, timeout_s: float | None, *others: Readable) -> set[signal.Signals]:
        """The signals that came, at most `timeout_s` later; empty when none did.

        Returns early when one of `others` can be read.
        """
        select.select([self._read, *others], [], [], timeout_s)
        try:
            return {signal.Signals(number) for number in self._read.recv(4096)}
        except BlockingIOError:
            return set()

    def close(self) -> None:
        """Close the sockets (in a child: its copies)."""
        self._read.close()
        self._write.close()
