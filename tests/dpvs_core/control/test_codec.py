"""Long batches travel in parts; what comes back is the same, and large frames must be such."""

import asyncio
from math import inf

import msgspec
import pytest

from dpvs_core.control import codec, server
from dpvs_core.control import messages as m
from dpvs_core.control.slices import Slices

KEY = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)


def batch(n: int) -> m.Batch:
    spec = m.DestSpec(addr="192.168.100.2", port=80, forward="fullnat")
    requests: list[m.Change] = [m.DestEdit(service=KEY, dest=spec) for _ in range(n)]
    return m.Batch(requests=[m.ServiceAdd(key=KEY), *requests][:n])


def body(message: m.Request) -> bytes:
    frame = codec.encode(message)
    assert codec.frame_length(frame[:4]) == len(frame) - 4
    return frame[4:]


@pytest.mark.parametrize("n", [0, 1, 64, 65, 128, 5000])
def test_a_batch_comes_back_as_it_was(n: int) -> None:
    assert codec.decode_request(body(batch(n))) == batch(n)


def test_a_long_batch_is_read_in_parts_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_slices", Slices(clock=lambda: inf))  # each part uses up a slice
    long = body(batch(5000))
    assert len(long) > m.MAX_WHOLE_BYTES
    assert max(len(part) for part in codec.decode_parts(long)) == codec.PART_REQUESTS

    async def scenario() -> tuple[m.Request, int]:
        turns = 0
        reading = asyncio.create_task(server._decode(long))
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        return reading.result(), turns

    decoded, turns = asyncio.run(scenario())
    assert decoded == batch(5000)
    assert turns > 5000 // codec.PART_REQUESTS


def test_a_large_frame_that_is_no_parts_is_refused() -> None:
    whole = msgspec.msgpack.encode(batch(5000))
    with pytest.raises(codec.DecodeError, match=r"must be batch\.parts"):
        codec.decode_request(whole)


@pytest.mark.parametrize(
    "part",
    [b"", b"\xc1", msgspec.msgpack.encode([m.InfoGet()]), bytes(m.MAX_PART_BYTES + 1)],
    ids=["empty", "garbage", "no change", "too long"],
)
def test_a_bad_part_is_no_batch(part: bytes) -> None:
    parts = m.BatchParts(parts=[msgspec.msgpack.encode([m.ServiceAdd(key=KEY)]), part])
    with pytest.raises(codec.DecodeError):
        codec.decode_request(msgspec.msgpack.encode(parts))
