"""Ids below a limit, not used again while connections count on them.

An id belongs to a key. A retired id waits as trash until it is found idle; if its key returns
before, so does the id, and its connections go on as if nothing had happened. `Ids` is for those
whose rows carry their ids; `IdPool` also knows who has which.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from heapq import heappop, heappush
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class NoIdLeft(Exception):  # noqa: N818 - says what is the case
    """All ids below the limit are in use or wait for their connections to end."""


class Origin(Enum):
    """Where an id comes from that a key takes."""

    HELD = 0  # the key has it already
    REVIVED = 1  # the key had it before
    RECYCLED = 2  # other keys had it
    NEW = 3  # nobody had it


HELD, REVIVED, RECYCLED, NEW = Origin


@dataclass(slots=True)
class Ids(Generic[K]):
    limit: int
    trash: dict[K, int] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _next: int = 0

    @property
    def n_given(self) -> int:
        """All ids ever given are below."""
        return self._next

    def take(self, key: K) -> tuple[int, Origin]:
        """An id for a key that has none. Raises NoIdLeft."""
        if self.trash:
            id_ = self.trash.pop(key, None)
            if id_ is not None:
                return id_, REVIVED
        if self._free:
            return heappop(self._free), RECYCLED
        return self._new(), NEW

    def take_new(self) -> int | None:
        """As `take` for a key that never had one; None: perhaps there is another than a new id."""
        return None if self.trash or self._free else self._new()

    def _new(self) -> int:
        id_ = self._next
        if id_ >= self.limit:
            raise NoIdLeft
        self._next = id_ + 1
        return id_

    def retire(self, key: K, id_: int) -> None:
        """The key is gone; its id becomes trash."""
        self.trash[key] = id_

    def give_back(self, id_: int) -> None:
        """It was never used: free at once."""
        heappush(self._free, id_)

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


@dataclass(slots=True)
class IdPool(Generic[K]):
    limit: int
    used: dict[K, int] = field(default_factory=dict)
    ids: Ids[K] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.limit)

    @property
    def trash(self) -> dict[K, int]:
        return self.ids.trash

    def take(self, key: K) -> tuple[int, Origin]:
        """The key's id. Raises NoIdLeft."""
        id_, origin = self.used.get(key), HELD
        if id_ is None:
            id_, origin = self.ids.take(key)
            self.used[key] = id_
        return id_, origin

    def retire(self, key: K) -> None:
        """The key is gone; its id becomes trash. Nothing happens if it has none."""
        id_ = self.used.pop(key, None)
        if id_ is not None:
            self.ids.retire(key, id_)

    def forget(self, key: K) -> None:
        """The key never was: its id is free at once."""
        if key in self.used:
            self.ids.give_back(self.used.pop(key))

    def sweep(self, is_idle: Callable[[int], bool]) -> int:
        """Free what is idle; returns how many still wait."""
        return self.ids.sweep(is_idle)
