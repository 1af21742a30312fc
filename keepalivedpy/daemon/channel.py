"""How the parent hands a child its part of a new configuration: frames on a socket pair.

A frame is a 4-byte big-endian length and that many bytes of msgpack. The end of the stream tells
the child that its parent is gone.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec

LENGTH = struct.Struct("!I")
SEND_TIMEOUT_S = 5.0

P = TypeVar("P", bound=msgspec.Struct)


def send_part(sock: socket.socket, part: msgspec.Struct) -> None:
    """Send a part; raises OSError (TimeoutError) if the child does not take it in time."""
    body = msgspec.msgpack.encode(part)
    sock.settimeout(SEND_TIMEOUT_S)
    sock.sendall(LENGTH.pack(len(body)) + body)


async def receive_parts(sock: socket.socket, part: type[P]) -> AsyncIterator[P]:
    """Each part as it comes; ends with the stream."""
    reader, writer = await asyncio.open_connection(sock=sock)
    decoder = msgspec.msgpack.Decoder(part)
    try:
        while True:
            (n_bytes,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
            yield decoder.decode(await reader.readexactly(n_bytes))
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()
