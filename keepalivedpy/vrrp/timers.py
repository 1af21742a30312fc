"""Deadlines kept to some ten microseconds: a heap and one timerfd (timerfd_create(2)).

asyncio hands epoll whole milliseconds, rounded up, so that its own timers are half a
millisecond late on average and one at most: as much as a tenth of a 10 ms advert interval.
"""

import asyncio
import ctypes
import heapq
import itertools
import os
import time
from collections.abc import Callable

_TFD_TIMER_ABSTIME = 1

_libc = ctypes.CDLL(None, use_errno=True)
_Itimerspec = ctypes.c_long * 4  # interval s, ns; deadline s, ns


def now_us() -> int:
    """The engine's clock: monotonic, microseconds."""
    return time.monotonic_ns() // 1000


class Timer:
    """One deadline; `cancel` may come at any time."""

    __slots__ = ("_call", "deadline_us")

    def __init__(self, deadline_us: int, call: Callable[[], None]) -> None:
        self.deadline_us = deadline_us
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self._call = None

    def expire(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class Timers:
    """All deadlines of an engine, in the running loop. `close` frees the descriptor."""

    def __init__(self) -> None:
        self._fd = _libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create failed")
        self._heap: list[tuple[int, int, Timer]] = []
        self._order = itertools.count()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._fire)

    def close(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def at(self, deadline_us: int, call: Callable[[], None]) -> Timer:
        """Call at `deadline_us` (now_us's clock), or as soon as possible if it is over."""
        timer = Timer(deadline_us, call)
        heapq.heappush(self._heap, (deadline_us, next(self._order), timer))
        if self._heap[0][2] is timer:
            self._set(deadline_us)
        return timer

    def _fire(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:  # set anew between the wake-up and now
            return
        now = now_us()
        try:
            while self._heap and self._heap[0][0] <= now:
                heapq.heappop(self._heap)[2].expire()
        finally:  # one that raises must not stop the others
            if self._heap:
                self._set(self._heap[0][0])

    def _set(self, deadline_us: int) -> None:
        seconds, microseconds = divmod(max(deadline_us, 1), 1_000_000)  # 0 would disarm it
        spec = _Itimerspec(0, 0, seconds, microseconds * 1000)
        if _libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, ctypes.byref(spec), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime failed")
