"""When a datagram or frame arrived: the kernel's stamp (SO_TIMESTAMPNS) on CLOCK_MONOTONIC.

The kernel stamps with the wall clock, at arrival: a program that wakes up late reads no later
time. The two clocks' distance is taken at each reading, so a stepped wall clock spoils one row.
"""

import socket
import struct
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; also the type of the control message
_TIMESPEC = struct.Struct("@ll")
_SPACE = socket.CMSG_SPACE(_TIMESPEC.size)


def stamp(sock: socket.socket) -> None:
    """Let the kernel stamp what this socket receives."""
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def receive(sock: socket.socket, n_bytes: int) -> tuple[bytes, int]:
    """One datagram of a stamped, non-blocking socket and when it came (us, CLOCK_MONOTONIC)."""
    data, control, _, _ = sock.recvmsg(n_bytes, _SPACE)
    for level, kind, value in control:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            age_ns = time.time_ns() - (seconds * 1_000_000_000 + nanoseconds)
            return data, (time.monotonic_ns() - age_ns) // 1000
    raise RuntimeError("the kernel gave no time stamp")


def now_us() -> int:
    return time.monotonic_ns() // 1000
