"""A program we started: its lines with a deadline, and an orderly end."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.failure import BenchError

END_TIMEOUT_S = 10.0


class Child:
    """Runs from construction to `end`. Standard error goes to a file, for what it said last."""

    def __init__(
        self, name: str, argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._said = folder / f"{name}.err"
        self._rest = b""
        try:
            with self._said.open("wb") as errors:
                self._process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=env
                )
        except OSError as error:
            raise BenchError(f"{name}: {error}") from None

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def line(self, timeout_s: float) -> str:
        """The next line of standard output; BenchError if it ends or keeps silent."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._rest:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._process.stdout], [], [], left_s)[0]:
                raise BenchError(f"{self.name} said nothing for {timeout_s:.0f} s{self._last()}")
            piece = os.read(self._process.stdout.fileno(), 65536)
            if not piece:
                raise BenchError(f"{self.name} ended{self._last()}")
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode(errors="replace")

    def ask_to_end(self) -> None:
        """SIGTERM; what it prints then can be read by `line`."""
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """SIGTERM, and SIGKILL if it does not heed it."""
        if self.running():
            self.ask_to_end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_TIMEOUT_S)
        if self.running():
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _last(self) -> str:
        with contextlib.suppress(OSError):
            words = " ".join(self._said.read_text(errors="replace").split())
            return f": {words[-400:]}" if words else ""
        return ""
