"""Pid files: who runs already, and who we are.

The file of the parent is also locked while it lives, so that of two daemons started at the same
moment one leaves. A number in a file that is our own is a leftover (containers number alike).
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


class AlreadyRunningError(Exception):
    """A live process holds this pid file."""


class PidFile:
    """One pid file; `claim` or `take`, then `write`, then `remove`. They raise OSError."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = -1

    def claim(self, log: Callable[[str], None]) -> None:
        """Raises AlreadyRunningError if somebody lives; a dead one's file is taken over."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise AlreadyRunningError(self.path) from None
        pid = _number(os.read(fd, 32))
        if pid is not None and is_alive(pid):
            os.close(fd)
            raise AlreadyRunningError(self.path)
        if pid is not None:
            log(f"Remove a zombie pid file {self.path}")
        self._fd = fd

    def take(self) -> None:
        """Open the file whoever it names: for a child, whose parent has claimed its own."""
        self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write(self) -> None:
        """Put our number into the claimed file."""
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)

    def forget(self) -> None:
        """In a child: close the parent's file without touching it (the lock is the parent's)."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def remove(self) -> None:
        """Remove the file if it is still ours."""
        if self._fd < 0:
            return
        Path(self.path).unlink(missing_ok=True)
        self.forget()


def is_alive(pid: int) -> bool:
    """Whether another process of this number exists."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def live_pid(path: str) -> int | None:
    """The number in a pid file if that process lives, else None."""
    try:
        pid = _number(Path(path).read_bytes()[:32])
    except OSError:
        return None
    return pid if pid is not None and is_alive(pid) else None


def _number(text: bytes) -> int | None:
    words = text.split()
    return int(words[0]) if words and words[0].isdigit() and int(words[0]) > 0 else None
