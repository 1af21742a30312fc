"""From a capture's rows and the times of the events to a table: pure."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.interop.configuration import ADDRESS, PRIORITY, VIP
from tests.interop.lateness import Takeover, flaps, return_of, takeover
from tests.interop.rows import Advert, Announcement

BURST_NS = 10**9
"""Gratuitous ARPs so soon after taking over are the first burst, not the second."""


@dataclass(frozen=True, slots=True)
class Window:
    """An event's times: struck, repair begun, and the master at rest again."""

    event: str
    politely: bool
    strike_ns: int
    repair_ns: int
    settled_ns: int


@dataclass(slots=True)
class Row:
    """All events of one kind in a series."""

    case: str
    direction: str
    event: str
    lateness_ms: list[float] = field(default_factory=list)
    n_goodbyes: list[int] = field(default_factory=list)  # adverts with priority 0, an event each
    n_garps: list[int] = field(default_factory=list)  # in the first burst of the new master
    first_garp_ms: list[float] = field(default_factory=list)  # after its first advert
    overlap_pkts: list[int] = field(default_factory=list)  # of the backup after the master's return
    return_ms: list[float] = field(default_factory=list)  # from repair to the master's first advert

    @property
    def median_ms(self) -> float:
        return statistics.median(self.lateness_ms)

    @property
    def max_ms(self) -> float:
        return max(self.lateness_ms)


def rows_of(
    case: str,
    direction: str,
    windows: Sequence[Window],
    adverts: Sequence[Advert],
    announcements: Sequence[Announcement],
) -> list[Row]:
    """One row a kind of event, in the order in which they first came. Raises NoTakeoverError."""
    rows: dict[str, Row] = {}
    for window in windows:
        row = rows.setdefault(window.event, Row(case, direction, window.event))
        heard = [a for a in adverts if a.time_ns <= window.settled_ns]
        taken = takeover(
            heard,
            ADDRESS["master"],
            ADDRESS["backup"],
            window.strike_ns,
            politely=window.politely,
        )
        row.lateness_ms.append(taken.lateness_ms)
        row.n_goodbyes.append(sum(a.priority == 0 and a.time_ns >= window.strike_ns for a in heard))
        back = return_of(heard, ADDRESS["master"], window.repair_ns)
        row.return_ms.append((back.time_ns - window.repair_ns) / 1e6)
        row.overlap_pkts.append(flaps(heard, ADDRESS["backup"], back.time_ns, window.settled_ns))
        _count_garps(row, taken, window.settled_ns, announcements)
    return list(rows.values())


def _count_garps(
    row: Row, taken: Takeover, end_ns: int, announcements: Sequence[Announcement]
) -> None:
    first = taken.first
    end_ns = min(end_ns, first.time_ns + BURST_NS)
    burst_ms = [
        (one.time_ns - first.time_ns) / 1e6
        for one in announcements
        if one.address == VIP and one.mac == first.mac and first.time_ns <= one.time_ns < end_ns
    ]
    row.n_garps.append(len(burst_ms))
    row.first_garp_ms += burst_ms[:1]


def quiet_times(begin_ns: int, windows: Sequence[Window]) -> Iterator[tuple[int, int]]:
    """From when to when the master was well."""
    since_ns = begin_ns
    for window in windows:
        yield since_ns, window.strike_ns
        since_ns = window.settled_ns


def n_flaps(begin_ns: int, windows: Sequence[Window], adverts: Sequence[Advert]) -> int:
    """Adverts of the backup while the master was well; each is a needless change of master."""
    quiet = quiet_times(begin_ns, windows)
    return sum(flaps(adverts, ADDRESS["backup"], start, end) for start, end in quiet)


def cadence_ms(begin_ns: int, windows: Sequence[Window], adverts: Sequence[Advert]) -> list[float]:
    """Between each two adverts of the master while it was well."""
    found: list[float] = []
    for start, end in quiet_times(begin_ns, windows):
        times = [
            a.time_ns
            for a in adverts
            if start <= a.time_ns < end
            and a.source == ADDRESS["master"]
            and a.priority == PRIORITY["master"]
        ]
        found += [(after - before) / 1e6 for before, after in pairwise(times)]
    return found
