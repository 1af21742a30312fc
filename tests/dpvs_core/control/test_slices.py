"""Long work gives way: when its slice is used up, and as often as it takes to serve who waits."""

import asyncio
from dataclasses import dataclass, field

import pytest

from dpvs_core.control.slices import SLICE_S, Slices, let_others


@dataclass
class Work:
    """Pieces of which each takes a share of a slice; `events` has them and the pauses."""

    share: float
    events: list[object] = field(default_factory=list)
    now_s: float = 0.0
    cancel_at: int = -1  # the number of the pause that is cancelled

    async def pause(self) -> None:
        self.events.append("pause")
        if self.events.count("pause") == self.cancel_at:
            raise asyncio.CancelledError

    async def do(self, n_rows: int, *, to_the_end: bool = False) -> list[object]:
        slices = Slices(self.pause, lambda: self.now_s, SLICE_S)
        async for piece in slices.pieces(range(n_rows), 2, to_the_end=to_the_end):
            self.events.append(piece)
            self.now_s += self.share * SLICE_S
        return self.events


def test_there_is_a_pause_where_the_slice_is_used_up() -> None:
    assert asyncio.run(Work(0.6).do(9)) == [
        [0, 1], [2, 3], "pause", [4, 5], [6, 7], "pause", [8],
    ]  # fmt: skip


def test_none_after_the_last_piece() -> None:
    assert asyncio.run(Work(1.0).do(4)) == [[0, 1], "pause", [2, 3]]
    assert asyncio.run(Work(1.0).do(0)) == []


@pytest.mark.parametrize(
    ("to_the_end", "events"),
    [
        (False, [[0, 1], "pause"]),
        (True, [[0, 1], "pause", [2, 3], "pause", [4, 5]]),
    ],
)
def test_a_cancellation_is_heeded_at_once_or_after_the_last(
    to_the_end: bool, events: list[object]
) -> None:
    work = Work(1.0, cancel_at=1)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work.do(6, to_the_end=to_the_end))
    assert work.events == events


def test_who_came_during_a_slice_is_answered_before_the_next() -> None:
    """Bytes are there, a task waits for them, and another for what it makes of them."""

    async def scenario() -> list[str]:
        events: list[str] = []
        reader = asyncio.StreamReader()
        asked: asyncio.Queue[bytes] = asyncio.Queue()

        async def connection() -> None:
            await asked.put(await reader.readexactly(3))

        async def answer() -> None:
            events.append((await asked.get()).decode())

        tasks = [asyncio.create_task(connection()), asyncio.create_task(answer())]
        await let_others()
        asyncio.get_running_loop().call_soon(reader.feed_data, b"ask")
        await let_others()
        events.append("next slice")
        await asyncio.gather(*tasks)
        return events

    assert asyncio.run(scenario()) == ["ask", "next slice"]
