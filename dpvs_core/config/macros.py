"""Lines -> lines: parameters, sequences and conditions of keepalived.conf, between source and tree.

    $NAME=VALUE        defines; `\\` at the end continues on the next line, for several lines
    $NAME  ${NAME}     the value, when the line is used; again in what it gives; undefined stays
    ~SEQ(...) ~LST(...) rest    the rest for each value (sequences.py)
    @ID rest  @^ID rest         the rest if ID is, or is not, the configuration's

A line is examined again after each step. A value of several lines is replaced at the end of a line
only: its first line joins what stands before, the others follow. Each line that comes out knows
where it was written and by which parameters it was made. Endless replacements are reported.

A line without `$`, and without `~` or `@` at its start, costs one search.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dpvs_core.config.errors import Diagnostic, ErrorList, Location
from dpvs_core.config.predefined import Place, Predefined
from dpvs_core.config.scan import uncommented
from dpvs_core.config.sequences import BadSequence, Sequence, sequence_of
from dpvs_core.config.source import Columns, Line, Notes, Source, Written

MAX_MADE_LINES = 100_000
MAX_REPLACED_LENGTH = 65_536
MAX_PASSES = 64
MAX_INSIDE = 16
IGNORED = "the line is ignored"

_REPEATED_OR_CONDITIONAL = re.compile(r"[ \t]*[~@]")
_DEFINITION = re.compile(r"[ \t]*\$([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_USE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)((?: [^{}]*)?)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t\r]|$))"
)
_LEFT = re.compile(r'"[^"]*"|\$\{[^}]*\}?|(?<![^ \t])\$[A-Za-z_][A-Za-z0-9_]*(?![^ \t])')
_CONDITION = re.compile(r"[ \t]*@(\^?)([^ \t\r]*)")


class Definition(NamedTuple):
    """A parameter; several values are several lines, each with its own place."""

    values: tuple[str, ...]
    places: tuple[Location, ...]


class _Text:
    """A line in the making: its text, and the column as written of each character.

    notes      the parameters that made it, with where they are defined
    inside     the parameters of several lines that it is a line of
    """

    __slots__ = ("columns", "inside", "may_be_conditional", "n_passes", "notes", "text")

    def __init__(self, text: str, columns: Columns, notes: Notes, inside: tuple[str, ...]) -> None:
        self.text, self.columns, self.notes, self.inside = text, columns, notes, inside
        self.may_be_conditional = True
        self.n_passes = 0

    def cut(self, start: int) -> "_Text":
        """A new one that starts in a column."""
        columns = self.columns if isinstance(self.columns, int) else self.columns[start:]
        return _Text(self.text[start:], columns, dict(self.notes), self.inside)

    def column(self, at: int) -> int:
        """The column as written of a character."""
        return self.columns if isinstance(self.columns, int) else self.columns[at]

    def later_line(self, name: str, definition: Definition, n: int, column: int) -> "_Text":
        """Line n of a parameter that is used in this one."""
        value = definition.values[n]
        notes = {**self.notes, name: (None, definition.places[n])}
        return _Text(value, column, notes, (*self.inside, name))


def _is_concerned(text: str) -> bool:
    if "$" in text:
        return True
    return ("~" in text or "@" in text) and _REPEATED_OR_CONDITIONAL.match(text) is not None


class Macros:
    """The definitions of one configuration, and the way of its lines through them."""

    def __init__(self, source: Source, errors: ErrorList, predefined: Predefined) -> None:
        self._source, self._errors, self._predefined = source, errors, predefined
        self._definitions: dict[str, Definition] = {}
        self._n_made = 0

    def lines(self) -> Iterator[Line]:
        """All lines of the source, replaced. Raises OSError as the source does."""
        return self.of(self._source.lines())

    def of(self, lines: Iterable[Line]) -> Iterator[Line]:
        """`lines`, replaced."""
        following = iter(lines)
        for line in following:
            if _is_concerned(line.text):
                yield from self._line(line, following)
            else:
                yield line

    def _line(self, line: Line, following: Iterator[Line]) -> Iterator[Line]:
        bare = uncommented(line.text)[0].rstrip(" \t\r")
        text = _Text(bare, tuple(range(len(bare))), {}, ())
        first_copy = line.written.copy << 20 if line.written else 0
        for copy, one in enumerate(self._examine(text, line, following), first_copy):
            if one.text == bare and not one.notes:
                yield line
                continue
            written = Written(line.text, one.columns, copy, one.notes)
            made = Line(line.file, line.number, one.text, written)
            include = self._source.follow(made) if "include" in one.text else None
            if include is None:
                yield made
            else:
                yield from self.of(include)

    def _examine(
        self, text: _Text, line: Line, following: Iterator[Line] | None
    ) -> Iterator[_Text]:
        """The lines that `text` stands for. `following`: what continues it as a definition."""
        later: list[_Text] = []
        if self._exhausted(line):
            return
        while True:
            first = text.text.lstrip()[:1]
            if first == "@" and text.may_be_conditional:
                condition = _CONDITION.match(text.text)
                if condition is None:
                    break
                if (condition[2] == self._predefined.config_id) is (condition[1] == "^"):
                    break
                text = text.cut(condition.end())
                text.may_be_conditional = False
                continue
            if first == "$" and (definition := _DEFINITION.match(text.text)):
                self._define(definition[1], definition[2], line, following)
                break
            if first == "~" and (repeated := self._repeated(text, line)):
                yield from repeated
                break
            if self._replace(text, line, later):
                following = None
                continue
            if first:
                self._tell_undefined(text, line)
                yield text
            break
        for one in later:
            yield from self._examine(one, line, None)

    def _define(self, name: str, value: str, line: Line, following: Iterator[Line] | None) -> None:
        """`following` gives the further lines of a value that ends in a backslash."""
        values = []
        places = [Location(line.file, line.number)]
        more = following is not None and _continues(line.text)
        if following is not None and more:
            value = value.rstrip().removesuffix("\\")
            self._source.verbatim = True
            for next_line in following:
                more = _continues(next_line.text)
                raw = next_line.text.rstrip(" \t\r")
                values.append(uncommented(raw[:-1] if more else raw)[0].strip(" \t\r"))
                places.append(Location(next_line.file, next_line.number))
                if not more:
                    break
            self._source.verbatim = False
        first = value.strip(" \t\r").replace("\\#", "#").replace("\\!", "!")
        if first or not values:
            values.insert(0, first)
        else:
            del places[0]
        self._definitions[name] = Definition(tuple(values), tuple(places))

    def _repeated(self, text: _Text, line: Line) -> Iterator[_Text] | None:
        """The lines of a sequence; None when the line is none."""
        start = len(text.text) - len(text.text.lstrip())

        def value_of(word: str) -> str:
            argument = _Text(word, text.column(start), text.notes, text.inside)
            for _ in range(MAX_PASSES):
                if not self._replace(argument, line, []):
                    break
            return argument.text

        try:
            sequence = sequence_of(text.text, start, value_of)
        except BadSequence as bad:
            self._mistake(line, text.column(start), bad.found, bad.expected)
            return iter(())
        return None if sequence is None else self._repeat(sequence, text, line)

    def _repeat(self, sequence: Sequence, text: _Text, line: Line) -> Iterator[_Text]:
        place = (Location(line.file, line.number),)
        before = self._n_made
        for n_done, row in enumerate(sequence.rows):
            # The first row tells what all will cost, so that a huge one ends here.
            if n_done == 1 and before + (self._n_made - before) * sequence.n_rows > MAX_MADE_LINES:
                self._tell_too_many(line)
                return
            rest = text.cut(sequence.end)
            for name, value in zip(sequence.names, row, strict=True):
                self._definitions[name] = Definition((value,), place)
            yield from self._examine(rest, line, None)

    def _replace(self, text: _Text, line: Line, later: list[_Text]) -> bool:
        """Replace all parameters once; False when there is none. `later`: further lines."""
        if "$" not in text.text:
            return False
        pieces: list[str] = []
        columns: list[int] = []
        at = 0
        for use in _USE.finditer(text.text):
            value = self._value(use, text, line, later)
            if value is None:
                continue
            pieces += text.text[at : use.start()], value
            if not isinstance(text.columns, int):
                columns += text.columns[at : use.start()]
                columns += (text.columns[use.start()],) * len(value)
            at = use.end()
        if not pieces:
            return False
        text.n_passes += 1
        replaced = "".join((*pieces, text.text[at:]))
        if text.n_passes > MAX_PASSES or len(replaced) > MAX_REPLACED_LENGTH:
            found = "a parameter that contains itself"
            self._mistake(line, text.column(0), found, "values that end")
            text.text, text.columns = "", 0
            return True
        text.text = replaced
        if not isinstance(text.columns, int):
            text.columns = (*columns, *text.columns[at:])
        text.may_be_conditional = True
        return True

    def _value(self, use: re.Match[str], text: _Text, line: Line, later: list[_Text]) -> str | None:
        name, column = use[1] or use[3], text.column(use.start())
        definition = None if use[2] else self._definitions.get(name)
        if definition is None:
            if name[0] != "_":
                return None

            def mistake(found: str, expected: str) -> None:
                self._mistake(line, column, found, expected)

            value = self._predefined.value(name, use[2] or "", Place(line.file, mistake))
        elif len(definition.values) == 1:
            value = definition.values[0]
            text.notes[name] = value, definition.places[0]
            return value
        elif text.text[use.end() :].strip():
            return None  # several lines cannot be followed by more
        elif name in text.inside or len(text.inside) >= MAX_INSIDE:
            depth = "itself" if name in text.inside else f"{MAX_INSIDE} others"
            self._mistake(line, column, f"${name} inside {depth}", "values that end")
            return ""
        else:
            later[:0] = [
                text.later_line(name, definition, n, column)
                for n in range(1, len(definition.values))
            ]
            value = definition.values[0]
            text.notes[name] = None, definition.places[0]
            text.inside = (*text.inside, name)
            return value
        if value is not None:
            text.notes[name] = value, None
        return value

    def _tell_undefined(self, text: _Text, line: Line) -> None:
        """A name in braces that has no value: its braces are not text but syntax."""
        if "$" not in text.text:
            return
        for left in _LEFT.finditer(uncommented(text.text)[0]):
            name = left[0]
            if name[0] == '"':
                continue
            column = text.column(left.start())
            if name[1] == "{":
                found = f"{name}, which is not defined"
                self._mistake(line, column, found, "$NAME=VALUE before it, or quotes", "")
            else:
                self._say(line, column, f"{name}, which is not defined")

    def _exhausted(self, line: Line) -> bool:
        self._n_made += 1
        if self._n_made == MAX_MADE_LINES:
            self._tell_too_many(line)
        return self._n_made >= MAX_MADE_LINES

    def _tell_too_many(self, line: Line) -> None:
        found = f"parameters and sequences that make more than {MAX_MADE_LINES} lines"
        self._mistake(line, 0, found, "fewer", "the rest is not made")

    def _mistake(
        self, line: Line, column: int, found: str, expected: str, effect: str = IGNORED
    ) -> None:
        self._say(line, column, found, expected, effect, status=5)

    def _say(
        self,
        line: Line,
        column: int,
        found: str,
        expected: str = "",
        effect: str = "",
        *,
        status: int = 0,
    ) -> None:
        self._errors.add(
            Diagnostic(
                place=Location(line.file, line.number, column + 1),
                severity="error" if status else "warning",
                found=found,
                expected=expected,
                effect=effect,
                exit_status=status,
                source=line.text,
            )
        )


def _continues(text: str) -> bool:
    return text.rstrip(" \t\r").endswith("\\")
