"""The Unix socket on which a process tells its status: made, accepted from, removed; never waits.

It stands beside the process's pid file, for its own user (mode 0600). Who connects is sent one
JSON document and the end of the stream; nothing is read from it.
"""

import contextlib
import errno
import os
import socket
import stat
from pathlib import Path

PID_SUFFIX, STATUS_SUFFIX = ".pid", ".status"
BACKLOG = 64  # who comes while all places are taken waits here, in the kernel


def status_path(pid_file: str) -> str:
    """
    >>> status_path("/run/keepalived_vrrp.pid")
    '/run/keepalived_vrrp.status'
    """
    return pid_file.removesuffix(PID_SUFFIX) + STATUS_SUFFIX


class Listener:
    """Raises OSError when it cannot be made (FileExistsError: something else has that name)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            _remove_stale(path)
            os.fchmod(self._socket.fileno(), 0o600)  # before bind: it is never open to others
            self._socket.bind(path)
            self._inode = os.stat(path).st_ino
            self._socket.listen(BACKLOG)
        except BaseException:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def accept(self) -> socket.socket | None:
        """The next client, non-blocking; None if there is none (any more)."""
        try:
            client, _ = self._socket.accept()
        except OSError:  # it has gone, or there is no descriptor for it: it will come again
            return None
        client.setblocking(False)
        return client

    def forget(self) -> None:
        """In a child: close the parent's socket and leave its name alone."""
        self._socket.close()

    def close(self) -> None:
        """Close it, and remove its name if that is still ours."""
        self._socket.close()
        with contextlib.suppress(FileNotFoundError):
            if os.stat(self.path).st_ino == self._inode:
                Path(self.path).unlink(missing_ok=True)


def _remove_stale(path: str) -> None:
    """Whoever made it is dead: the pid file beside it is ours."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise FileExistsError(errno.EEXIST, "it exists and is no socket", path)
        Path(path).unlink(missing_ok=True)
