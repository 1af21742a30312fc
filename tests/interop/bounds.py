"""What a series must keep: sentences for what it did not."""

import statistics
from itertools import chain

from tests.interop.cases import Maker
from tests.interop.evaluation import Row
from tests.interop.series import Series
from tests.interop.strikes import EVENTS

MEDIAN_LIMIT_MS = 2.0
POLITE_LIMIT_MS = 2.0
"""After a goodbye nothing but the skew is waited: less can go wrong than in three intervals."""
EARLY_LIMIT_MS = -1.0
STEADY_INTERVAL_US = 100_000
"""From this interval on a backup never takes over needlessly; below, a busy machine is enough."""
CADENCE_TOLERANCE = 0.02
BURST_GARPS = 5  # garp_master_repeat
CROSSING_PKTS = 1  # an advert that was under way when the better master's came

POLITE = {event.name for event in EVENTS if event.politely}


def violations(series: Series) -> list[str]:
    """Of order and state for either make, of time only for ours: theirs is the yardstick."""
    found = [*chain.from_iterable(_order(row) for row in series.rows), *_steadiness(series)]
    if series.direction.backup is Maker.OURS:
        found += _lateness(series)
    return [f"{series.case.name} {series.direction}: {words}" for words in found]


def order_violations(series: Series) -> list[str]:
    """Those that hold on any machine, however busy."""
    return [
        f"{series.case.name} {series.direction}: {words}"
        for words in chain.from_iterable(_order(row) for row in series.rows)
    ]


def _order(row: Row) -> list[str]:
    found = []
    if row.event in POLITE and any(n != 1 for n in row.n_goodbyes):
        found.append(f"{row.event}: adverts with priority 0: {row.n_goodbyes}, not 1 each")
    if min(row.n_garps) < BURST_GARPS:
        found.append(
            f"{row.event}: gratuitous ARPs after the first advert: {row.n_garps}, "
            f"not at least {BURST_GARPS} each"
        )
    if max(row.overlap_pkts) > CROSSING_PKTS:
        found.append(f"{row.event}: adverts after the better master's return: {row.overlap_pkts}")
    if min(row.lateness_ms) < EARLY_LIMIT_MS:
        found.append(f"{row.event}: took over {-min(row.lateness_ms):.1f} ms early")
    return found


def _steadiness(series: Series) -> list[str]:
    case = series.case
    if case.interval_us < STEADY_INTERVAL_US:
        return []
    found = []
    if series.n_flaps:
        found.append(f"{series.n_flaps} adverts of the backup while the master was well")
    interval_ms, median_ms = case.interval_us / 1000, statistics.median(series.cadence_ms)
    if abs(median_ms - interval_ms) > CADENCE_TOLERANCE * interval_ms:
        found.append(f"adverts every {median_ms:.2f} ms, not {interval_ms:g} ms")
    return found


def _lateness(series: Series) -> list[str]:
    found = []
    for row in series.rows:
        if row.event in POLITE and row.max_ms > POLITE_LIMIT_MS:
            found.append(f"{row.event}: {row.max_ms:.2f} ms late, not {POLITE_LIMIT_MS:g} at most")
    silent_ms = [late for row in series.rows if row.event not in POLITE for late in row.lateness_ms]
    if silent_ms and statistics.median(silent_ms) > MEDIAN_LIMIT_MS:
        found.append(
            f"median lateness {statistics.median(silent_ms):.2f} ms, not {MEDIAN_LIMIT_MS:g}"
        )
    limit_ms = series.case.limit_ms
    if silent_ms and limit_ms is not None and max(silent_ms) > limit_ms:
        found.append(f"{max(silent_ms):.2f} ms late in one of {len(silent_ms)} events")
    return found
