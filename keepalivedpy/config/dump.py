"""The model as a keepalived.conf that is read as the same model.

By the rows that read it: each field is written by the first row that can (aliases follow their
keyword), in the order of the table. Defaults are written too, since they depend on other values
and on outer blocks; what has no words (None, an unset flag, a 0 that means never) is left out, and
of keywords that nothing acts on yet the default. Places are not kept: they are the file's.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgspec

from dpvs_core.config.keywords import Block, Keyword, Lines, NamedLines
from dpvs_core.config.quoting import line_of
from keepalivedpy.config.tables import ROOT
from keepalivedpy.model.root import Root

Row = Keyword | Lines | NamedLines | Block
INDENT = "    "
ABSENT: tuple[object, ...] = (None, (), "")


def dump(root: Root) -> str:
    """The whole file; "" for a configuration without anything."""
    return "".join(f"{line}\n" for line in _rows(ROOT.rows, root, ""))


def _rows(rows: Sequence[Row], model: Any, indent: str) -> Iterator[str]:
    done: set[str] = set()
    for row in rows:
        fields = _fields(row)
        if done.isdisjoint(fields) and all(hasattr(model, field) for field in fields):
            same = [other for other in rows if other.field == row.field] if row.field else [row]
            lines = list(_row(row, same, model, indent))
            if lines:
                done.update(fields)
            yield from lines


def _fields(row: Row) -> tuple[str, ...]:
    """The fields of the model that a row gives; passed-on ones are in the blocks inside."""
    if isinstance(row, Keyword) and not row.field:
        return tuple(row.value.fields)  # type: ignore[attr-defined]
    return (row.field,)


def _row(row: Row, same: Sequence[Row], model: Any, indent: str) -> Iterator[str]:
    """`same` are the rows of the same field: several kinds of block may share a list."""
    if isinstance(row, Keyword):
        yield from _keyword(row, model, indent)
        return
    value: Any = getattr(model, row.field) if row.field else None
    if value in ABSENT:
        return
    if isinstance(row, Lines):
        yield from _list(row.name, (), [row.value.words(one) for one in value], indent)
    elif isinstance(row, NamedLines):
        for one in value:
            words = [row.value.words(line) for line in getattr(one, row.lines)]
            yield from _list(row.name, (one.name,), words, indent)
    else:
        for one in value if isinstance(value, tuple) else (value,):
            yield from block_lines(_block_of(one, row, same), one, indent)


def _block_of(model: Any, row: Block, same: Sequence[Row]) -> Block:
    of_kind = (r for r in same if isinstance(r, Block) and r.model is type(model))
    return next(of_kind, row)


def block_lines(block: Block, model: Any, indent: str = "") -> Iterator[str]:
    """The lines of one block."""
    yield _line([block.name, *block.header.words(model)], indent) + " {"
    yield from _rows(block.rows, model, indent + INDENT)
    yield f"{indent}}}"


def _keyword(row: Keyword, model: Any, indent: str) -> Iterator[str]:
    if not row.field:
        values = [{field: getattr(model, field) for field in _fields(row)}]
    elif row.many:
        values = list(getattr(model, row.field))
    elif _needless(row, model):
        return
    else:
        values = [getattr(model, row.field)]
    for value in values:
        words = row.value.words(value)
        if words is not None:
            yield _line([row.name, *words], indent)


def _needless(row: Keyword, model: msgspec.Struct) -> bool:
    value = getattr(model, row.field)
    return value in ABSENT or (row.later and value == _defaults(type(model)).get(row.field))


def _list(
    name: str, header: Sequence[str], lines: Sequence[list[str] | None], indent: str
) -> Iterator[str]:
    yield _line([name, *header], indent) + " {"
    for words in lines:
        if words is not None:
            yield _line(words, indent + INDENT)
    yield f"{indent}}}"


def _line(words: Sequence[str], indent: str) -> str:
    return indent + line_of(words)


@cache
def _defaults(model: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: field.default for field in msgspec.structs.fields(model)}
