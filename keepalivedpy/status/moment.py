"""One moment by two clocks: events are kept in monotonic time, and shown as time of day."""

import time
from typing import NamedTuple


class Moment(NamedTuple):
    """`monotonic_us` is asyncio's clock too."""

    epoch_s: float
    monotonic_us: int

    def epoch_of(self, at_us: int) -> float:
        """When an event of monotonic time `at_us` was, by the time of day as set now."""
        return round(self.epoch_s - (self.monotonic_us - at_us) / 1e6, 3)


def now() -> Moment:
    return Moment(time.time(), time.monotonic_ns() // 1000)
