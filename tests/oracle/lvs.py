"""LVS's schedulers as their descriptions give them (F-030..F-033), one object a service.

`pick(usable, load)` returns the index of the dest that the next connection gets, or None.
"""

from collections.abc import Callable, Sequence
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


def least_loaded(weights: Sequence[int], loads: Sequence[int], usable: Usable) -> int | None:
    """wlc: the first of the dests with the smallest load / weight, as exact fractions."""
    best: int | None = None
    for i, (weight, load) in enumerate(zip(weights, loads, strict=True)):
        if usable(i) and (best is None or load * weights[best] < loads[best] * weight):
            best = i
    return best
