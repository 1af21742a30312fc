"""The changes of a plan as lines for a person; pure.

Fields have their keyword's name and values the words that a file has for them, by the rows of the
configuration's tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from dpvs_core.config.keywords import Block, Keyword, Lines, NamedLines
from keepalivedpy.config.dump import block_lines
from keepalivedpy.config.tables import ROOT, blocks
from keepalivedpy.plan.changes import Change, Difference

Row = Keyword | Lines | NamedLines | Block
SIGNS = {"add": "+", "change": "~", "remove": "-"}
SHOWN = 8  # elements of a list
NOTHING = "nothing"


def lines(changes: Sequence[Change]) -> Iterator[str]:
    """A line an object and a field, indented by level, and the sum at the end."""
    for change in changes:
        yield from _change(change, "  ")
    yield _sum(changes)


def _change(change: Change, indent: str) -> Iterator[str]:
    yield f"{indent}{SIGNS[change.verb]} {change.what}{_why(change.disrupts)}"
    rows = _rows_of(change.what.partition(" ")[0])
    for difference in change.differences:
        text = _difference(difference, rows.get(difference.field))
        yield f"{indent}    {text}{_why(difference.disrupts)}"
    for inner in change.inside:
        yield from _change(inner, indent + "    ")


def _difference(difference: Difference, row: Row | None) -> str:
    name = row.name if row is not None else difference.field
    old, new = difference.old, difference.new
    if not isinstance(old, tuple) or not isinstance(new, tuple):
        return f"{name}: {_text(old, row)} -> {_text(new, row)}"
    parts = [f"- {_text(one, row)}" for one in old if one not in new]
    parts += [f"+ {_text(one, row)}" for one in new if one not in old]
    if not parts:
        return f"{name}: in another order"
    more = len(parts) - SHOWN
    return f"{name}: {', '.join(parts[:SHOWN])}" + (f" and {more} more" if more > 0 else "")


def _why(disrupts: str) -> str:
    return f"   DISRUPTS: {disrupts}" if disrupts else ""


def _text(value: Any, row: Row | None) -> str:
    """A value as a file has it."""
    if value is None:
        return NOTHING
    if isinstance(row, Block) and isinstance(value, msgspec.Struct):
        return " ".join(line.strip() for line in block_lines(_kinds().get(type(value), row), value))
    if isinstance(row, Keyword | Lines | NamedLines) and row.field:
        words = row.value.words(value)
        return NOTHING if words is None else " ".join(words) or "on"
    return str(value)


@cache
def _rows_of(block: str) -> Mapping[str, Row]:
    """The rows of a block by field; those of the first block of that name."""
    for found in (*blocks(ROOT), *ROOT.rows):
        if found.name == block:
            rows = found.rows if isinstance(found, Block) else ()
            lines = {found.lines: found} if isinstance(found, NamedLines) else {}
            return {**{row.field: row for row in reversed(rows)}, **lines, **_top()}
    return _top()


@cache
def _kinds() -> Mapping[type[msgspec.Struct], Block]:
    """Blocks of which several kinds share a list, by their model."""
    return {block.model: block for block in blocks(ROOT) if block.model is not None}


def _top() -> Mapping[str, Row]:
    """Lists that stand outside all blocks."""
    return {row.field: row for row in ROOT.rows if isinstance(row, Lines)}


def _sum(changes: Sequence[Change]) -> str:
    if not changes:
        return "Plan: nothing to do, the configurations are equal."
    numbers = {verb: sum(change.verb == verb for change in changes) for verb in SIGNS}
    n_disruptive = sum(change.is_disruptive for change in changes)
    words = "Plan: {add} to add, {change} to change, {remove} to remove".format(**numbers)
    return f"{words}; {n_disruptive} would disrupt traffic." if n_disruptive else f"{words}."
