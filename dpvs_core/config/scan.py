"""A line -> words with their columns. Linear in its length; one without quotes is one regex.

Two dialects share it: keepalived.conf (comments anywhere outside quotes, both kinds of quote,
pieces that touch join into one word, backslash before # and !) and dpvs.conf (C-002..C-004:
comments where a token starts, `<...>` decorations, a double quote runs to its partner or the end
of the line). Braces are words of their own, OPEN and CLOSE by identity, unless quoted or in `${}`.
"""

import re
from typing import NamedTuple

from dpvs_core.config.errors import BadValue


class _Brace(str):
    """A brace that is syntax, not text."""

    __slots__ = ()


OPEN = _Brace("{")
CLOSE = _Brace("}")

BLANK = " \t\r\f\v\x1c\x1d\x1e\x1f"
_PLAIN_WORD = re.compile(f"[^{BLANK}]+")
_BRACED_WORD = re.compile(f"[{{}}]|[^{BLANK}{{}}]+")


class Rules(NamedTuple):
    """What differs between the two dialects."""

    comment_marks: str = "#!"
    comment_inside_word: bool = True
    quotes: str = "\"'"
    quote_must_close: bool = True
    escaped_marks: bool = True
    decorations: bool = False  # <...> is skipped
    whole_line_starts: str = "$~@"  # a line that starts so has no braces

    def special(self) -> re.Pattern[str]:
        """What keeps a line from being plain words and braces."""
        marks = self.comment_marks + self.quotes + self.whole_line_starts + "$\\"
        return re.compile("[" + re.escape(marks + ("<" if self.decorations else "")) + "]")


KEEPALIVED = Rules()
DPVS = Rules(
    comment_inside_word=False,
    quotes='"',
    quote_must_close=False,
    escaped_marks=False,
    decorations=True,
    whole_line_starts="",
)


Words = tuple[list[str], list[int] | None, bool]
"""The words of a line, the column (from 0) where each starts, and whether braces are among them.

Columns are None for plain words: `plain_columns` finds them when a message needs them.
"""


class Scanner:
    """Splits lines by the rules of one dialect."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._special = rules.special()

    def split(self, text: str) -> Words:
        """The words of `text`. Raises BadValue (its `at` is a column) for an open quote."""
        special = self._special.search(text)
        if special is None:
            return _braced(text) if "{" in text or "}" in text else _plain(text)
        start = special.start()
        if text[start] in self.rules.comment_marks and self._comment_at(text, start):
            return self.split(text[:start])
        return self._careful(text)

    def _comment_at(self, text: str, at: int) -> bool:
        if self.rules.comment_inside_word:
            return not (self.rules.escaped_marks and at > 0 and text[at - 1] == "\\")
        return at == 0 or text[at - 1] in BLANK

    def _careful(self, text: str) -> Words:
        words: list[str] = []
        columns: list[int] = []
        at, end = 0, len(text)
        whole_line = text.lstrip(BLANK)[:1] in tuple(self.rules.whole_line_starts)
        while at < end:
            char = text[at]
            if char in BLANK:
                at += 1
            elif char in self.rules.comment_marks:
                break
            elif char in "{}" and not whole_line:
                words.append(OPEN if char == "{" else CLOSE)
                columns.append(at)
                at += 1
            elif char == "<" and self.rules.decorations:
                close = text.find(">", at)
                at = end if close < 0 else close + 1
            else:
                word, after = self._word(text, at, whole_line)
                words.append(word)
                columns.append(at)
                at = after
        return words, columns, any(word is OPEN or word is CLOSE for word in words)

    def _word(self, text: str, at: int, braces_are_text: bool) -> tuple[str, int]:
        """The word that starts at `at`, without its quotes, and where it ends."""
        rules, pieces, end = self.rules, [], len(text)
        while at < end:
            char = text[at]
            if char in BLANK or (char in "{}" and not braces_are_text):
                break
            if char in rules.comment_marks and rules.comment_inside_word:
                break
            if char in rules.quotes:
                piece, at = self._quoted(text, at)
            elif char == "\\" and rules.escaped_marks and text[at + 1 : at + 2] in ("#", "!"):
                piece, at = text[at + 1], at + 2
            elif char == "$" and text[at + 1 : at + 2] == "{" and (close := text.find("}", at)) > 0:
                piece, at = text[at : close + 1], close + 1
            else:
                piece, at = char, at + 1
            pieces.append(piece)
        return "".join(pieces), at

    def _quoted(self, text: str, at: int) -> tuple[str, int]:
        """The text of a quoted piece; a backslash keeps its partner from closing it."""
        quote, pieces, i, end = text[at], [], at + 1, len(text)
        while i < end and text[i] != quote:
            if text[i] == "\\" and i + 1 < end and self.rules.escaped_marks:
                pieces.append(text[i : i + 2])
                i += 2
            else:
                pieces.append(text[i])
                i += 1
        if i >= end and self.rules.quote_must_close:
            raise BadValue(f"a {quote} that is not closed", f"another {quote} on the line", at)
        return "".join(pieces), i + 1


_NEEDS_QUOTES = re.compile(rf"[{BLANK}\"'#!{{}}$]|^[~@]|^$")


def quoted(word: str) -> str:
    """`word` as a file has it, in quotes where it needs them (keepalived.conf)."""
    if not _NEEDS_QUOTES.search(word):
        return word
    # A quote inside goes into a piece of its own, in quotes of the other kind; pieces join.
    pieces = re.findall(r'"+|[^"]+', word) or [""]
    return "".join(f"'{piece}'" if piece[:1] == '"' else f'"{piece}"' for piece in pieces)


def _plain(text: str) -> Words:
    # str.split is twice as fast, but takes some letters of other scripts for blanks.
    words = text.split() if text.isascii() else _PLAIN_WORD.findall(text)
    return words, None, False


def plain_columns(text: str) -> list[int]:
    """Where the plain words of a line start."""
    return [match.start() for match in _PLAIN_WORD.finditer(text)]


def _braced(text: str) -> Words:
    words: list[str] = []
    columns = []
    for match in _BRACED_WORD.finditer(text):
        word = match[0]
        words.append(OPEN if word == "{" else CLOSE if word == "}" else word)
        columns.append(match.start())
    return words, columns, True
