"""Long work on an asyncio loop in slices, so that a timer is never late by more than one."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

SLICE_S = 0.0005

T = TypeVar("T")
R = TypeVar("R")


async def in_slices(
    make: Callable[[T], R], things: Iterable[T], clock: Callable[[], float] = time.monotonic
) -> tuple[R, ...]:
    """`make` of each of `things`. Other work of the loop happens in between, and may change what
    `things` are made from: hand over a copy of what must not change."""
    made: list[R] = []
    slice_ends_s = clock() + SLICE_S
    for thing in things:
        if clock() >= slice_ends_s:
            await asyncio.sleep(0)
            slice_ends_s = clock() + SLICE_S
        made.append(make(thing))
    return tuple(made)
