"""How late a backup took over, from the adverts of one capture alone.

All times are of one clock, so neither the moment of the kill nor the luck of the interval's phase
counts: a perfect backup has lateness 0, whatever the interval. RFC 3768 and 5798, section 6.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.interop.rows import Advert

DOWN_TIMER_ADVERTS = 3
SECOND_NS = 10**9


@dataclass(frozen=True, slots=True)
class Takeover:
    """`heard` is the advert that the wait is counted from, `first` the new master's first."""

    heard: Advert
    due_ns: int
    first: Advert

    @property
    def lateness_ms(self) -> float:
        return (self.first.time_ns - self.due_ns) / 1e6


class NoTakeoverError(ValueError):
    """The rows do not show what the event should have led to."""


def skew_ns(version: int, priority: int, interval_ns: int) -> int:
    """(256 - priority) / 256 of a second in version 2, of the master's interval in version 3."""
    whole_ns = SECOND_NS if version == 2 else interval_ns
    return (256 - priority) * whole_ns // 256


def takeover(
    adverts: Sequence[Advert], old: str, new: str, strike_ns: int, *, politely: bool
) -> Takeover:
    """The first taking over by `new` from `old` (their addresses) after `strike_ns`.

    `adverts` is what reached the new master, in order, from before the strike. `politely`: the
    old one says goodbye with priority 0, and only the skew remains to be waited. Raises
    NoTakeoverError.
    """
    first = next((a for a in adverts if a.time_ns >= strike_ns and a.source == new), None)
    if first is None:
        raise NoTakeoverError(f"no advert of {new} after the event")
    before = [a for a in adverts if a.source == old and a.time_ns < first.time_ns]
    if politely:
        goodbyes = [a for a in before if a.priority == 0 and a.time_ns >= strike_ns]
        if not goodbyes:
            raise NoTakeoverError(f"{old} sent no advert with priority 0")
        heard, n_intervals = goodbyes[-1], 0
    else:
        accepted = [a for a in before if a.priority >= first.priority]
        if not accepted:
            raise NoTakeoverError(f"no advert of {old} before {new} took over")
        if any(a.priority == 0 and a.time_ns >= strike_ns for a in before):
            raise NoTakeoverError(f"{old} said goodbye with priority 0: it was not cut off")
        heard, n_intervals = accepted[-1], DOWN_TIMER_ADVERTS
    wait_ns = n_intervals * heard.interval_ns
    wait_ns += skew_ns(heard.version, first.priority, heard.interval_ns)
    return Takeover(heard, heard.time_ns + wait_ns, first)


def flaps(adverts: Sequence[Advert], backup: str, from_ns: int, to_ns: int) -> int:
    """Adverts that a backup sent while it should have been silent."""
    return sum(a.source == backup and from_ns <= a.time_ns < to_ns for a in adverts)


def return_of(adverts: Sequence[Advert], better: str, from_ns: int) -> Advert:
    """The first advert of the better router since `from_ns`. Raises NoTakeoverError."""
    for advert in adverts:
        if advert.source == better and advert.priority and advert.time_ns >= from_ns:
            return advert
    raise NoTakeoverError(f"{better} did not come back")
