"""Diagnostics in keepalived's own words and places, for scripts that read its messages.

A table of patterns over what our sentence says is found. What has no counterpart (keepalived says
nothing, or says it in a way that depends on the keyword) keeps our words behind its prefix.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from dpvs_core.config.errors import Diagnostic
from dpvs_core.config.render import printable


class Wording(NamedTuple):
    """`found` matches all of the text, `expected` too; `words` uses the groups of both."""

    found: re.Pattern[str]
    words: str
    expected: re.Pattern[str] = re.compile(".*", re.DOTALL)
    placed: bool = True  # said while reading, not by a check after it


def _row(found: str, words: str, expected: str = ".*", *, placed: bool = True) -> Wording:
    flags = re.DOTALL
    return Wording(re.compile(found, flags), words, re.compile(expected, flags), placed)


WORDINGS = (
    _row(r"unknown keyword '(?P<a>.*)'.*", "Unknown keyword '{a}'"),
    _row(
        r"(?P<a>\S+) without its argument",
        "*** Configuration line starting `{a}` is missing a parameter after keyword `{a}`"
        " at word position 2",
    ),
    _row(r"'\{' without a keyword", "Unexpected '{{' - ignoring"),
    _row(r"a block after \S+", "Unexpected '{{' - ignoring"),
    _row(r"'\}' that closes nothing", "Extra '}}' found"),
    _row(r"the end of the configuration inside .*", "There are 1 missing '}}'s or extra '{{'s",
         placed=False),
    _row(r"a [\"'] that is not closed", "Unterminated quote '{source}'"),
    _row(r"a NUL byte", "configuration appears to have embedded NULs - ignoring line",
         placed=False),
    _row(r"a line of \d+ bytes", "line too long - ignoring"),
    _row(r"'(?P<a>-\d+)' after \S+", "negative number '{a}'", r"a number from \d.*"),
    _row(r"'(?P<a>\d+)' after \S+", "number '{a}' outside range [{b}, {c}]",
         r"a number from (?P<b>\S+) to (?P<c>\S+)"),
    _row(r"'(?P<a>.*)' after \S+", "invalid number '{a}'", r"(?:a number|seconds) .*"),
    _row(r"include\S? (?P<a>.*) \(no such file\)", "Config files missing '{a}'."),
    _row(r"(?:include\S? of )?the directory (?P<a>.*)",
         "Configuration file '{a}' is a directory - skipping"),
    _row(r"(?:include\S? of )?the program or device (?P<a>.*)",
         "Configuration file '{a}' is not a regular non-executable file - skipping"),
    _row(r"~(?P<a>SEQ|LST).*", "Invalid ~{a} specification '{source}'"),
    _row(r"\$\{_RANDOM (?P<a>\d+) (?P<b>\d+)\}",
         "${{_RANDOM}}: min {a} exceeds max {b}, using {a}"),
    _row(r"the script \S+ without script security",
         "SECURITY VIOLATION - scripts are being executed but script_security not enabled.",
         placed=False),
    _row(r"the script \S+, which is missing or may not be executed",
         "Disabling track script {b} since not found/accessible", r"a program for (?P<b>\S+)",
         placed=False),
    _row(r"the (?:user|group) \S+", "Error setting global script uid/gid",
         r"a (?:user|group) of this system"),
    _row(r"the interface (?P<a>\S+), which does not exist",
         "WARNING - interface {a} doesn't exist"),
)  # fmt: skip


def render_compat(diagnostics: Iterable[Diagnostic]) -> str:
    """A line for each, as keepalived's children print them; "" when there are none."""
    return "".join(f"{printable(compat_line(one))}\n" for one in diagnostics)


def compat_line(diagnostic: Diagnostic) -> str:
    """`(FILE: Line n) words`."""
    d = diagnostic
    if not d.place.line:
        return d.found
    prefix = f"({d.place.file}: Line {d.place.line}) "
    for row in WORDINGS:
        found, expected = row.found.fullmatch(d.found), row.expected.fullmatch(d.expected)
        if found and expected:
            groups = {**expected.groupdict(), **found.groupdict()}
            words = row.words.format(source=d.source.strip(), **groups)
            return (prefix if row.placed else "") + words
    return prefix + d.text
