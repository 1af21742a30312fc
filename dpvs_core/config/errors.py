"""What is wrong with a configuration, where, and what would be right.

A reader never stops at the first mistake: it adds to an ErrorList and goes on, so that one run
reports all of them. `exit_status` is what the mistake contributes to a configuration test's exit
status; 0 for remarks of ours on what other programs accept silently.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

Severity = Literal["error", "warning"]


class Location(NamedTuple):
    """A place in a file as written; line and column count from 1, column 0 is the whole line."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in self if part != 0)


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake or remark.

    found      what is there ("priority '300'")
    expected   what would be right ("a number from 1 to 255"); "" where nothing would
    effect     what happens now ("the default 100 is used")
    source     the line as written, for the caret
    note       by which parameters the line was made
    """

    place: Location
    severity: Severity
    found: str
    expected: str = ""
    effect: str = ""
    exit_status: int = 0
    source: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The sentence without the place."""
        sentence = f"found {self.found}"
        if self.expected:
            sentence += f", expected {self.expected}"
        return f"{sentence}; {self.effect}" if self.effect else sentence


class BadValue(Exception):  # noqa: N818 - not an error of the program
    """A word that is not what its keyword takes; `at` is its index in the statement."""

    def __init__(self, found: str, expected: str, at: int) -> None:
        super().__init__(f"found {found}, expected {expected}")
        self.found, self.expected, self.at = found, expected, at


class SwallowedValue(BadValue):
    """A wrong word that the program this stands in for takes without saying so: a remark here."""


class AmendedValue(BadValue):
    """A word that is wrong but does not cost its line: `value` is the rest, `effect` says so."""

    def __init__(self, found: str, expected: str, at: int, value: Any, effect: str) -> None:
        super().__init__(found, expected, at)
        self.value, self.effect = value, effect


class SwallowedPart(AmendedValue, SwallowedValue):
    """The same, of a word that the other program takes without saying so."""


class MissingWord(BadValue):
    """A word that is not there, where the program stops reading."""


class NotCarried(Exception):  # noqa: N818 - not an error of the program
    """A statement that is right but that nothing here can do yet; the text names it."""


class ConfigError(Exception):
    """A configuration that cannot be used, with everything that was found in it."""

    def __init__(self, diagnostics: "ErrorList") -> None:
        super().__init__("\n".join(f"{d.place}: {d.severity}: {d.text}" for d in diagnostics))
        self.diagnostics = diagnostics


MAX_AT_PLACE = 20
MORE = "further ones here are not said"


class ErrorList:
    """The mistakes of one run, in the order found.

    A line that a sequence repeats has its mistakes thousands of times: of those at one place only
    the first MAX_AT_PLACE are kept, the last of them says so, and those with a new exit status.
    """

    def __init__(self) -> None:
        self._all: list[Diagnostic] = []
        self._at_place: dict[Location, list[int]] = {}  # the exit statuses at each

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def add(self, diagnostic: Diagnostic) -> None:
        seen = self._at_place.setdefault(diagnostic.place, [])
        if len(seen) >= MAX_AT_PLACE and diagnostic.exit_status in seen:
            return
        seen.append(diagnostic.exit_status)
        if len(seen) == MAX_AT_PLACE:
            effect = f"{diagnostic.effect}; {MORE}" if diagnostic.effect else MORE
            diagnostic = msgspec.structs.replace(diagnostic, effect=effect)
        self._all.append(diagnostic)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self._all if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self._all if d.severity == "warning")
