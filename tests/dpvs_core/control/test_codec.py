"""Long batches travel in parts; what comes back is the same, and large frames must be such."""

import asyncio
from itertools import pairwise
from math import inf

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpvs_core.control import codec, server
from dpvs_core.control import messages as m
from dpvs_core.control.slices import Slices

KEY = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
OTHER = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=81)


def batch(n: int) -> m.Batch:
    spec = m.DestSpec(addr="192.168.100.2", port=80, forward="fullnat")
    requests: list[m.Change] = [
        m.DestEdit(service=OTHER if i % 4 == 3 else KEY, dest=spec) for i in range(n)
    ]
    return m.Batch(requests=[m.ServiceAdd(key=KEY), *requests][:n])


def one_by_one(request: m.Request) -> m.Request:
    """A batch with every dest in a request of its own."""
    if not isinstance(request, m.Batch):
        return request
    singles: list[m.Change] = []
    for change in request.requests:
        match change:
            case m.DestsAdd(service=key, dests=specs):
                singles += [m.DestAdd(service=key, dest=spec) for spec in specs]
            case m.DestsEdit(service=key, dests=specs):
                singles += [m.DestEdit(service=key, dest=spec) for spec in specs]
            case _:
                singles.append(change)
    return m.Batch(requests=singles)


def body(message: m.Request) -> bytes:
    frame = codec.encode(message)
    assert codec.frame_length(frame[:4]) == len(frame) - 4
    return frame[4:]


@pytest.mark.parametrize("n", [0, 1, 64, 65, 128, 5000])
def test_a_batch_comes_back_as_it_was(n: int) -> None:
    assert one_by_one(codec.decode_request(body(batch(n)))) == batch(n)


def test_a_long_batch_is_read_in_parts_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_slices", Slices(clock=lambda: inf))  # each part uses up a slice
    long = body(batch(5000))
    assert len(long) > m.MAX_WHOLE_BYTES
    assert {len(part) for part in codec.decode_parts(long)} == {codec.PART_REQUESTS // 2, 4}

    async def scenario() -> tuple[m.Request, int]:
        turns = 0
        reading = asyncio.create_task(server._decode(long))
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        return reading.result(), turns

    decoded, turns = asyncio.run(scenario())
    assert one_by_one(decoded) == batch(5000)
    assert turns > 5000 // codec.PART_REQUESTS


DESTS = [m.DestSpec(addr=f"192.168.100.{n}", port=80) for n in range(2)]
requests = st.one_of(
    st.builds(kind, service=st.sampled_from([KEY, OTHER]), dest=st.sampled_from(DESTS))
    for kind in (m.DestAdd, m.DestEdit)
) | st.just(m.ServiceAdd(key=KEY))


@given(st.lists(requests, max_size=12))
def test_dests_of_one_service_that_follow_one_another_travel_as_one(
    changes: list[m.Change],
) -> None:
    joined = codec.joined(changes)
    assert one_by_one(m.Batch(requests=joined)) == m.Batch(requests=changes)
    kinds = [(type(change), getattr(change, "service", None)) for change in joined]
    assert not any(one == next_ and one[1] is not None for one, next_ in pairwise(kinds))


def test_a_request_names_a_part_s_dests_at_most() -> None:
    assert codec.PART_REQUESTS <= m.MAX_DESTS_A_REQUEST
    too_many = m.DestsAdd(service=KEY, dests=(DESTS[0],) * (m.MAX_DESTS_A_REQUEST + 1))
    with pytest.raises(codec.DecodeError, match="length"):
        codec.decode_request(body(too_many))


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
