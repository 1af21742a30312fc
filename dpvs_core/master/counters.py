"""Counters as clients see them: totals since the last zero, and rates.

The core never zeroes; what stood there when a dest was made, revived or zeroed is subtracted here.
Rates are the difference over the last two seconds or so, from samples taken once a second.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct

from dpvs_core.control.messages import Counters, Rates
from dpvs_core.master.engine import DestStats, Observer

WINDOW_SAMPLES = 3  # the first and the last are two intervals apart

_FIELDS = ("conns", "inpkts", "outpkts", "inbytes", "outbytes")
_RATE_FIELDS = ("cps", "inpps", "outpps", "inbps", "outbps")

Totals = tuple[int, int, int, int, int]
ZERO: Totals = (0, 0, 0, 0, 0)
Lines = tuple[Totals, ...]

SAMPLE = Struct("=d5Q")
"""When, then Totals: bytes, for the collector would look at 100,000 tuples every second."""


@dataclass(slots=True)
class Counting:
    """Per dest id: the zero lines (of the sum, then of each worker), and the last samples."""

    engine: Observer
    n_workers: int
    _zero: dict[int, Lines] = field(default_factory=dict)
    _samples: dict[int, deque[bytes]] = field(default_factory=dict)  # SAMPLE records

    def lines(self, dest_id: int) -> Lines:
        """What the dest has counted so far."""
        workers = (None, *range(self.n_workers))
        return tuple(self.engine.dest_stats(dest_id, worker)[:5] for worker in workers)

    def start_at(self, lines: Mapping[int, Lines]) -> None:
        """What these dests had counted when asked is no longer shown."""
        self._zero.update(lines)
        for dest_id in self._samples.keys() & lines.keys():
            del self._samples[dest_id]

    def sample(self, dest_id: int, now_s: float) -> None:
        """Take the once-a-second sample of a dest."""
        samples = self._samples.setdefault(dest_id, deque(maxlen=WINDOW_SAMPLES))
        samples.append(SAMPLE.pack(now_s, *self.engine.dest_stats(dest_id)[:5]))

    def sampled_but(self, ids: set[int]) -> set[int]:
        """Dests that have samples, without these."""
        return self._samples.keys() - ids

    def forget(self, dest_id: int) -> None:
        """Drop the samples of a dest that is no more."""
        self._samples.pop(dest_id, None)

    def read(self, dest_id: int, worker: int | None) -> tuple[Counters, DestStats]:
        """Totals since zero, and the raw row for its connection counts."""
        raw = self.engine.dest_stats(dest_id, worker)
        lines = self._zero.get(dest_id)
        zero = lines[0 if worker is None else worker + 1] if lines else ZERO
        values = (now - then for now, then in zip(raw[:5], zero, strict=True))
        return Counters(**dict(zip(_FIELDS, values, strict=True))), raw

    def rates(self, dest_id: int) -> Rates:
        """Per second over the last window; zero until there are two samples."""
        samples = self._samples.get(dest_id)
        if not samples or len(samples) < 2:
            return Rates()
        then_s, *then = SAMPLE.unpack(samples[0])
        now_s, *now = SAMPLE.unpack(samples[-1])
        span_s = now_s - then_s
        if span_s <= 0:
            return Rates()
        values = (round((b - a) / span_s) for a, b in zip(then, now, strict=True))
        return Rates(**dict(zip(_RATE_FIELDS, values, strict=True)))


def sum_counters(parts: Iterable[Counters]) -> Counters:
    """A service's counters: the sum of its dests' (F-271)."""
    rows = list(parts)
    return Counters(**{name: sum(getattr(row, name) for row in rows) for name in _FIELDS})


def sum_rates(parts: Iterable[Rates]) -> Rates:
    rows = list(parts)
    return Rates(**{name: sum(getattr(row, name) for row in rows) for name in _RATE_FIELDS})
