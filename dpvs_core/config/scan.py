"""A line -> words with their columns. Linear in its length; one without quotes is one regex.

Two dialects share it: keepalived.conf and dpvs.conf (C-002..C-004: comments where a token starts,
`<...>` decorations, a double quote runs to its partner or the end of the line). Braces are words
of their own, OPEN and CLOSE by identity, unless quoted or in `${}`.

keepalived.conf has two kinds of line. Most are plain: a double quote groups, ends the word before
it and knows no escapes; a single quote is a letter. Those whose keyword takes a string (scripts,
regex) are in strings.py. Comments go first from both: only double quotes and a backslash protect.
"""

import re
from typing import NamedTuple

from dpvs_core.config.errors import BadValue
from dpvs_core.config.strings import OpenString, split_string_line


class _Brace(str):
    """A brace that is syntax, not text."""

    __slots__ = ()


OPEN = _Brace("{")
CLOSE = _Brace("}")

BLANK = " \t\r\f\v\x1c\x1d\x1e\x1f"
_PLAIN_WORD = re.compile(f"[^{BLANK}]+")
_BRACED_WORD = re.compile(f"[{{}}]|[^{BLANK}{{}}]+")
_IN_BRACES = re.compile(r"\$\{[^}\"]*\}")
_COMMENT_OR_QUOTE = re.compile(r'[#!"\\]')

STRING_KEYWORDS = frozenset(
    {
        "lvs_notify_fifo_script",
        "misc_path",
        "notify",
        "notify_backup",
        "notify_deleted",
        "notify_down",
        "notify_fault",
        "notify_fifo_script",
        "notify_master",
        "notify_master_rx_lower_pri",
        "notify_stop",
        "notify_up",
        "quorum_down",
        "quorum_up",
        "regex",
        "script",
        "shutdown_script",
        "startup_script",
        "vrrp_notify_fifo_script",
    }
)
"""keepalived.conf's keywords whose arguments are strings with escapes."""


class Rules(NamedTuple):
    """What differs between the two dialects."""

    comment_marks: str = "#!"
    comment_inside_word: bool = True
    quote_must_close: bool = True
    escapes: bool = True  # a backslash before a comment mark, and string_keywords
    decorations: bool = False  # <...> is skipped
    macros: bool = True  # $NAME=, ~SEQ and @ID: lines go through macros.py first
    plain_files_only: bool = True  # an include of a program or a device is skipped
    string_keywords: frozenset[str] = STRING_KEYWORDS

    def special(self) -> re.Pattern[str]:
        """What keeps a line from being plain words and braces."""
        marks = self.comment_marks + '"$'
        marks += "\\'" if self.escapes else ""
        return re.compile("[" + re.escape(marks + ("<" if self.decorations else "")) + "]")


KEEPALIVED = Rules()
DPVS = Rules(
    comment_inside_word=False,
    quote_must_close=False,
    escapes=False,
    decorations=True,
    macros=False,
    plain_files_only=False,
    string_keywords=frozenset(),
)


Words = tuple[list[str], list[int] | None, bool]
"""The words of a line, the column (from 0) where each starts, and whether braces are among them.

Columns are None for a line without quotes: `plain_columns` finds them when a message needs them.
"""


class OpenQuote(BadValue):
    """A quote that is not closed; `words` are what can be used in spite of it."""

    def __init__(self, quote: str, at: int, words: Words) -> None:
        super().__init__(f"a {quote} that is not closed", f"another {quote} on the line", at)
        self.words = words


class Scanner:
    """Splits lines by the rules of one dialect."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._special = rules.special()

    def split(self, text: str) -> Words:
        """The words of `text`. Raises OpenQuote (its `at` is a column)."""
        special = self._special.search(text)
        if special is None:
            return _braced(text) if "{" in text or "}" in text else _plain(text)
        start = special.start()
        if text[start] in self.rules.comment_marks and self._comment_at(text, start):
            return self.split(text[:start])
        if not self.rules.escapes:
            return self._careful(text)[0]
        bare, open_quote = uncommented(text)
        keyword = _PLAIN_WORD.search(bare)
        if keyword is not None and keyword[0] in self.rules.string_keywords:
            return _string_line(bare)
        words, unclosed = self._careful(bare)
        if unclosed is None:
            unclosed = open_quote
        if unclosed is not None:
            raise OpenQuote('"', unclosed, words)
        return words

    def _comment_at(self, text: str, at: int) -> bool:
        if self.rules.comment_inside_word:
            return not (self.rules.escapes and at > 0 and text[at - 1] == "\\")
        return at == 0 or text[at - 1] in BLANK

    def _careful(self, text: str) -> tuple[Words, int | None]:
        """The words of a plain line, and where a quote stands that is not closed."""
        words: list[str] = []
        columns: list[int] = []
        at, end, rules = 0, len(text), self.rules
        while at < end:
            char = text[at]
            if char in BLANK:
                at += 1
                continue
            if char in rules.comment_marks and not rules.escapes:
                break
            if char == "<" and rules.decorations:
                close = text.find(">", at)
                at = end if close < 0 else close + 1
                continue
            if char == '"':
                close = text.find('"', at + 1)
                if close < 0 and rules.quote_must_close:
                    return (words, columns, _has_braces(words)), at
                close = end if close < 0 else close
                word, after = text[at + 1 : close], close + 1
            elif char in "{}":
                word, after = OPEN if char == "{" else CLOSE, at + 1
            else:
                word, after = self._word(text, at)
            words.append(word)
            columns.append(at)
            at = after
        return (words, columns, _has_braces(words)), None

    def _word(self, text: str, at: int) -> tuple[str, int]:
        """The unquoted word that starts at `at`, and where it ends."""
        pieces, end, escapes = [], len(text), self.rules.escapes
        while at < end:
            char = text[at]
            if char in BLANK or char in '"{}':
                break
            if char == "\\" and escapes and text[at + 1 : at + 2] in ("#", "!"):
                piece, at = text[at + 1], at + 2
            elif char == "$" and (braces := _IN_BRACES.match(text, at)):
                piece, at = braces[0], braces.end()
            else:
                piece, at = char, at + 1
            pieces.append(piece)
        return "".join(pieces), at


def uncommented(text: str) -> tuple[str, int | None]:
    """keepalived.conf's line without its comment, and the column of a quote left open."""
    at, open_quote = 0, None
    while match := _COMMENT_OR_QUOTE.search(text, at):
        char, at = match[0], match.end()
        if char == "\\":
            at += 1
        elif char == '"':
            open_quote = at - 1 if open_quote is None else None
        elif open_quote is None:
            return text[: at - 1], None
    return text, open_quote


def _string_line(text: str) -> Words:
    try:
        words, columns, braces = split_string_line(text, BLANK)
    except OpenString as string:
        raise OpenQuote(text[string.at], string.at, ([], [], False)) from None
    for index in braces:
        words[index] = OPEN if words[index] == "{" else CLOSE
    return words, columns, bool(braces)


def _has_braces(words: list[str]) -> bool:
    return any(word is OPEN or word is CLOSE for word in words)


def _plain(text: str) -> Words:
    # str.split is twice as fast, but takes some letters of other scripts for blanks.
    words = text.split() if text.isascii() else _PLAIN_WORD.findall(text)
    return words, None, False


def plain_columns(text: str) -> list[int]:
    """Where the words and braces of a line without quotes start."""
    return [match.start() for match in _BRACED_WORD.finditer(text)]


def _braced(text: str) -> Words:
    head, _, rest = text.partition("{")
    if not rest.strip(BLANK) and "}" not in head:  # it opens a block, as most do
        words = _plain(head)[0]
        words.append(OPEN)
        return words, None, True
    words = [
        OPEN if word == "{" else CLOSE if word == "}" else word
        for word in _BRACED_WORD.findall(text)
    ]
    return words, None, True
