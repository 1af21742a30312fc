"""Tells the status of a process that has an asyncio loop, without holding it up.

A document is built in slices (slices.py), one at a time; who comes while one is built shares the
next with all who wait. A client gets what its socket takes at once and the rest when it has read
that. At most MAX_CLIENTS are served at a time and none longer than CLIENT_S; the others wait in
the kernel's queue.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import msgspec

from keepalivedpy.status.listener import Listener

MAX_CLIENTS = 8
CLIENT_S = 2.0

Build = Callable[[], Awaitable[msgspec.Struct]]


class StatusServer:
    """`show(build)` opens it; until then, and without permission, nobody can ask."""

    def __init__(self, path: str, log: Callable[[str], None]) -> None:
        self._path, self._log = path, log
        self._loop = asyncio.get_running_loop()
        self._listener: Listener | None = None
        self._build: Build | None = None
        self._building = asyncio.Lock()
        self._document, self._n_begun = b"", 0
        self._clients: set[asyncio.Task[None]] = set()

    def show(self, build: Build) -> None:
        """Answer with `build()` from now on. A socket that cannot be made is one log line."""
        self._build = build
        if self._listener is not None:
            return
        try:
            self._listener = Listener(self._path)
        except OSError as error:
            reason = error.strerror or error
            self._log(f"No status for --status: cannot make {self._path}: {reason}")
            return
        self._loop.add_reader(self._listener.fileno(), self._accept)

    def close(self) -> None:
        for task in self._clients:
            task.cancel()
        if self._listener is not None:
            self._loop.remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        assert self._listener is not None
        client = self._listener.accept()
        if client is None:
            return
        task = self._loop.create_task(self._serve(client))
        self._clients.add(task)
        task.add_done_callback(self._served)
        if len(self._clients) >= MAX_CLIENTS:
            self._loop.remove_reader(self._listener.fileno())

    def _served(self, task: asyncio.Task[None]) -> None:
        self._clients.discard(task)
        if self._listener is not None:
            self._loop.add_reader(self._listener.fileno(), self._accept)

    async def _serve(self, client: socket.socket) -> None:
        """A client that is too slow, or goes away, only loses the rest."""
        with client, contextlib.suppress(OSError):
            async with asyncio.timeout(CLIENT_S):
                await self._loop.sock_sendall(client, await self._current())

    async def _current(self) -> bytes:
        """A document begun after the call; a mistake in it must not end a process that others
        depend on."""
        assert self._build is not None
        n_before = self._n_begun
        async with self._building:
            if self._n_begun > n_before:
                return self._document
            self._n_begun += 1
            try:
                self._document = msgspec.json.encode(await self._build())
            except Exception as error:
                self._document = b""
                self._log(f"Status cannot be told: {type(error).__name__}: {error}")
            return self._document
