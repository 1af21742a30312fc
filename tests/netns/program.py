"""A program started for a test: its own process group, its output in a file, an orderly end."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.netns.processes import kill_family
from tests.netns.wait import until

TERM_TIMEOUT_S = 10.0


class Program:
    """Runs from construction to `end()`. Its output goes to `log`, standard input is empty."""

    def __init__(self, argv: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for_log(self, text: str, timeout_s: float) -> None:
        def seen() -> bool:
            if text in self.log_text():
                return True
            if not self.running():
                raise RuntimeError(f"ended early with {self._process.returncode}: {self.tail()}")
            return False

        until(f"{text!r} in {self.log}", seen, timeout_s)

    def tail(self, n_lines: int = 20) -> str:
        return "\n".join(self.log_text().splitlines()[-n_lines:])

    def wait(self, timeout_s: float) -> int:
        """The exit status (negative: the signal that ended it)."""
        return self._process.wait(timeout_s)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill_family(self) -> None:
        """kill -9 of the program and all it started; reaped, as an init system does."""
        kill_family(self.pid)
        self.wait(TERM_TIMEOUT_S)

    def end(self, timeout_s: float = TERM_TIMEOUT_S) -> None:
        """SIGTERM to the program, and SIGKILL to what is left of its group after `timeout_s`."""
        if self.running():
            self.send(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(timeout_s)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait(timeout_s)
