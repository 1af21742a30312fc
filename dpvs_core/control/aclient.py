"""The asyncio client of the control socket, for daemons that must outlive the core.

`run` keeps a connection open: it retries every RETRY_S until the core answers, so that a core
that came back is spoken to at once. `call` may be used by any number of tasks; requests
are written in the order of the calls and replies come back in that order.
"""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from dpvs_core.control import codec
from dpvs_core.control.client import CoreError, socket_path, widen
from dpvs_core.control.messages import (
    PROTOCOL_VERSION,
    Failure,
    Hello,
    Owner,
    Reply,
    Request,
    Welcome,
)

RETRY_S = 0.1
REFUSED_RETRY_S = 1.0  # it answers but does not want us, or not what on_connect asked
HELLO_TIMEOUT_S = 5.0

R = TypeVar("R")
OnConnect = Callable[[Welcome, bool], Awaitable[None]]
OnDisconnect = Callable[[Exception], None]


class AsyncClient:
    """A connection that comes back by itself.

    `on_connect(welcome, new_instance)` is awaited after each hello and may use `call`;
    `new_instance` is True where the core is not the one of the last connection (also the first
    time): everything must be replayed. If it raises CoreError, OSError or codec.DecodeError the
    connection is closed and tried again. `on_disconnect(why)` is called when a connection that
    on_connect saw is gone. `lease_ms` (messages.Hello) may be changed, for the next hello;
    `told_lease_ms` is what the last one said.
    """

    def __init__(
        self,
        owner: Owner,
        client: str,
        path: str | None = None,
        lease_ms: int = 0,
        on_connect: OnConnect | None = None,
        on_disconnect: OnDisconnect | None = None,
    ) -> None:
        self.welcome: Welcome | None = None
        self.last_error: Exception | None = None
        self.path = socket_path(path)
        self.lease_ms, self.told_lease_ms = lease_ms, 0
        self._hello = Hello(version=PROTOCOL_VERSION, owner=owner, client=client, pid=os.getpid())
        self._on_connect, self._on_disconnect = on_connect, on_disconnect
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: deque[asyncio.Future[Reply]] = deque()

    @property
    def connected(self) -> bool:
        return self._writer is not None

    async def run(self) -> None:
        """Keep the connection until cancelled; never returns, never raises for a missing core."""
        while True:
            pause_s = RETRY_S
            try:
                await self._session()
            except CoreError as refused:
                self.last_error, pause_s = refused, REFUSED_RETRY_S
            except (OSError, codec.DecodeError) as error:
                self.last_error = error
            await asyncio.sleep(pause_s)

    async def call(self, request: Request, reply: type[R]) -> R:
        """Send a request; the reply is of the type REPLY_OF names for it.

        Raises CoreError when the core refuses, OSError when it is not connected or goes away
        before it answers (it may or may not have done what was asked). A cancelled call may
        have been carried out too; its reply is dropped.
        """
        if self._writer is None:
            raise ConnectionError(f"not connected to dpvs at {self.path}: {self.last_error}")
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append(answered)
        self._writer.write(codec.encode(request))
        answer = await answered
        if isinstance(answer, Failure):
            raise CoreError(answer)
        if not isinstance(answer, reply):
            raise codec.DecodeError(f"expected {reply.__name__}, got {type(answer).__name__}")
        return answer

    async def _session(self) -> None:
        """From connect to the end of the connection, which it raises."""
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            reader, writer = await asyncio.open_unix_connection(self.path)
            widen(writer.get_extra_info("socket"))
        try:
            welcome = await self._greet(reader, writer)
        except BaseException:
            writer.close()
            raise
        new_instance = self.welcome is None or self.welcome.instance != welcome.instance
        self._writer = writer
        reading = asyncio.create_task(self._read_replies(reader))
        try:
            if self._on_connect is not None:
                await self._on_connect(welcome, new_instance)
            self.welcome, self.last_error = welcome, None
            await reading
        except (OSError, CoreError, codec.DecodeError) as error:
            if self._on_disconnect is not None:
                self._on_disconnect(error)
            raise
        finally:
            reading.cancel()
            self._drop(ConnectionResetError("the control connection was closed"))

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Welcome:
        self.told_lease_ms = self.lease_ms
        hello = msgspec.structs.replace(self._hello, lease_ms=self.lease_ms)
        writer.write(codec.encode(hello))
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            answer = await _read_reply(reader)
        if isinstance(answer, Failure):
            raise CoreError(answer)
        if not isinstance(answer, Welcome):
            raise codec.DecodeError(f"expected Welcome, got {type(answer).__name__}")
        return answer

    async def _read_replies(self, reader: asyncio.StreamReader) -> None:
        """Hand each reply to the oldest call; ends by raising why the connection is gone."""
        try:
            while True:
                answer = await _read_reply(reader)
                if not self._waiting:
                    raise codec.DecodeError(f"an unasked {type(answer).__name__} from dpvs")
                answered = self._waiting.popleft()
                if not answered.done():
                    answered.set_result(answer)
        except (OSError, codec.DecodeError) as error:
            self._drop(error)
            raise

    def _drop(self, why: Exception) -> None:
        """Close, and tell every waiting call why."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        while self._waiting:
            answered = self._waiting.popleft()
            if not answered.done():
                answered.set_exception(ConnectionResetError(str(why)))


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    try:
        head = await reader.readexactly(codec.LENGTH.size)
        return codec.decode_reply(await reader.readexactly(codec.frame_length(head)))
    except asyncio.IncompleteReadError:
        raise ConnectionResetError("dpvs closed the control connection") from None
