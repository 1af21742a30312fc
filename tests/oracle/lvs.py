"""LVS's schedulers as their descriptions give them (F-030..F-033), one object a service.

`pick(usable, load)` returns the index of the dest that the next connection gets, or None.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

Usable = Callable[[int], bool]


class RoundRobin:
    def __init__(self, n_dests: int) -> None:
        self._n, self._last = n_dests, n_dests - 1

    def pick(self, usable: Usable) -> int | None:
        """The next valid one after the last."""
        for ahead in range(1, self._n + 1):
            i = (self._last + ahead) % self._n
            if usable(i):
                self._last = i
                return i
        return None


class WeightedRoundRobin:
    """A current weight falls by the greatest common divisor at each pass of the list, from the
    highest weight; a dest takes its turn in a pass if its weight reaches the current one."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._weights = weights
        self._divisor = reduce(gcd, weights, 0)
        self._i, self._current = -1, 0

    def pick(self, usable: Usable) -> int | None:
        if not any(usable(i) for i in range(len(self._weights))):
            return None
        while True:
            self._i = (self._i + 1) % len(self._weights)
            if self._i == 0:
                self._current -= self._divisor
                if self._current <= 0:
                    self._current = max(self._weights)
            if self._weights[self._i] >= self._current and usable(self._i):
                return self._i


@dataclass
class Threshold:
    """`ipvsadm -x upper -y lower`: full at the upper one, then closed until below the lower one
    (choice: which is the upper one where none is given)."""

    upper: int = 0
    lower: int = 0
    closed: bool = False

    def has_room(self, n_conns: int) -> bool:
        if not self.upper:
            return True
        self.closed = n_conns >= ((self.lower or self.upper) if self.closed else self.upper)
        return not self.closed


class LeastConnection:
    """wlc as one of several workers sees it: its own load, and the others' as it was when it last
    looked, at most `MAX_AGE_MS` ago."""

    MAX_AGE_MS = 10

    def __init__(self) -> None:
        self._others: list[int] | None = None
        self._looked_ms = 0

    def published(self) -> None:
        """Weights or thresholds have changed: it looks again at its next pick."""
        self._others = None

    def pick(
        self, now_ms: int, weights: Sequence[int], own: Sequence[int], others: Sequence[int],
        usable: Usable,
    ) -> int | None:  # fmt: skip
        if self._others is None or now_ms - self._looked_ms >= self.MAX_AGE_MS:
            self._others, self._looked_ms = list(others), now_ms
        loads = [a + b for a, b in zip(own, self._others, strict=True)]
        return least_loaded(weights, loads, usable)


def least_loaded(weights: Sequence[int], loads: Sequence[int], usable: Usable) -> int | None:
    """wlc: the first of the dests with the smallest load / weight, as exact fractions."""
    best: int | None = None
    for i, (weight, load) in enumerate(zip(weights, loads, strict=True)):
        if usable(i) and (best is None or load * weights[best] < loads[best] * weight):
            best = i
    return best
