"""Diagnostics of keepalived.conf as text: for a terminal and for the log."""

import json
from collections.abc import Iterable

from dpvs_core.config.errors import Diagnostic
from dpvs_core.config.render import render, render_all
from keepalivedpy.config.compat import render_compat

__all__ = ["log_line", "render", "render_all", "render_compat", "render_json"]


def log_line(diagnostic: Diagnostic, files: Iterable[str] = ()) -> str:
    """`(Line n) ...` as keepalived logs it, `(FILE: Line n) ...` when there are several files.

    files   the names of all files of the configuration, as far as known
    """
    place, text = diagnostic.place, diagnostic.text
    if not place.line:
        return diagnostic.found
    if diagnostic.note:
        text += f" (with {diagnostic.note})"
    several = len({place.file, *files}) > 1
    return f"({place.file}: Line {place.line}) {text}" if several else f"(Line {place.line}) {text}"


def render_json(diagnostics: Iterable[Diagnostic], status: int) -> str:
    """One JSON object for editors: the status of the test and all that was found."""
    found = [
        {
            "file": d.place.file,
            "line": d.place.line,
            "column": d.place.column,
            "severity": d.severity,
            "message": d.text if d.place.line else d.found,
            "found": d.found,
            "expected": d.expected,
            "effect": d.effect,
            "note": d.note,
            "status": d.exit_status,
        }
        for d in diagnostics
    ]
    return json.dumps({"status": status, "diagnostics": found}) + "\n"
