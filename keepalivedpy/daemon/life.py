"""The lives of one process that is started again when it dies, for the status."""

import os
import time

from keepalivedpy.status.model import ProcessStatus


class Life:
    """`name` is what the log calls the process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pid = 0
        self._since: float | None = None
        self._n_ended = 0
        self._how = ""

    def began(self, pid: int) -> None:
        self._pid, self._since = pid, time.time()

    def ended(self, how: str) -> None:
        """`how`: as `ending` says it."""
        self._pid, self._since = 0, None
        self._n_ended, self._how = self._n_ended + 1, how

    def status(self) -> ProcessStatus:
        return ProcessStatus(
            name=self._name,
            pid=self._pid,
            since=self._since,
            n_ended=self._n_ended,
            ended=self._how,
        )


def ending(status: int) -> str:
    """How a process ended, from waitpid's status."""
    code = os.waitstatus_to_exitcode(status)
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit status {code}"
