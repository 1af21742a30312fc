"""The report for people: one table a scenario, units in the head, one line a row. Pure."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.figures import Row
from tests.bench.scenario import Scenario

HEADS = {
    "cycles_per_packet": "cycles/packet",
    "mpps_per_cpu_second": "Mpps/CPU s",
    "reference_cycles_per_packet": "bare NAT",
    "macswap_cycles_per_packet": "MAC swap",
    "packet_bytes": "bytes",
    "cycles_per_connection": "cycles/connection",
    "cycles_per_connection_beside_packets": "beside its packets",
    "cycles_per_packet_before": "cycles/packet before",
    "ratio_to_udp": "to UDP",
    "ratio_to_one_worker": "to one worker",
    "lost_packets": "lost",
    "mpps": "Mpps",
    "batch_s": "weights, s",
    "services_batch_s": "services, s",
    "ours_cycles": "ours, cycles",
    "library_cycles": "library, cycles",
}
WIDTH = 98
UNITS = ("us", "ms", "s")
PLACE = ("case", "flows", "workers", "packet_bytes")
COST = (
    "cycles_per_packet", "p10", "p90", "mpps_per_cpu_second", "reference_cycles_per_packet",
    "macswap_cycles_per_packet", "ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    head: str
    text: Callable[[Any], str]


def heading(key: str) -> str:
    """
    >>> heading("p50_us"), heading("cycles_per_packet"), heading("p10")
    ('p50, us', 'cycles/packet', 'p10')
    """
    if key in HEADS:
        return HEADS[key]
    words = key.split("_")
    if len(words) > 1 and words[-1] in UNITS:
        return f"{' '.join(words[:-1])}, {words[-1]}"
    return " ".join(words)


def cell(value: Any) -> str:
    """
    >>> cell(1000000), cell(10700.4), cell(203.0), cell(1.5), cell(0.0042), cell(None), cell("rr")
    ('1,000,000', '10,700', '203.0', '1.50', '0.0042', '-', 'rr')
    """
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.{n_decimals(abs(value))}f}"
    return str(value)


def n_decimals(size: float) -> int:
    return next(n for least, n in ((1e4, 0), (10, 1), (0.1, 2), (0, 4)) if size >= least)


def lines(scenario: Scenario, rows: Sequence[Row]) -> list[str]:
    """The scenario's table, what hangs below its rows, and what its ratio means."""
    keys = [key for key in (*PLACE, *COST, *scenario.extra) if _has(rows, key)]
    tables = [key for key in keys if any(isinstance(row.get(key), list) for row in rows)]
    columns = [Column(key, heading(key), cell) for key in keys if key not in tables]
    place = [column for column in columns if column.key in PLACE]
    out = [f"{scenario.name}: {scenario.sentence}", ""]
    out += aligned(columns, [row for row in rows if not row["noisy"]])
    for row in rows:
        where = ", ".join(f"{column.head} {cell(row[column.key])}" for column in place)
        if row["noisy"]:
            out.append(f"  {where}: too noisy: {row['why_noisy']}")
    for row in rows:
        for key in tables:
            if row.get(key):
                below = [Column(name, heading(name), cell) for name in row[key][0]]
                out += ["", f"  {key}, {cell(row['flows'])} flows", *aligned(below, row[key])]
    return [*out, "", *textwrap.wrap(scenario.meaning, WIDTH, initial_indent="  ",
                                     subsequent_indent="  ")]  # fmt: skip


def _has(rows: Sequence[Row], key: str) -> bool:
    return any(row.get(key) is not None for row in rows)


def aligned(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """Text to the left, numbers to the right; nothing without rows."""
    if not rows:
        return []
    texts = [[column.text(row.get(column.key)) for column in columns] for row in rows]
    is_text = [any(isinstance(row.get(column.key), str) for row in rows) for column in columns]
    widths = [
        max(len(column.head), *(len(line[at]) for line in texts))
        for at, column in enumerate(columns)
    ]
    return [
        "  " + "  ".join(
            word.ljust(width) if left else word.rjust(width)
            for word, width, left in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in ([column.head for column in columns], *texts)
    ]  # fmt: skip
