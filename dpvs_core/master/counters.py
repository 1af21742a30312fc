"""Counters as clients see them: totals since the last zero, and rates.

The core never zeroes; what stood there when a dest was made, revived or zeroed is subtracted here.
Rates are the difference over the last two seconds or so, from snapshots of all dests taken once a
second: 64 bytes a dest each, 0.1 us.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dpvs_core.control.messages import Counters, Rates
from dpvs_core.master.engine import DestStats, Observer
from dpvs_core.master.layouts import DEST_STATS

WINDOW_SNAPSHOTS = 3  # the first and the last are two intervals apart
PIECE_DESTS = 512  # read at once: 50 us

_FIELDS = ("conns", "inpkts", "outpkts", "inbytes", "outbytes")
_RATE_FIELDS = ("cps", "inpps", "outpps", "inbps", "outbps")
N_TOTALS = len(_FIELDS)

Totals = tuple[int, ...]
ZERO: Totals = (0,) * N_TOTALS


class Start(NamedTuple):
    """Where a dest's counters start."""

    rows: bytes  # what it had counted: core_dest_stats of the sum, then of each worker
    snapshot: int  # the first that shows it


class Snapshot(NamedTuple):
    number: int
    at_s: float
    rows: bytearray  # core_dest_stats by dest id


@dataclass(slots=True)
class Counting:
    """By dest id: where it starts, and the last snapshots."""

    engine: Observer
    n_workers: int
    _start: dict[int, Start] = field(default_factory=dict)
    _snapshots: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=WINDOW_SNAPSHOTS))
    _n_begun: int = 0  # snapshots

    def starts(self, dest_ids: Collection[int]) -> dict[int, Start]:
        """For `start_at`: what each of these dests has counted so far."""
        ids = list(dest_ids)
        read = [self.engine.dest_rows(ids, w) for w in (None, *range(self.n_workers))]
        size = DEST_STATS.size
        return {
            id_: Start(b"".join([rows[at : at + size] for rows in read]), self._n_begun)
            for id_, at in zip(ids, range(0, size * len(ids), size), strict=True)
        }

    def start_at(self, starts: Mapping[int, Start]) -> None:
        """What these dests had counted then is no longer shown."""
        self._start.update(starts)

    def snapshot(self, n_ids: int, now_s: float) -> Iterator[None]:
        """Take the once-a-second snapshot of the dests below `n_ids`, in pieces."""
        number = self._n_begun
        self._n_begun += 1
        rows = bytearray()
        for first in range(0, n_ids, PIECE_DESTS):
            rows += self.engine.dest_rows(range(first, min(n_ids, first + PIECE_DESTS)))
            yield
        self._snapshots.append(Snapshot(number, now_s, rows))

    def read(self, dest_id: int, worker: int | None) -> tuple[Counters, DestStats]:
        """Totals since zero, and the raw row for its connection counts."""
        raw = self.engine.dest_stats(dest_id, worker)
        start = self._start.get(dest_id)
        zero = _totals(start.rows, 0 if worker is None else worker + 1) if start else ZERO
        values = (now - then for now, then in zip(raw[:N_TOTALS], zero, strict=True))
        return Counters(**dict(zip(_FIELDS, values, strict=True))), raw

    def rates(self, dest_id: int) -> Rates:
        """Per second over the last window; zero until two snapshots show the dest."""
        start = self._start.get(dest_id)
        first = start.snapshot if start else 0
        end = DEST_STATS.size * (dest_id + 1)
        shown = [row for row in self._snapshots if row.number >= first and len(row.rows) >= end]
        if len(shown) < 2:
            return Rates()
        then, now = shown[0], shown[-1]
        span_s = now.at_s - then.at_s
        if span_s <= 0:
            return Rates()
        pairs = zip(_totals(then.rows, dest_id), _totals(now.rows, dest_id), strict=True)
        values = (round((b - a) / span_s) for a, b in pairs)
        return Rates(**dict(zip(_RATE_FIELDS, values, strict=True)))


def _totals(rows: bytes | bytearray, number: int) -> Totals:
    return DEST_STATS.unpack_from(rows, DEST_STATS.size * number)[:N_TOTALS]


def sum_counters(parts: Iterable[Counters]) -> Counters:
    """A service's counters: the sum of its dests' (F-271)."""
    rows = list(parts)
    return Counters(**{name: sum(getattr(row, name) for row in rows) for name in _FIELDS})


def sum_rates(parts: Iterable[Rates]) -> Rates:
    rows = list(parts)
    return Rates(**{name: sum(getattr(row, name) for row in rows) for name in _RATE_FIELDS})
