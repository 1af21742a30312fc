"""Diagnostics in keepalived's own words and places, for scripts that read its messages.

The words are rows of compat_words.py. What has no counterpart (keepalived says nothing, or says it
in a way that no row has) keeps our words behind its prefix.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from dpvs_core.config.errors import Diagnostic
from dpvs_core.config.tree import Node
from keepalivedpy.config.compat_words import BARE, MORE, SAME, Wording

Blocks = Mapping[tuple[str, int], tuple[str, str]]
"""File and line -> keyword and name of the outermost block around."""

NO_BLOCKS: Blocks = {}
ORDINALS = ("first", "second", "third", "fourth")


def render_compat(diagnostics: Iterable[Diagnostic], blocks: Blocks = NO_BLOCKS) -> str:
    """Lines as keepalived's children print them; "" when there are none."""
    return "".join(f"{_shown(text)}\n" for one in diagnostics for text in lines(one, blocks))


def _shown(text: str) -> str:
    """Control characters, and bytes that are no text, as `?`: nothing moves a terminal's cursor."""
    return "".join("?" if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)


def lines(diagnostic: Diagnostic, blocks: Blocks = NO_BLOCKS) -> Iterator[str]:
    """`(FILE: Line n) words`, one or several."""
    d = diagnostic
    prefix = f"({d.place.file}: Line {d.place.line}) " if d.place.line else ""
    around = blocks.get((d.place.file, d.place.line), ("", ""))
    same = next((said for row in SAME if (said := _said(row, d, around))), ())
    more = [text for row in MORE for text in _said(row, d, around)]
    for text in [*same, *more] or [d.text if d.place.line else d.found]:
        yield text.removeprefix(BARE) if text.startswith(BARE) else prefix + text


def _said(row: Wording, d: Diagnostic, around: tuple[str, str]) -> tuple[str, ...]:
    """The row's lines about `d`; none where it does not fit."""
    words = d.source.split()
    key = words[0] if words else ""
    found, expected = row.found.fullmatch(d.found), row.expected.fullmatch(d.expected)
    if not (found and expected and row.kind.fullmatch(around[0]) and row.key.fullmatch(key)):
        return ()
    groups = {**expected.groupdict(), **found.groupdict()}
    values: dict[str, object] = {
        name: float(value) if name.startswith("float_") else value for name, value in groups.items()
    }
    values |= dict.fromkeys(ORDINALS, "") | dict(zip(ORDINALS, words, strict=False))
    values |= {"kind": around[0], "name": around[1], "key": key, "source": d.source.strip()}
    values["length"] = len(groups.get("a") or "")
    return tuple(text.format(**values) for text in row.words)


def blocks_around(nodes: Iterable[Node], diagnostics: Iterable[Diagnostic]) -> Blocks:
    """The blocks of the lines that `diagnostics` are about."""
    wanted = {(one.place.file, one.place.line) for one in diagnostics}
    found: dict[tuple[str, int], tuple[str, str]] = {}
    if not wanted:
        return found
    for top in nodes:
        around = (top.words[0], top.words[1] if len(top.words) > 1 else "")
        todo = [top]
        while todo:
            node = todo.pop()
            place = (node.line.file, node.line.number)
            if place in wanted:
                found.setdefault(place, around)
            todo += node.children or ()
    return found
