"""Where log lines go: the console, syslog, a file. Used by the log's own thread only."""

import os
import select
import socket
import time
from typing import Protocol

SYSLOG_SOCKET = "/dev/log"


class Sink(Protocol):
    """`write` may block and must not raise; it returns False when it is of no use any more."""

    def write(self, when_s: float, severity: int, text: str) -> bool: ...


def console_time(when_s: float) -> str:
    """`Sat Nov 21 10:05:50 2026`, as the C library's ctime."""
    return time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(when_s))


class DescriptorSink:
    """Lines with a time stamp to a file descriptor (-l: standard output; -g: a file)."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, when_s: float, severity: int, text: str) -> bool:
        data = f"{console_time(when_s)}: {text}\n".encode(errors="replace")
        try:
            while data:
                data = data[self._write_some(data) :]
        except OSError:
            return False
        return True

    def _write_some(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:  # somebody made the shared descriptor non-blocking
            select.select([], [self._fd], [], 1.0)
            return 0


class SyslogSink:
    """The local syslog daemon, if there is one; lines are lost while there is none."""

    def __init__(self, ident: str, facility: int, path: str = SYSLOG_SOCKET) -> None:
        self._head = f"{ident}[{os.getpid()}]"
        self._facility, self._path = facility, path
        self._socket: socket.socket | None = None

    def write(self, when_s: float, severity: int, text: str) -> bool:
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(when_s))
        line = f"<{self._facility * 8 + severity}>{stamp} {self._head}: {text}"
        if not self._send(line.encode(errors="replace")):
            self._send(line.encode(errors="replace"))  # the daemon was restarted
        return True

    def _send(self, line: bytes) -> bool:
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._socket.connect(self._path)
            self._socket.send(line)
        except OSError:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            return False
        return True
