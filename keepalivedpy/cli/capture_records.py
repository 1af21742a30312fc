"""The records of a `capture.packets` message: what CapturePackets describes."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

HEAD = Struct("=QIIB3x")
"""time in ns, original length, captured length, direction (0 received, 1 sent)"""


class Captured(NamedTuple):
    time_ns: int
    original_bytes: int
    sent: bool
    data: bytes


def captured(records: bytes) -> Iterator[Captured]:
    """Decode a run of records; ValueError if it ends inside one."""
    at = 0
    while at < len(records):
        if at + HEAD.size > len(records):
            raise ValueError(f"capture record cut off after {len(records) - at} bytes of head")
        time_ns, original, length, direction = HEAD.unpack_from(records, at)
        at += HEAD.size
        if at + length > len(records):
            raise ValueError(f"capture record cut off: {len(records) - at} of {length} bytes")
        yield Captured(time_ns, original, direction == 1, records[at : at + length])
        at += length
