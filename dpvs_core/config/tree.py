"""Lines -> a tree of statements, every word with its file, line and column.

A statement is the words of a line up to a brace; `{` there or alone on the next line opens its
block. Mistakes of structure are reported and repaired: what follows is still read.
"""

from collections.abc import Iterable, Mapping

from dpvs_core.config.errors import Diagnostic, ErrorList, Location
from dpvs_core.config.include import NO_CHECKS, Checks
from dpvs_core.config.macros import Macros
from dpvs_core.config.predefined import Predefined
from dpvs_core.config.scan import CLOSE, OPEN, OpenQuote, Rules, Scanner, Words, plain_columns
from dpvs_core.config.source import Line, Source

MAX_DEPTH = 64
MAX_LINE_BYTES = 1023
MAX_KNOWN_LINES = 4096


class Node:
    """A statement. `children` is None where it has no block."""

    __slots__ = ("_columns", "children", "line", "words")

    def __init__(self, words: list[str], columns: list[int] | None, line: Line) -> None:
        self.words, self._columns, self.line = words, columns, line
        self.children: list[Node] | None = None

    def place(self, at: int = 0) -> Location:
        """Where word number `at` stands; behind the last word for one that is missing."""
        line, n_words = self.line, len(self.words)
        columns = _columns(line, self._columns)
        if at < n_words:
            column = columns[at]
        else:
            column = min(columns[n_words - 1] + len(self.words[-1]), len(line.text))
        return Location(line.file, line.number, as_written(line, column) + 1)

    @property
    def name(self) -> str:
        return self.words[0]

    @property
    def short_place(self) -> str:
        """Of the line, and no other one: macros make many of one."""
        line = self.line
        copy = f"+{line.written.copy}" if line.written and line.written.copy else ""
        return f"{line.file}:{line.number}{copy}"

    @property
    def source(self) -> str:
        """The line as it stands in its file."""
        return self.line.text if self.line.written is None else self.line.written.text

    @property
    def note(self) -> str:
        """By which parameters the line was made."""
        return "" if self.line.written is None else self.line.written.note


def _columns(line: Line, known: list[int] | None) -> list[int]:
    return plain_columns(line.text) if known is None else known


def as_written(line: Line, column: int) -> int:
    """The column in its file of a column of the line."""
    columns = line.written.columns if line.written else None
    if columns is None:
        return column
    if isinstance(columns, int):
        return columns
    if column < len(columns):
        return columns[column]
    return columns[-1] + 1 if columns else 0


def read_tree(
    path: str,
    rules: Rules,
    includes: Mapping[str, Checks],
    errors: ErrorList,
    *,
    checks: Checks = NO_CHECKS,
    predefined: Predefined | None = None,
) -> list[Node]:
    """The statements of a file. Raises OSError when it cannot be read.

    checks        what no include forgives
    predefined    what macros depend on besides the files
    """
    source = Source(path, errors, includes, checks=checks, plain_files_only=rules.plain_files_only)
    if not rules.macros:
        return build_tree(source.lines(), rules, errors)
    macros = Macros(source, errors, predefined or Predefined())
    return build_tree(macros.lines(), rules, errors)


def build_tree(lines: Iterable[Line], rules: Rules, errors: ErrorList) -> list[Node]:
    """The statements of `lines`; what is wrong with their structure goes to `errors`."""
    builder = TreeBuilder(rules, errors)
    for line in lines:
        builder.take(line)
    return builder.close()


class TreeBuilder:
    """Takes the lines one by one; `close` gives the statements."""

    def __init__(self, rules: Rules, errors: ErrorList) -> None:
        self._scanner = Scanner(rules)
        self._errors = errors
        self._known: dict[str, Words] = {}  # lines that were read without a mistake
        self._top: list[Node] = []
        self._open: list[tuple[Node, list[Node]]] = []  # open statements, and where each stands
        self._current = self._top  # where the next statement goes

    @property
    def n_known(self) -> int:
        """Lines that are remembered."""
        return len(self._known)

    def take(self, line: Line) -> None:
        known = self._known.get(line.text)
        words, columns, braces = self._split(line) if known is None else known
        if braces:
            self._with_braces(line, words, columns)
        elif words:
            self._current.append(Node(words, columns, line))

    def _split(self, line: Line) -> Words:
        """The words of a line, remembered: in a long file most lines stand many times."""
        text = line.text
        if len(text) > MAX_LINE_BYTES // 4 and not self._short_enough(line):
            return [], None, False
        if "\0" in text:
            self._report(line, 0, "a NUL byte", "text", "the line is ignored")
            return [], None, False
        try:
            found = self._scanner.split(text)
        except OpenQuote as bad:
            effect = "the rest of the line is ignored" if bad.words[0] else "the line is ignored"
            self._report(line, bad.at + 1, bad.found, bad.expected, effect)
            return bad.words
        if len(self._known) >= MAX_KNOWN_LINES:
            self._known.clear()
        self._known[text] = found
        return found

    def _with_braces(self, line: Line, words: list[str], columns: list[int] | None) -> None:
        start = 0
        for i, word in enumerate(words):
            if word is not OPEN and word is not CLOSE:
                continue
            if i > start:
                self._statement(line, words[start:i], columns, start)
            start = i + 1
            if word is OPEN:
                self._enter(line, columns, i)
            else:
                self._leave(line, columns, i)
        if start < len(words):
            self._statement(line, words[start:], columns, start)

    def _statement(
        self, line: Line, words: list[str], columns: list[int] | None, start: int
    ) -> None:
        """Words from number `start` of the line on."""
        if start:
            columns = _columns(line, columns)[start : start + len(words)]
        self._current.append(Node(words, columns, line))

    def _enter(self, line: Line, columns: list[int] | None, at: int) -> None:
        if not self._current or self._current[-1].children is not None:
            column = _columns(line, columns)[at]
            self._report(
                line, column + 1, "'{' without a keyword", "a keyword before it", "it is ignored"
            )
            return
        if len(self._open) >= MAX_DEPTH:
            column = _columns(line, columns)[at]
            self._report(line, column + 1, f"more than {MAX_DEPTH} blocks in each other")
            return
        node, block = self._current[-1], self._current
        node.children = self._current = []
        self._open.append((node, block))

    def _leave(self, line: Line, columns: list[int] | None, at: int) -> None:
        if not self._open:
            column = _columns(line, columns)[at]
            self._report(
                line, column + 1, "'}' that closes nothing", "an open block", "it is ignored"
            )
            return
        self._current = self._open.pop()[1]

    def close(self) -> list[Node]:
        for node, _ in self._open:
            self._report(
                node.line,
                node.place().column,
                f"the end of the configuration inside {node.name}",
                "a '}' that closes it",
            )
        return self._top

    def _short_enough(self, line: Line) -> bool:
        n_bytes = len(line.text.encode("utf-8", "surrogateescape"))
        if n_bytes > MAX_LINE_BYTES:
            self._report(
                line,
                0,
                f"a line of {n_bytes} bytes",
                f"at most {MAX_LINE_BYTES}",
                "the line is ignored",
            )
        return n_bytes <= MAX_LINE_BYTES

    def _report(
        self, line: Line, column: int, found: str, expected: str = "", effect: str = ""
    ) -> None:
        written = line.written
        self._errors.add(
            Diagnostic(
                place=Location(
                    line.file, line.number, as_written(line, column - 1) + 1 if column else 0
                ),
                severity="error",
                found=found,
                expected=expected,
                effect=effect,
                exit_status=5,
                source=line.text if written is None else written.text,
                note="" if written is None else written.note,
            )
        )
