"""Diagnostics as text for a person at a terminal."""

from collections.abc import Iterable

from dpvs_core.config.errors import Diagnostic

_MAX_SHOWN = 160


def render(diagnostic: Diagnostic) -> str:
    """`file:line:col: error: found ..., expected ...`, the line as written and a caret below.

    A long line is cut around the place; control characters are shown as `?`.
    """
    d = diagnostic
    head = f"{d.place}: {d.severity}: {d.text}"
    note = f"\n    with {printable(d.note)}" if d.note else ""
    if not d.source.strip() or d.place.column == 0:
        return printable(head) + note
    start = max(0, d.place.column - _MAX_SHOWN)
    shown = d.source[start : start + _MAX_SHOWN + 40].rstrip("\r")
    before = shown[: d.place.column - 1 - start]
    padding = "".join("\t" if char == "\t" else " " for char in before)
    return f"{printable(head)}\n    {printable(shown)}\n    {padding}^{note}"


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """Each in turn, in the order found; "" when there are none."""
    return "".join(render(diagnostic) + "\n" for diagnostic in diagnostics)


def printable(text: str) -> str:
    """Control characters, and bytes that are no text, as `?`."""
    if text.isprintable():
        return text
    return "".join(c if c == "\t" or c.isprintable() else "?" for c in text)
