"""Long work on the event loop in slices of SLICE_S, between which others are answered.

Work goes in pieces far shorter than a slice; the clock is looked at after each. A slice is not
followed by the next before the loop has gone round often enough to serve who came meanwhile: to
see his bytes, to wake his task, and to carry out what the task asks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

SLICE_S = 0.002
ROUNDS = 3  # of the loop: 60 us

T = TypeVar("T")


async def let_others() -> None:
    """The usual pause."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)


@dataclass(slots=True)
class Slices:
    """When others had their turn last; one for all work of a loop that shares a `pause`."""

    pause: Callable[[], Awaitable[None]] = let_others
    clock: Callable[[], float] = time.perf_counter
    _ends_s: float = 0.0

    async def between(self) -> None:
        """Between two pieces: a pause if the slice is used up."""
        if self.clock() >= self._ends_s:
            await self.pause()
            self._ends_s = self.clock() + SLICE_S

    async def pieces(
        self, rows: Iterable[T], n_rows: int, *, to_the_end: bool = False
    ) -> AsyncIterator[list[T]]:
        """The rows, `n_rows` a piece. `to_the_end`: a cancellation is heeded after the last."""
        cancelled: asyncio.CancelledError | None = None
        source = iter(rows)
        piece = list(islice(source, n_rows))
        while piece:
            yield piece
            piece = list(islice(source, n_rows))
            try:
                if piece:
                    await self.between()
            except asyncio.CancelledError as error:
                if not to_the_end:
                    raise
                cancelled = error
        if cancelled is not None:
            raise cancelled
