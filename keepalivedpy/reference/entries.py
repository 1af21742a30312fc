"""Rows -> entries of the reference, in the order of the tables.

An entry's default is the model's: what a keyword that is not written means.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec

from dpvs_core.config.keywords import Block, Keyword, Lines, NamedLines
from dpvs_core.config.reader import NO_LACKS, Lack

Row = Keyword | Lines | NamedLines | Block
INSIDE = {"instance": "vrrp_instances", "real_server": "real servers", "checker": "checks"}
"""Whose default a field `KIND.X` is, by KIND."""

ITEM_ID = re.compile(r"^[A-Z]-\d+(\.\.[A-Z]-\d+)? ")
"""What the tables note for their readers."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A keyword in a block.

    path      the blocks around it, outermost first
    form      how it is written, with its argument ("weight NUMBER")
    argument  what is right for the argument; "" where there is none
    default   as a file would have it; "" where there is none
    later     read and kept, but nothing acts on it yet
    lack      what that means
    successor what an old word was replaced by
    """

    path: tuple[str, ...]
    name: str
    form: str
    doc: str
    argument: str = ""
    default: str = ""
    since: str = ""
    later: bool = False
    lack: str = ""
    successor: str = ""
    is_block: bool = False


def entries(root: Block, lacks: Mapping[str, Lack] = NO_LACKS) -> Iterator[Entry]:
    """All keywords of a file, each block before what it contains.

    lacks    what it means that nothing acts on a keyword, by "KEYWORD in BLOCK"
    """
    for entry in _block(root, ()):
        lack = lacks.get(f"{entry.name} in {entry.path[-1]}") if entry.path else None
        yield msgspec.structs.replace(entry, lack=lack.effect) if lack else entry


def named(root: Block, word: str, lacks: Mapping[str, Lack] = NO_LACKS) -> list[Entry]:
    """The entries of a keyword in all its blocks; `BLOCK.KEYWORD` only those of that block."""
    *blocks, name = word.split(".")
    return [
        entry
        for entry in entries(root, lacks)
        if entry.name == name and list(entry.path[len(entry.path) - len(blocks) :]) == blocks
    ]


def similar(root: Block, word: str) -> list[str]:
    """Keywords that are spelt like `word`, nearest first."""
    names = {entry.name for entry in entries(root)}
    return get_close_matches(word.rpartition(".")[2], sorted(names), n=3, cutoff=0.6)


def _block(block: Block, path: tuple[str, ...]) -> Iterator[Entry]:
    defaults = _defaults(block)
    for row in block.rows:
        yield _entry(row, path, defaults)
        if isinstance(row, Block):
            yield from _block(row, (*path, row.name))


def _entry(row: Row, path: tuple[str, ...], defaults: Mapping[str, Any]) -> Entry:
    if isinstance(row, Keyword):
        return Entry(
            path=path,
            name=row.name,
            form=f"{row.name} {_placeholder(row)}".rstrip(),
            doc=_doc(row),
            argument=row.value.expected,
            default=_default(row, defaults),
            since=row.since,
            later=row.later,
            successor=row.successor,
        )
    form, argument = f"{row.name} {{ ... }}", ""
    if isinstance(row, Block):
        form = f"{row.name} {row.header.form} {{ ... }}".replace("  ", " ")
    elif isinstance(row, NamedLines):
        form = f"{row.name} NAME {{ ... }}"
    if isinstance(row, Lines | NamedLines):
        argument = f"lines: {row.value.expected}"
    return Entry(
        path=path,
        name=row.name,
        form=form,
        doc=_doc(row),
        argument=argument,
        since=row.since,
        later=row.later,
        is_block=True,
    )


def _placeholder(row: Keyword) -> str:
    if row.value.expected == "no argument":
        return ""
    is_needed = row.value.n_words or getattr(row.value, "is_needed", False)
    return "VALUE" if is_needed else "[VALUE]"


def _doc(row: Row) -> str:
    doc = ITEM_ID.sub("", row.doc)
    kind, dot, _ = row.field.partition(".")
    return f"{doc}, default of the {INSIDE[kind]}" if dot else doc


def _default(row: Keyword, defaults: Mapping[str, Any]) -> str:
    default = defaults.get(row.field)
    if default in (None, (), "", msgspec.NODEFAULT) or row.many:
        return ""
    words: Sequence[str] | None = row.value.words(default)
    return " ".join(words) if words else ""


def _defaults(block: Block) -> dict[str, Any]:
    if block.model is None:
        return {}
    return {field.name: field.default for field in msgspec.structs.fields(block.model)}
