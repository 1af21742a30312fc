"""Files -> lines with their place; `include` is followed here.

An included file is read in place, as text: a block may span files. Relative names are relative
to the folder of the file that includes them, patterns are shell globs with {a,b}. A file that
includes itself, directly or not, is reported and not entered again.
"""

import glob
import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dpvs_core.config.errors import Diagnostic, ErrorList, Location

MAX_DEPTH = 32
MAX_LINES = 5_000_000
MAX_PATTERNS = 10_000

_WILD = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_INCLUDE = re.compile(r"[ \t]*(include[rmwba]?)[ \t]+(\S.*?)[ \t\r]*$")


class Line(NamedTuple):
    """A physical line, as written."""

    file: str
    number: int
    text: str


class Source:
    """The lines of a file and of what it includes.

    must_exist   include keyword -> the classes of failure that it does not forgive
                 ("readable", "match", "wildcard_match", "brace_match"); a keyword that is not in
                 it is an ordinary word.
    """

    def __init__(
        self,
        path: str,
        errors: ErrorList,
        must_exist: Mapping[str, frozenset[str]],
        comment_marks: str = "#!",
    ) -> None:
        self.path, self.errors = path, errors
        self._must_exist, self._marks = must_exist, comment_marks
        self._n_lines = 0

    def lines(self) -> Iterator[Line]:
        """All lines in reading order; raises OSError when the first file cannot be read."""
        yield from self._file(self.path, _read(self.path), ())

    def _file(self, name: str, text: str, parents: tuple[str, ...]) -> Iterator[Line]:
        chain = (*parents, os.path.realpath(name))
        for number, content in enumerate(text.split("\n"), 1):
            line = Line(name, number, content)
            if "include" in content and (found := self._include(content)):
                yield from self._included(line, *found, chain)
                continue
            self._n_lines += 1
            if self._n_lines > MAX_LINES:
                self._report(line, f"more than {MAX_LINES} lines", effect="the rest is not read")
                return
            yield line

    def _include(self, text: str) -> tuple[str, str] | None:
        match = _INCLUDE.match(text)
        if match is None or match[1] not in self._must_exist:
            return None
        pattern = re.split(rf"[ \t][{self._marks}]", match[2])[0].strip().strip("\"'")
        return match[1], pattern

    def _included(
        self, line: Line, keyword: str, pattern: str, chain: tuple[str, ...]
    ) -> Iterator[Line]:
        base = os.path.dirname(os.path.abspath(line.file))
        for one in expand_braces(pattern):
            names = sorted(glob.glob(os.path.join(glob.escape(base), one)))
            if not names:
                self._missing(line, keyword, one, _failure_class(pattern, one))
            for name in names:
                yield from self._enter(line, keyword, name, chain)

    def _enter(self, line: Line, keyword: str, name: str, chain: tuple[str, ...]) -> Iterator[Line]:
        if os.path.isdir(name):
            self._report(line, f"{keyword} of the directory {name}", "a file", "it is skipped")
            return
        if os.path.realpath(name) in chain or len(chain) >= MAX_DEPTH:
            self._report(
                line, f"{keyword} {name} inside itself", "files that end", "it is not read again"
            )
            return
        try:
            text = _read(name)
        except OSError as error:
            self._missing(line, keyword, name, "readable", error.strerror or "cannot be read")
            return
        yield from self._file(_shown(name), text, chain)

    def _missing(
        self, line: Line, keyword: str, name: str, failure: str, why: str = "no such file"
    ) -> None:
        fatal = failure in self._must_exist[keyword]
        self.errors.add(
            Diagnostic(
                place=Location(line.file, line.number, 1 + line.text.index(keyword)),
                severity="error" if fatal else "warning",
                found=f"{keyword} {name} ({why})",
                expected="a readable file",
                effect="the configuration is refused" if fatal else "",
                exit_status=6 if fatal else 0,
                source=line.text,
            )
        )

    def _report(self, line: Line, found: str, expected: str = "", effect: str = "") -> None:
        self.errors.add(
            Diagnostic(
                place=Location(line.file, line.number),
                severity="warning",
                found=found,
                expected=expected,
                effect=effect,
                source=line.text,
            )
        )


def expand_braces(pattern: str) -> list[str]:
    """The patterns that one with {a,b} stands for, at most MAX_PATTERNS.

    >>> expand_braces("/etc/{a,b{1,2}}.conf")
    ['/etc/a.conf', '/etc/b1.conf', '/etc/b2.conf']
    """
    done: dict[str, None] = {}
    waiting = [pattern]
    while waiting and len(done) < MAX_PATTERNS:
        one = waiting.pop()
        match = _BRACES.search(one)
        if match is None or "," not in match[1]:
            done[one] = None
        else:
            before, after = one[: match.start()], one[match.end() :]
            waiting += [before + choice + after for choice in reversed(match[1].split(","))]
    return list(done)


def _failure_class(pattern: str, one: str) -> str:
    if _WILD.search(one):
        return "wildcard_match"
    return "brace_match" if one != pattern else "match"


def _shown(name: str) -> str:
    """A file below the working directory by its relative name, as a person would write it."""
    relative = os.path.relpath(name)
    return name if relative.startswith("..") else relative


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")
