"""The control socket's server: frames in, one reply a request out, in order, whoever asks.

Knows nothing of what the requests do: `Service` greets a peer, answers its requests and hears
when it has gone. One task a connection, so that a slow or dead peer holds up nobody; a request is
read only after the reply of the one before was taken by the peer's socket buffer.

A frame that is no request gets one `Failure` (code PROTOCOL) and the end of the connection, and
is counted. Peers of another user than root or our own are refused (SO_PEERCRED).
"""

import asyncio
import contextlib
import os
import socket
import stat
import struct
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    MAX_WHOLE_BYTES,
    PROTOCOL_VERSION,
    Batch,
    Change,
    Code,
    Failure,
    Hello,
    Owner,
    Reply,
    Request,
    Welcome,
)
from dpvs_core.control.slices import Slices

HELLO_TIMEOUT_S = 5.0
FRAME_TIMEOUT_S = 30.0  # from a frame's first byte to its last
REPLY_TIMEOUT_S = 30.0  # a reader slower than this is dropped
MAX_HELLO_BYTES = 4096
PIECE_FREED = 500  # requests, 0.1 ms
MAX_PEERS = 512
SEND_BUFFER_BYTES = 1 << 20

_slices = Slices()
_PEERCRED = struct.Struct("3i")


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """Who is at the other end; compared by identity, a connection is itself only."""

    owner: Owner
    client: str
    pid: int
    uid: int
    lease_ms: int = 0


@runtime_checkable
class Stream(Protocol):
    """Replies without end, to one request. `aclose` is always called, and once."""

    def __aiter__(self) -> "Stream": ...
    async def __anext__(self) -> Reply: ...
    async def aclose(self) -> None: ...


class Service(Protocol):
    """What the server serves."""

    def greet(self, peer: Peer) -> Welcome:
        """A peer has said hello."""

    async def answer(self, peer: Peer, request: Request) -> Reply | Stream:
        """The reply; or a stream that goes on until the peer closes. Must not raise."""

    def gone(self, peer: Peer) -> None:
        """The connection of a greeted peer has ended."""


class SocketBusyError(Exception):
    """Another process listens on the socket; the text is the whole sentence."""


@dataclass(slots=True)
class ServerCounters:
    protocol_errors: int = 0
    refused_peers: int = 0
    slow_peers: int = 0


@dataclass(slots=True)
class Server:
    """A listening socket; `start`, then `stop`, which removes it."""

    service: Service
    path: str
    counters: ServerCounters = field(default_factory=ServerCounters)
    _server: asyncio.Server | None = None
    _peers: set[asyncio.Task[None]] = field(default_factory=set)
    _inode: int = 0

    @property
    def n_clients(self) -> int:
        return len(self._peers)

    async def start(self) -> None:
        """Listen. SocketBusyError if a live process does; OSError if the path cannot be used."""
        listener = listen(self.path)
        self._inode = os.stat(self.path).st_ino
        self._server = await asyncio.start_unix_server(self._connected, sock=listener)

    async def stop(self) -> None:
        """Close every connection and remove the socket file, if it is still ours."""
        if self._server is not None:
            self._server.close()
        for task in list(self._peers):
            task.cancel()
        await asyncio.gather(*self._peers, return_exceptions=True)
        with contextlib.suppress(FileNotFoundError):
            if os.stat(self.path).st_ino == self._inode:
                os.unlink(self.path)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._peers.add(task)
        writer.transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)
        try:
            await self._converse(reader, writer)
        except codec.DecodeError as error:
            self.counters.protocol_errors += 1
            _last_word(writer, Failure(code=Code.PROTOCOL, message=str(error)))
        except TimeoutError:
            self.counters.slow_peers += 1
            writer.transport.abort()
        except (OSError, asyncio.IncompleteReadError):
            pass  # it went away: nothing to tell, nothing to undo
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._peers.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = await self._admit(reader, writer)
        if peer is None:
            return
        try:
            await _send(writer, self.service.greet(peer))
            while (request := await _read_request(reader)) is not None:
                if isinstance(request, Hello):
                    raise codec.DecodeError("a second hello on one connection")
                reply = await self.service.answer(peer, request)
                if isinstance(reply, Stream):
                    await _stream(reader, writer, reply)
                    return
                await _send(writer, reply)
                if isinstance(request, Batch):
                    await _free(request)
        finally:
            self.service.gone(peer)

    async def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Peer | None:
        """The peer, or None after telling it why not (or when it said nothing at all)."""
        pid, uid = peer_credentials(writer.get_extra_info("socket"))
        if uid not in (0, os.geteuid()):
            self.counters.refused_peers += 1
            _last_word(
                writer,
                Failure(
                    code=Code.PERMISSION, message="only root may control dpvs", value=f"uid {uid}"
                ),
            )
            return None
        if len(self._peers) > MAX_PEERS:
            self.counters.refused_peers += 1
            _last_word(
                writer,
                Failure(
                    code=Code.RESOURCE, message=f"{MAX_PEERS} control connections are open already"
                ),
            )
            return None
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            hello = await _read_request(reader, MAX_HELLO_BYTES)
        if hello is None:
            return None
        if not isinstance(hello, Hello):
            raise codec.DecodeError(f"the first frame must be hello, not {type(hello).__name__}")
        if hello.version != PROTOCOL_VERSION:
            raise codec.DecodeError(
                f"protocol version {hello.version} is not spoken here, only {PROTOCOL_VERSION}"
            )
        return Peer(hello.owner, hello.client, pid, uid, max(0, hello.lease_ms))


def listen(path: str) -> socket.socket:
    """A listening Unix socket of mode 0600; a file nobody listens on any more is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim_path(path)
        umask = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(umask)
        listener.listen(128)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def claim_path(path: str) -> None:
    """Remove a socket file nobody listens on; SocketBusyError if somebody does."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(f"{path} exists and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            return
        except TimeoutError:
            raise SocketBusyError(
                f"control socket {path} is held by a process that hangs"
            ) from None
        pid, _uid = peer_credentials(probe)
    raise SocketBusyError(f"control socket {path} is in use by process {pid}; use -x for another")


def peer_credentials(connection: socket.socket) -> tuple[int, int]:
    """Process id and user id of the other end."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size)
    pid, uid, _gid = _PEERCRED.unpack(raw)
    return pid, uid


async def _read_request(reader: asyncio.StreamReader, max_bytes: int = 0) -> Request | None:
    """The next request; None at the end of the connection between two frames."""
    first = await reader.read(1)
    if not first:
        return None
    async with asyncio.timeout(FRAME_TIMEOUT_S):
        head = first + await reader.readexactly(codec.LENGTH.size - 1)
        length = codec.frame_length(head)
        if 0 < max_bytes < length:
            raise codec.DecodeError(f"a hello of {length} bytes, at most {max_bytes} allowed")
        body = await reader.readexactly(length)
        return await _decode(body) if length > MAX_WHOLE_BYTES else codec.decode_request(body)


async def _decode(body: bytes) -> Batch:
    """A long request, others being served between its parts."""
    requests: list[Change] = []
    for part in codec.decode_parts(body):
        requests += part
        await _slices.between()
    return Batch(requests=requests)


async def _free(batch: Batch) -> None:
    """Of a long batch piece by piece: tens of thousands of requests are freed in 10 ms."""
    requests = batch.requests
    while len(requests) > PIECE_FREED:
        del requests[-PIECE_FREED:]
        await _slices.between()


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(codec.encode(reply))
    async with asyncio.timeout(REPLY_TIMEOUT_S):
        await writer.drain()


def _last_word(writer: asyncio.StreamWriter, failure: Failure) -> None:
    """Tell the reason if the peer still listens; the connection is closed by the caller."""
    with contextlib.suppress(OSError):
        writer.write(codec.encode(failure))


async def _stream(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, replies: Stream
) -> None:
    """Send until the stream ends or the peer closes; anything the peer sends ends it too."""

    async def pump() -> None:
        async for reply in replies:
            await _send(writer, reply)

    sending = asyncio.ensure_future(pump())
    closed = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({sending, closed}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        for task in (sending, closed):
            task.cancel()
        await asyncio.gather(sending, closed, return_exceptions=True)
        await replies.aclose()
