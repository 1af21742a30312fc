"""The log: calling it never waits, whatever a pipe, a disk or syslog does.

Lines go into a bounded queue; a thread writes them. What does not fit is dropped and counted, and
the count is logged when there is room again. After fork make a new Log: threads do not follow.
"""

import os
import queue
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from keepalivedpy.daemon.log_sinks import DescriptorSink, Sink, SyslogSink

MAX_WAITING = 10_000  # lines
ERR, WARNING, INFO = 3, 4, 6
LOG_DAEMON = 3


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`file` None: no -g. facility: syslog's number (daemon 3, local0..7 16..23)."""

    console: bool = False
    syslog: bool = True
    facility: int = LOG_DAEMON
    file: str | None = None


class Log:
    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = list(sinks)
        self._queue: queue.SimpleQueue[tuple[float, int, str] | None] = queue.SimpleQueue()
        self._n_dropped = 0
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def __call__(self, text: str, severity: int = INFO) -> None:
        """Log one line (several if there are line ends in it)."""
        if self._queue.qsize() >= MAX_WAITING:
            self._n_dropped += 1
            return
        if self._n_dropped:
            n, self._n_dropped = self._n_dropped, 0
            self._queue.put((time.time(), WARNING, f"{n} log lines were dropped: too slow a log"))
        for line in text.splitlines():
            self._queue.put((time.time(), severity, line))

    def is_idle(self) -> bool:
        """Whether no line waits."""
        return self._queue.empty()

    def close(self, timeout_s: float = 1.0) -> None:
        """Write what waits, but no longer than `timeout_s`."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _write_all(self) -> None:
        while (entry := self._queue.get()) is not None:
            self._sinks = [sink for sink in self._sinks if sink.write(*entry)]


def open_log(settings: LogSettings, ident: str, suffix: str = "") -> Log:
    """The log of one process: `ident` names it in syslog, `suffix` its own -g file.

    Raises OSError if the file cannot be opened.
    """
    sinks: list[Sink] = []
    if settings.syslog:
        sinks.append(SyslogSink(ident, settings.facility))
    if settings.console:
        sinks.append(DescriptorSink(1))
    if settings.file is not None:
        path = Path(settings.file)
        path = path.with_name(f"{path.stem}{suffix}{path.suffix}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        sinks.append(DescriptorSink(os.open(path, flags, 0o644)))
    return Log(sinks)
