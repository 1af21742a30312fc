"""The parent's status: one small document, written to whoever connects, without waiting."""

import contextlib
import os
import time
from collections.abc import Callable

import msgspec

from dpvs_core import __version__
from keepalivedpy.daemon.life import Life
from keepalivedpy.daemon.log import WARNING, Log
from keepalivedpy.daemon.options import Options
from keepalivedpy.status.listener import Listener, status_path
from keepalivedpy.status.model import ParentStatus


class ParentStatusSocket:
    """A socket that cannot be made is one log line; then `readable` is empty.

    `lives`: the processes that shall run, now.
    """

    def __init__(self, options: Options, lives: Callable[[], list[Life]], log: Log) -> None:
        self._config, self._lives, self._since = options.config, lives, time.time()
        self._listener: Listener | None = None
        path = status_path(options.pid_file)
        try:
            self._listener = Listener(path)
        except OSError as error:
            reason = error.strerror or error
            log(f"No status for --status: cannot make {path}: {reason}", WARNING)

    def readable(self) -> list[Listener]:
        """What to wait for."""
        return [self._listener] if self._listener is not None else []

    def answer(self) -> None:
        """Serve one client, if there is one; a socket's buffer holds far more than this."""
        client = self._listener.accept() if self._listener is not None else None
        if client is not None:
            with client, contextlib.suppress(OSError):
                client.send(msgspec.json.encode(self._status()))

    def forget(self) -> None:
        """In a child: close it and leave its name alone."""
        if self._listener is not None:
            self._listener.forget()

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _status(self) -> ParentStatus:
        return ParentStatus(
            pid=os.getpid(),
            since=self._since,
            version=__version__,
            config=os.path.abspath(self._config),
            processes=tuple(life.status() for life in self._lives()),
        )
