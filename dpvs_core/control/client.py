"""The blocking client of the control socket, for tools that ask one thing and leave."""

import os
import socket
from contextlib import suppress
from typing import TypeVar, cast

from dpvs_core.control import codec
from dpvs_core.control.messages import (
    DEFAULT_SOCKET,
    PROTOCOL_VERSION,
    SOCKET_ENV,
    Failure,
    Hello,
    Owner,
    Reply,
    Request,
    Welcome,
)

SEND_BUFFER_BYTES = 8 << 20
_SO_SNDBUFFORCE = 32  # socket(7): beyond net.core.wmem_max, for root

R = TypeVar("R")


class CoreError(Exception):
    """The core refused a request: `.code` (messages.Code), `.message`, `.value`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.code, self.message, self.value = failure.code, failure.message, failure.value


def socket_path(path: str | None = None) -> str:
    """The socket to use: the argument, else $DPVS_IPC_FILE, else /var/run/dpvs.ipc."""
    return path or os.environ.get(SOCKET_ENV) or DEFAULT_SOCKET


def widen(connection: socket.socket) -> None:
    """Room for a long batch, so that dpvs reads it without waiting for us to send the rest."""
    for option in (socket.SO_SNDBUF, _SO_SNDBUFFORCE):
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, option, SEND_BUFFER_BYTES)


class Client:
    """A connection: `call` sends a request and returns its reply.

    Raises OSError when the core cannot be reached or goes away, CoreError when it refuses,
    codec.DecodeError when the other end does not speak this protocol.
    """

    def __init__(
        self, owner: Owner, client: str, path: str | None = None, timeout_s: float = 30.0
    ) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(socket_path(path))
            widen(self._socket)
            hello = Hello(version=PROTOCOL_VERSION, owner=owner, client=client, pid=os.getpid())
            self.welcome = cast(Welcome, self.exchange(codec.encode(hello)))
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def call(self, request: Request, reply: type[R]) -> R:
        """Send a request; the reply is of the type REPLY_OF names for it."""
        answer = self.exchange(codec.encode(request))
        if not isinstance(answer, reply):
            raise codec.DecodeError(f"expected {reply.__name__}, got {type(answer).__name__}")
        return answer

    def receive(self) -> Reply:
        """The next frame, for streams (capture)."""
        body = self._read(codec.frame_length(self._read(codec.LENGTH.size)))
        reply = codec.decode_reply(body)
        if isinstance(reply, Failure):
            raise CoreError(reply)
        return reply

    def exchange(self, frame: bytes) -> Reply:
        """Send a request that codec.encode made before; its reply, whatever that is."""
        self._socket.sendall(frame)
        return self.receive()

    def _read(self, n_bytes: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < n_bytes:
            chunk = self._socket.recv(n_bytes - len(chunks))
            if not chunk:
                raise ConnectionResetError("dpvs closed the control connection")
            chunks += chunk
        return bytes(chunks)
