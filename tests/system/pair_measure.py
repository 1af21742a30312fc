"""What rows of traffic say about a hand-over: how long nobody answered, and how long two did.

Pure. All times are microseconds of CLOCK_MONOTONIC, windows are [start, end].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Advert:
    time_us: int
    source: str
    priority: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A request; `answered_us` 0: never."""

    sent_us: int
    answered_us: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A frame in which the station `mac` called `address` its own."""

    time_us: int
    kind: str
    address: str
    mac: str


@dataclass(frozen=True, slots=True)
class Change:
    """One master follows another, as their adverts say."""

    last_old_us: int
    first_new_us: int

    @property
    def failover_us(self) -> int:
        return self.first_new_us - self.last_old_us


@dataclass(frozen=True, slots=True)
class Window:
    start_us: int
    end_us: int

    def has(self, time_us: int) -> bool:
        return self.start_us <= time_us <= self.end_us


def change_to(adverts: Sequence[Advert], source: str, after_us: int) -> Change:
    """The first advert of `source` (not of priority 0) after a time, and the last before it of
    anybody else. ValueError if there is none."""
    of_new = (a.time_us for a in adverts if a.source == source and a.priority)
    first_us = next((time_us for time_us in of_new if time_us > after_us), None)
    if first_us is None:
        raise ValueError(f"no advert of {source} after {after_us}")
    of_old = [a.time_us for a in adverts if a.source != source and a.time_us <= first_us]
    if not of_old:
        raise ValueError(f"{source} followed nobody")
    return Change(of_old[-1], first_us)


def longest_silence_us(times_us: Iterable[int], window: Window) -> int:
    """The longest part of the window without one of these times (answers)."""
    inside = sorted(time_us for time_us in times_us if window.has(time_us))
    edges = [window.start_us, *inside, window.end_us]
    return max(later - earlier for earlier, later in pairwise(edges))


def answered_us(flows: Iterable[Flow]) -> list[int]:
    return [flow.answered_us for flow in flows if flow.answered_us]


def unanswered_us(flows: Iterable[Flow], window: Window) -> list[int]:
    """When the requests were sent that nobody answered."""
    return [f.sent_us for f in flows if not f.answered_us and window.has(f.sent_us)]


def overlap_us(claims: Iterable[Claim], old: str, new: str, window: Window) -> dict[str, int]:
    """By address: how long `old` (a MAC) still claimed it after `new` had begun to; 0: not at all.

    An address that `new` never claimed in the window is missing.
    """
    first_new: dict[str, int] = {}
    last_old: dict[str, int] = {}
    for claim in claims:
        if not window.has(claim.time_us):
            continue
        if claim.mac == new:
            first_new.setdefault(claim.address, claim.time_us)
            first_new[claim.address] = min(first_new[claim.address], claim.time_us)
        elif claim.mac == old:
            last_old[claim.address] = max(last_old.get(claim.address, 0), claim.time_us)
    return {
        address: max(0, last_old.get(address, first_us) - first_us)
        for address, first_us in first_new.items()
    }


def last_claim_us(claims: Iterable[Claim], mac: str, window: Window) -> int:
    """When `mac` last claimed any address in the window; the window's start if never."""
    times = (c.time_us for c in claims if c.mac == mac and window.has(c.time_us))
    return max(times, default=window.start_us)
