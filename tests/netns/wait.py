"""Wait for something to become true, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: str, probe: Callable[[], T], timeout_s: float, every_s: float = 0.05) -> T:
    """Call `probe` until its answer is true, and return the answer.

    Raises TimeoutError, naming `what` and the last answer, when `timeout_s` has passed.
    """
    end_s = time.monotonic() + timeout_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() >= end_s:
            raise TimeoutError(f"{what}: not within {timeout_s:g} s (last seen: {answer!r})")
        time.sleep(every_s)
