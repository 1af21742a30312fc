"""Files -> lines with their place; `include` is followed here.

An included file is read in place, as text: a block may span files. Relative names are relative
to the folder of the file that includes them, patterns are shell globs with {a,b}. A file that
includes itself, directly or not, is reported and not entered again. What a missing file means is
decided by the keyword and by `include_check`, whose setting ends with the file that it stands in.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dpvs_core.config.errors import Diagnostic, ErrorList, Location
from dpvs_core.config.include import (
    CHECK,
    NO_CHECKS,
    Checks,
    Include,
    changed_checks,
    files_of,
    include_of,
)

MAX_DEPTH = 32
MAX_NOTES = 4
MAX_SHOWN = 40
MAX_LINES = 5_000_000
MAX_FILE_BYTES = 1 << 28


Notes = dict[str, tuple[str | None, Location | None]]
"""The parameters that a line is made by: value (None: of several lines), where it is defined."""


Columns = tuple[int, ...] | int
"""The column in its file of each character of a line; one number for all."""


class Written(NamedTuple):
    """How a line that macros made, or one of a file that is read again, stands in its file.

    text, columns   the physical line, and where in it the made one stands (None: as written)
    copy            counts the lines made of one physical line
    """

    text: str
    columns: Columns | None
    copy: int
    notes: Notes

    @property
    def note(self) -> str:
        """The first parameters, as `$NAME=VALUE (PLACE)`."""
        words = []
        for name, (value, place) in list(self.notes.items())[:MAX_NOTES]:
            equals = "" if value is None else f"={value[:MAX_SHOWN]}"
            words.append(f"${name}{equals}" + (f" ({place})" if place else ""))
        return ", ".join(words)


class Line(NamedTuple):
    """A line to be read; `written` is None for one that is read as it stands."""

    file: str
    number: int
    text: str
    written: Written | None = None


class Source:
    """The lines of a file and of what it includes.

    must_exist    include keyword -> the failures that it does not forgive; a keyword that is not
                  in it is an ordinary word
    checks        the failures that no include forgives, until an include_check says otherwise
    """

    def __init__(
        self,
        path: str,
        errors: ErrorList,
        must_exist: Mapping[str, Checks],
        *,
        checks: Checks = NO_CHECKS,
        plain_files_only: bool = False,
    ) -> None:
        self.path, self.errors = path, errors
        self._must_exist, self._checks = must_exist, checks
        self._plain_files_only = plain_files_only
        self.verbatim = False  # lines are of a definition: an include among them comes later
        self._n_lines = 0
        self._n_read: dict[str, int] = {}
        self._chain: tuple[str, ...] = ()

    def lines(self) -> Iterator[Line]:
        """All lines in reading order; raises OSError when the path is no readable file or glob."""
        names = [self.path]
        if self._plain_files_only and not os.path.exists(self.path):
            names = list(files_of(self.path, "").names) or names
        for name in names:
            if self._plain_files_only and os.path.exists(name) and not _is_plain(name):
                self._report(Line(name, 0, ""), *_skipped("", name))
            else:
                yield from self._file(name, _read(name))

    def follow(self, line: Line) -> Iterator[Line] | None:
        """The lines of the files that `line` includes; None when it is no include."""
        if CHECK in line.text:
            self._checks = changed_checks(line.text, self._checks)
        include = include_of(line.text, self._must_exist)
        return None if include is None else self._included(line, include)

    def _file(self, name: str, text: str) -> Iterator[Line]:
        real = os.path.realpath(name)
        copy = self._n_read.get(real, 0)
        self._n_read[real] = copy + 1
        chain, checks = self._chain, self._checks
        self._chain = (*chain, real)
        for number, content in enumerate(text.split("\n"), 1):
            line = Line(name, number, content)
            if "include" in content and not self.verbatim:
                found = self.follow(line)
                if found is not None:
                    yield from found
                    continue
            self._n_lines += 1
            if self._n_lines > MAX_LINES:
                self._report(line, f"more than {MAX_LINES} lines", "", "the rest is not read")
                break
            yield line if not copy else line._replace(written=Written(content, None, copy, {}))
        self._chain, self._checks = chain, checks

    def _included(self, line: Line, include: Include) -> Iterator[Line]:
        fatal = self._checks | self._must_exist[include.keyword]
        found = files_of(include.pattern, os.path.dirname(os.path.abspath(line.file)))
        refused = found.failure in fatal
        if refused or found.failure != "wildcard_match":  # an empty folder is no mistake
            for name in found.missing:
                self._missing(line, include, name, refused)
        for name in found.names:
            yield from self._enter(line, include, name, bool(fatal))

    def _enter(self, line: Line, include: Include, name: str, fatal: bool) -> Iterator[Line]:
        keyword = include.keyword
        if os.path.isdir(name) or (self._plain_files_only and not _is_plain(name)):
            self._report(line, *_skipped(f"{keyword} of ", name), refused=fatal)
            return
        if os.path.realpath(name) in self._chain or len(self._chain) >= MAX_DEPTH:
            self._report(
                line, f"{keyword} {name} inside itself", "files that end", "it is not read again"
            )
            return
        try:
            text = _read(name)
        except OSError as error:
            self._missing(line, include, name, fatal, error.strerror or "cannot be read")
            return
        yield from self._file(_shown(name), text)

    def _missing(
        self, line: Line, include: Include, name: str, fatal: bool, why: str = "no such file"
    ) -> None:
        found = f"{include.keyword} {name} ({why})"
        self._report(line, found, "a readable file", "", refused=fatal, at=include.at + 1)

    def _report(
        self,
        line: Line,
        found: str,
        expected: str = "",
        effect: str = "",
        *,
        refused: bool = False,
        at: int = 0,
    ) -> None:
        self.errors.add(
            Diagnostic(
                place=Location(line.file, line.number, at),
                severity="error" if refused else "warning",
                found=found,
                expected=expected,
                effect="the configuration is refused" if refused else effect,
                exit_status=6 if refused else 0,
                source=line.text,
            )
        )


def _skipped(before: str, name: str) -> tuple[str, str, str]:
    kind = "the directory" if os.path.isdir(name) else "the program or device"
    return f"{before}{kind} {name}", "a file that is not executable", "it is skipped"


def _is_plain(name: str) -> bool:
    mode = os.stat(name).st_mode
    return stat.S_ISREG(mode) and not mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _shown(name: str) -> str:
    """A file below the working directory by its relative name, as a person would write it."""
    relative = os.path.relpath(name)
    return name if relative.startswith("..") else relative


def _read(path: str) -> str:
    with open(path, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, f"larger than {MAX_FILE_BYTES} bytes", path)
    return content.decode("utf-8", "surrogateescape")
