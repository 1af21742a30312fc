"""Ids below a limit, not used again while connections count on them.

An id belongs to a key. A retired id waits as trash until it is found idle; if its key returns
before, so does the id, and its connections go on as if nothing had happened.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class NoIdLeft(Exception):  # noqa: N818 - says what is the case
    """All ids below the limit are in use or wait for their connections to end."""


@dataclass(slots=True)
class IdPool(Generic[K]):
    limit: int
    used: dict[K, int] = field(default_factory=dict)
    trash: dict[K, int] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _next: int = 0

    @property
    def n_given(self) -> int:
        """How many different ids were ever given: one more after `take` is one never used."""
        return self._next

    def take(self, key: K) -> tuple[int, bool]:
        """The key's id, and whether it was used before by the same key (in use or trash).

        Raises NoIdLeft.
        """
        if key in self.used:
            return self.used[key], True
        revived = key in self.trash
        id_ = self.trash.pop(key) if revived else self._fresh()
        self.used[key] = id_
        return id_, revived

    def retire(self, key: K) -> None:
        """The key is gone; its id becomes trash. Nothing happens if it has none."""
        if key in self.used:
            self.trash[key] = self.used.pop(key)

    def forget(self, key: K) -> None:
        """The key never was: its id is free at once."""
        if key in self.used:
            heappush(self._free, self.used.pop(key))

    def free(self, key: K, id_: int) -> None:
        """The key's id is idle; nothing happens if it is not trash (any more)."""
        if self.trash.get(key) == id_:
            del self.trash[key]
            heappush(self._free, id_)

    def sweep(self, is_idle: Callable[[int], bool]) -> int:
        """Free what is idle; returns how many still wait."""
        for key, id_ in list(self.trash.items()):
            if is_idle(id_):
                self.free(key, id_)
        return len(self.trash)

    def _fresh(self) -> int:
        if self._free:
            return heappop(self._free)
        if self._next >= self.limit:
            raise NoIdLeft
        self._next += 1
        return self._next - 1
