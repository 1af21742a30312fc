"""Series as a text table for people and as JSON for comparing runs."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from tests.interop.evaluation import Row
from tests.interop.series import Series

HEAD = (
    f"{'case':17}{'master->backup':15}{'event':10}{'n':>4}{'median':>9}{'max':>9}"
    f"{'prio 0':>8}{'GARPs':>7}{'back':>9}{'both':>6}"
)
"""Milliseconds: lateness, median and most; `back`: from repair to the better master's return.

`both` are adverts of the backup after that return.
"""


def table(series: Series) -> list[str]:
    """Lines below HEAD: one an event, one for the time between the events."""
    lines = [_line(row) for row in series.rows]
    cadence = series.cadence_ms
    lines.append(
        f"{'':32}at rest: adverts every {statistics.median(cadence):.2f} ms, "
        f"at most {max(cadence):.2f}; needless takeovers' adverts: {series.n_flaps}"
    )
    lines.append(f"{'':32}machine: {series.machine}")
    return lines


def _line(row: Row) -> str:
    return (
        f"{row.case:17}{row.direction:15}{row.event:10}{len(row.lateness_ms):4}"
        f"{row.median_ms:9.2f}{row.max_ms:9.2f}{_span(row.n_goodbyes):>8}"
        f"{_span(row.n_garps):>7}{statistics.median(row.return_ms):9.1f}{_span(row.overlap_pkts):>6}"
    )


def _span(numbers: Sequence[int]) -> str:
    """`5`, or `5-10` where they differ."""
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}-{high}"


def summary(all_series: Sequence[Series]) -> list[str]:
    """Ours and theirs as the backup of every case side by side: a noisy minute shows in both."""
    lines = []
    for name in dict.fromkeys(series.case.name for series in all_series):
        found = {
            series.direction.backup.name.lower(): list(
                chain.from_iterable(row.lateness_ms for row in series.rows)
            )
            for series in all_series
            if series.case.name == name
        }
        words = ", ".join(f"{backup} {_in_short(late)}" for backup, late in found.items())
        lines.append(f"{name:17}{words}")
    return lines


def _in_short(late_ms: Sequence[float]) -> str:
    return f"{statistics.median(late_ms):.2f} ms (at most {max(late_ms):.2f} in {len(late_ms)})"


def write_json(all_series: Sequence[Series], file: Path) -> None:
    """All figures; lateness and cadence in milliseconds."""
    document = [
        {
            "case": series.case.name,
            "direction": str(series.direction),
            "adverts_while_master_was_well": series.n_flaps,
            "cadence_ms": {
                "median": statistics.median(series.cadence_ms),
                "max": max(series.cadence_ms),
            },
            "machine": series.machine,
            "events": [
                {**asdict(row), "median_ms": row.median_ms, "max_ms": row.max_ms}
                for row in series.rows
            ],
        }
        for series in all_series
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
