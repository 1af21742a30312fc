"""Real timers with a deadline for the test: order, cancelling, and no millisecond too late."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from keepalivedpy.vrrp.timers import Timers, now_us

DEADLINE_S = 5.0
Body = Callable[[Timers, asyncio.Event], Awaitable[None]]


def play(body: Body) -> list[str]:
    """Runs `body`; what the loop complained of meanwhile."""
    complaints: list[str] = []

    async def limited() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
        timers = Timers()
        try:
            async with asyncio.timeout(DEADLINE_S):
                await body(timers, asyncio.Event())
        finally:
            timers.close()

    asyncio.run(limited())
    return complaints


def test_in_the_order_of_their_deadlines_and_never_before() -> None:
    rang: list[tuple[str, bool]] = []

    async def body(timers: Timers, done: asyncio.Event) -> None:
        now = now_us()

        def ring(name: str, at_us: int) -> None:
            rang.append((name, now_us() >= at_us))

        for name, after_us in (("third", 9000), ("first", 1000), ("second", 5000)):
            timers.at(now + after_us, lambda n=name, at=now + after_us: ring(n, at))  # type: ignore[misc]
        timers.at(now + 9001, done.set)
        await done.wait()

    assert play(body) == []
    assert rang == [("first", True), ("second", True), ("third", True)]


def test_an_earlier_one_does_not_wait_for_a_later_one() -> None:
    async def body(timers: Timers, done: asyncio.Event) -> None:
        timers.at(now_us() + 3_600_000_000, done.clear)
        timers.at(now_us() + 1000, done.set)
        await done.wait()

    assert play(body) == []


def test_a_deadline_that_is_over_comes_at_once() -> None:
    async def body(timers: Timers, done: asyncio.Event) -> None:
        timers.at(0, done.set)
        await done.wait()

    assert play(body) == []


def test_a_cancelled_one_does_not_ring_and_later_ones_do() -> None:
    rang: list[str] = []

    async def body(timers: Timers, done: asyncio.Event) -> None:
        now = now_us()
        timers.at(now + 1000, lambda: rang.append("cancelled")).cancel()
        timers.at(now + 2000, done.set)
        await done.wait()

    assert play(body) == []
    assert rang == []


def test_one_may_set_another() -> None:
    async def body(timers: Timers, done: asyncio.Event) -> None:
        timers.at(now_us() + 1000, lambda: timers.at(now_us() + 1000, done.set) and None)  # type: ignore[func-returns-value]
        await done.wait()

    assert play(body) == []


def test_one_that_fails_does_not_stop_the_others() -> None:
    async def body(timers: Timers, done: asyncio.Event) -> None:
        timers.at(now_us() + 1000, lambda: {}["no such key"])
        timers.at(now_us() + 1000, done.set)
        await done.wait()

    assert len(play(body)) == 1


@pytest.mark.long
def test_they_are_later_than_asked_by_less_than_asyncio_s_millisecond() -> None:
    """The median of 200, whole and half milliseconds after now; on two busy cores."""
    late_us: list[int] = []

    async def body(timers: Timers, done: asyncio.Event) -> None:
        for n in range(200):
            done.clear()
            at_us = now_us() + 1000 + 37 * (n % 20)
            timers.at(at_us, done.set)
            await done.wait()
            late_us.append(now_us() - at_us)

    play(body)
    assert sorted(late_us)[100] < 400
