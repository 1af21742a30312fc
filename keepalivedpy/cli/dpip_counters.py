"""Tables of counters for dpip -s, once in full or every interval as rates (D-011, D-014)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import NamedTuple, TypeVar

import msgspec

from keepalivedpy.cli.command import Context

TOTAL_WIDTH = 20
RATE_WIDTH = 16
COLOURS = ("\033[34m", "\033[32m")
NO_COLOUR = "\033[0m"

R = TypeVar("R", bound=msgspec.Struct)


class Column(NamedTuple):
    """`title` as DPVS prints it, `field` of the row, `unit` of its rate ("" for a level)."""

    title: str
    field: str
    unit: str


Table = tuple[Column, ...]


def _cells(texts: Sequence[str], width: int) -> str:
    return "    " + "".join(f"{text:<{width}}" for text in texts)


def _text(value: int | None) -> str:
    """A counter, "-" for one the core does not keep."""
    return "-" if value is None else str(value)


def totals(row: msgspec.Struct, tables: Sequence[Table]) -> Iterator[str]:
    """A title line and a value line for each table."""
    for table in tables:
        yield _cells([column.title for column in table], TOTAL_WIDTH)
        yield _cells([_text(getattr(row, column.field)) for column in table], TOTAL_WIDTH)


def rates(
    old: msgspec.Struct, new: msgspec.Struct, tables: Sequence[Table], interval_s: int
) -> Iterator[str]:
    """The same, per second between two rows; levels have no rate and are left out."""
    for table in tables:
        counters = [column for column in table if column.unit]
        if not counters:
            continue
        yield _cells([f"{column.title}/{column.unit}" for column in counters], RATE_WIDTH)
        pairs = [(getattr(old, column.field), getattr(new, column.field)) for column in counters]
        per_s = [None if None in pair else (pair[1] - pair[0]) // interval_s for pair in pairs]
        yield _cells([_text(value) for value in per_s], RATE_WIDTH)


def repeat(
    context: Context,
    fetch: Callable[[], Sequence[R]],
    name: Callable[[R], str],
    tables: Sequence[Table],
) -> None:
    """Every -i seconds, -c times or without end, the rates of what `fetch` returns, by name."""
    options = context.options
    before = {name(row): row for row in fetch()}
    try:
        for turn in islice(count(), options.count or None):
            context.pause(options.interval_s)
            rows = fetch()
            for row in rows:
                lines = list(rates(before.get(name(row), row), row, tables, options.interval_s))
                if len(rows) > 1:
                    lines.insert(0, f"{name(row)}:")
                if options.color:
                    lines[0] = COLOURS[turn % 2] + lines[0]
                context.write("\n".join(lines))
            before = {name(row): row for row in rows}
    finally:
        if options.color:
            context.write(NO_COLOUR)
