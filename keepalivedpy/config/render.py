"""Diagnostics of keepalived.conf as text: for a terminal and for the log."""

from collections.abc import Iterable

from dpvs_core.config.errors import Diagnostic
from dpvs_core.config.render import render, render_all

__all__ = ["log_line", "render", "render_all"]


def log_line(diagnostic: Diagnostic, files: Iterable[str] = ()) -> str:
    """`(Line n) ...` as keepalived logs it, `(FILE: Line n) ...` when there are several files.

    files   the names of all files of the configuration, as far as known
    """
    place, text = diagnostic.place, diagnostic.text
    if not place.line:
        return diagnostic.found
    several = len({place.file, *files}) > 1
    return f"({place.file}: Line {place.line}) {text}" if several else f"(Line {place.line}) {text}"
