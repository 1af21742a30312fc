"""Frames of a capture file as tcpdump writes it, also while it still writes.

The classic format with nanoseconds (magic a1b23c4d): a head of 24 bytes, then for each frame
seconds, nanoseconds, bytes kept and bytes seen, four 32-bit words in the writer's order.
"""

import struct
from dataclasses import dataclass

HEAD_BYTES = 24
RECORD = struct.Struct("<IIII")
MAGIC_NANOSECONDS = 0xA1B23C4D


@dataclass(frozen=True, slots=True)
class Frame:
    time_ns: int  # of CLOCK_REALTIME, stamped by the kernel
    data: bytes


class PcapError(ValueError):
    """Not a capture that this reader knows."""


class PcapReader:
    """Takes the file in pieces: `feed` gives the frames that have become whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_frames = False

    def feed(self, piece: bytes) -> list[Frame]:
        self._rest += piece
        if not self._in_frames:
            if len(self._rest) < HEAD_BYTES:
                return []
            magic = int.from_bytes(self._rest[:4], "little")
            if magic != MAGIC_NANOSECONDS:
                raise PcapError(f"magic number {magic:#x}, not {MAGIC_NANOSECONDS:#x}")
            self._rest, self._in_frames = self._rest[HEAD_BYTES:], True
        frames, offset = [], 0
        while offset + RECORD.size <= len(self._rest):
            seconds, nanoseconds, n_kept, n_seen = RECORD.unpack_from(self._rest, offset)
            if n_kept != n_seen:
                raise PcapError(f"a frame of {n_seen} bytes was cut to {n_kept}")
            start, end = offset + RECORD.size, offset + RECORD.size + n_kept
            if end > len(self._rest):
                break
            frames.append(Frame(seconds * 10**9 + nanoseconds, self._rest[start:end]))
            offset = end
        self._rest = self._rest[offset:]
        return frames
