"""Wait for something to become true, with a deadline.

PATIENCE in the environment, a number, makes all deadlines so many times as long: for a machine
whose processor is emulated (script/test-kernel).
"""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = float(os.environ.get("PATIENCE", "1"))


def until(what: str, probe: Callable[[], T], timeout_s: float, every_s: float = 0.05) -> T:
    """Call `probe` until its answer is true, and return the answer.

    Raises TimeoutError, naming `what` and the last answer, when `timeout_s` has passed.
    """
    timeout_s *= PATIENCE
    end_s = time.monotonic() + timeout_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() >= end_s:
            raise TimeoutError(f"{what}: not within {timeout_s:g} s (last seen: {answer!r})")
        time.sleep(every_s)
