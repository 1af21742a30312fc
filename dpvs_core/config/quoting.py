"""Words -> the line of keepalived.conf that is read as these words: the way back of scan.py.

Not all words have one. Without escapes there is none for a word with a double quote or a line
feed; lines of string keywords have escapes and take every word but the NUL.
"""

import re
from collections.abc import Sequence

from dpvs_core.config.scan import BLANK, STRING_KEYWORDS

_NEEDS_QUOTES = re.compile(rf"[{BLANK}\"\n\0#!{{}}$]|^[~@]|^$|^include[rmwba]?$")
# Double quotes, a backslash that would escape the closing one, what predefined.py would replace.
_ODD_BACKSLASH = r"(?<!\\)(?:\\\\)*\\$"
_PREDEFINED = r"_(?:PWD|INSTANCE|HASH|BANG|RANDOM(?: [0-9]{1,9}){0,2})"
_IMPOSSIBLE = re.compile(
    rf'["\n\0]|{_ODD_BACKSLASH}|\$\{{{_PREDEFINED}\}}|\$_(?:PWD|INSTANCE|HASH|BANG|RANDOM)[{BLANK}]'
)
_SAFE_STRING = re.compile(r"[^\x00-\x20\"'\\#!{}$]+")
_ESCAPED = re.compile(r"[\x01-\x1f\x7f\"\\$]")


def line_of(words: Sequence[str]) -> str:
    """The line; raises ValueError when no line gives these words."""
    if words and words[0] in STRING_KEYWORDS:
        return " ".join((words[0], *map(quoted_string, words[1:])))
    return " ".join(map(quoted, words))


def has_plain_line(word: str) -> bool:
    """Whether a line without escapes can give the word."""
    return not _IMPOSSIBLE.search(word)


def quoted(word: str) -> str:
    """`word` for a plain line, in quotes where it needs them."""
    if not _NEEDS_QUOTES.search(word):
        return word
    if _IMPOSSIBLE.search(word):
        raise ValueError(f"no line of keepalived.conf gives the word {word!r}")
    return f'"{word}"'


def quoted_string(word: str) -> str:
    """`word` for the line of a string keyword."""
    if "\0" in word:
        raise ValueError(f"no line of keepalived.conf gives the word {word!r}")
    if _SAFE_STRING.fullmatch(word):
        return word
    return '"' + _ESCAPED.sub(_escape, word) + '"'


def _escape(match: re.Match[str]) -> str:
    # In octal, so that the rule for comments sees no quote and macros.py sees no dollar.
    return "\\\\" if match[0] == "\\" else f"\\{ord(match[0]):03o}"
