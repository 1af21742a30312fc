"""A keepalived process under test: started, listened to, ended."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

CHECKOUT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launch_keepalived.py")
DEADLINE_S = 15.0


class Daemon:
    """`folder` holds its pid files; the words are its options, besides -n -l -G and pid files."""

    def __init__(
        self, folder: Path, *words: str, program: tuple[str, ...] = (sys.executable, str(LAUNCHER)),
        env: dict[str, str] | None = None, foreground: bool = True,
    ) -> None:  # fmt: skip
        self.folder = folder
        pids = [f"-p{folder}/ka.pid", f"-r{folder}/vrrp.pid", f"-c{folder}/check.pid"]
        flags = ["-n"] if foreground else []
        self.process = subprocess.Popen(
            [*program, *flags, "-l", "-G", *pids, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **(env or {})},
        )
        self.lines: list[str] = []
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def wait_for(self, pattern: str, timeout_s: float = DEADLINE_S) -> re.Match[str]:
        """The next line that has `pattern`; AssertionError with all lines when none comes."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = self._queue.get(timeout=max(deadline_s - time.monotonic(), 0.001))
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in\n" + "\n".join(self.lines)) from None
            if line is None:
                raise AssertionError(f"ended without {pattern!r}:\n" + "\n".join(self.lines))
            if match := re.search(pattern, line):
                return match

    def signal(self, signum: signal.Signals) -> None:
        self.process.send_signal(signum)

    def stop(self) -> int:
        """SIGTERM, then the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        return status

    def wait_until_silent(self) -> None:
        """Until every process that shares its output has ended."""
        self._reader.join(DEADLINE_S)
        assert not self._reader.is_alive()

    def text(self) -> str:
        return "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._queue.put(line)
        self._queue.put(None)
