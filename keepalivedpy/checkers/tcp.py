"""TCP_CHECK: a server is up when a connection to it opens.

The connection is closed with linger 0, as DPVS does it: no TIME_WAIT is left on the director.
"""

import asyncio
import errno
import os
import socket
import struct

from keepalivedpy.checkers.targets import TcpTarget
from keepalivedpy.checkers.verdict import Outcome

LINGER_0 = struct.pack("ii", 1, 0)
LOCAL_ERRNOS = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EADDRNOTAVAIL,
    errno.EADDRINUSE,
    errno.EAFNOSUPPORT,
    errno.ENODEV,
    errno.EPERM,
    errno.EACCES,
}
"""Our own trouble, which says nothing about the server."""


async def probe(target: TcpTarget) -> tuple[Outcome, str]:
    """Open and close one connection; the outcome, and the reason when it is not UP."""
    try:
        with _socket(target) as sock:
            return await _connect(sock, target)
    except OSError as error:
        return _outcome(error), os.strerror(error.errno) if error.errno else str(error)


def _socket(target: TcpTarget) -> socket.socket:
    family = socket.AF_INET6 if ":" in target.addr else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        if target.bind_if:
            name = target.bind_if.encode()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
        if target.bindto or target.bind_port:
            any_addr = "::" if family == socket.AF_INET6 else "0.0.0.0"
            sock.bind((target.bindto or any_addr, target.bind_port))
    except OSError as error:
        sock.close()
        raise LocalError(*error.args) from None
    return sock


class LocalError(OSError):
    """The probe's socket could not be prepared."""


async def _connect(sock: socket.socket, target: TcpTarget) -> tuple[Outcome, str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(target.timeout_us / 1e6):
            await loop.sock_connect(sock, (target.addr, target.port))
    except TimeoutError:
        return Outcome.TIMEOUT, "timeout"
    if sock.getsockname() == sock.getpeername():
        return Outcome.FAILED, "nobody listens (connected to itself)"
    return Outcome.UP, ""


def _outcome(error: OSError) -> Outcome:
    is_local = isinstance(error, LocalError) or error.errno in LOCAL_ERRNOS
    return Outcome.NOT_RUN if is_local else Outcome.FAILED
