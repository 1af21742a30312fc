"""What is measured: one row a way of speaking VRRP, and who is the master in it."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

SECOND_US = 1_000_000
DEFAULT_REPEATS = {SECOND_US: 4, 100_000: 10, 10_000: 10}
"""Events of each kind in a series, by advert interval: over ten, or thirty, lost adverts."""


@dataclass(frozen=True, slots=True)
class Case:
    """A configuration both nodes have; `limit_ms` bounds the lateness of any one event."""

    name: str
    version: int
    interval_us: int
    unicast: bool = False
    password: str = ""  # auth_type PASS; at most eight characters
    limit_ms: float | None = 10.0

    @property
    def repeats(self) -> int:
        return DEFAULT_REPEATS[self.interval_us]


CASES = (
    Case("v2-1s", 2, SECOND_US),
    Case("v2-1s-pass", 2, SECOND_US, password="secret12"),
    Case("v2-1s-unicast", 2, SECOND_US, unicast=True),
    Case("v3-1s", 3, SECOND_US),
    Case("v3-1s-unicast", 3, SECOND_US, unicast=True),
    Case("v3-100ms", 3, 100_000),
    Case("v3-100ms-unicast", 3, 100_000, unicast=True),
    # The whole wait is 36 ms: how late one event is says more of the machine than of the engine.
    Case("v3-10ms", 3, 10_000, limit_ms=None),
    Case("v3-10ms-unicast", 3, 10_000, unicast=True, limit_ms=None),
)


class Maker(Enum):
    """Whose keepalived; the value is its program. Never looked up in PATH, where ours hides it."""

    OURS = Path(__file__).resolve().parents[2] / ".venv/bin/keepalived"
    THEIRS = Path("/usr/sbin/keepalived")


@dataclass(frozen=True, slots=True)
class Direction:
    """Who is the master at rest, and whose taking over is measured."""

    master: Maker
    backup: Maker

    def __str__(self) -> str:
        return f"{self.master.name.lower()}->{self.backup.name.lower()}"


TO_OURS = Direction(Maker.THEIRS, Maker.OURS)
TO_THEIRS = Direction(Maker.OURS, Maker.THEIRS)
DIRECTIONS = (TO_OURS, TO_THEIRS)


def case_named(name: str) -> Case:
    """Raises ValueError with the names there are."""
    for case in CASES:
        if case.name == name:
            return case
    raise ValueError(f"no case {name!r}; there are {', '.join(case.name for case in CASES)}")
