"""The reader of captures, with files cut anywhere."""

import struct

import pytest

from tests.interop.pcap import MAGIC_NANOSECONDS, Frame, PcapError, PcapReader

HEAD = struct.pack("<IHHiIII", MAGIC_NANOSECONDS, 2, 4, 0, 0, 262144, 1)
FRAMES = [Frame(7 * 10**9 + 12_345, b"one"), Frame(8 * 10**9, b"another")]


def record(frame: Frame, n_seen: int | None = None) -> bytes:
    n_bytes = len(frame.data)
    seconds, nanoseconds = divmod(frame.time_ns, 10**9)
    lengths = (n_bytes, n_bytes if n_seen is None else n_seen)
    return struct.pack("<IIII", seconds, nanoseconds, *lengths) + frame.data


FILE = HEAD + b"".join(map(record, FRAMES))


@pytest.mark.parametrize("cut", range(len(FILE) + 1))
def test_in_two_pieces(cut: int) -> None:
    reader = PcapReader()
    assert reader.feed(FILE[:cut]) + reader.feed(FILE[cut:]) == FRAMES


def test_a_frame_is_given_as_soon_as_it_is_whole() -> None:
    reader = PcapReader()
    assert reader.feed(FILE[:-1]) == FRAMES[:1]
    assert reader.feed(b"") == []
    assert reader.feed(FILE[-1:]) == FRAMES[1:]


def test_other_formats_are_refused() -> None:
    microseconds = struct.pack("<I", 0xA1B2C3D4) + HEAD[4:]
    with pytest.raises(PcapError, match="0xa1b2c3d4"):
        PcapReader().feed(microseconds)


def test_a_shortened_frame_is_refused() -> None:
    with pytest.raises(PcapError, match="60 bytes was cut to 3"):
        PcapReader().feed(HEAD + record(FRAMES[0], n_seen=60))
