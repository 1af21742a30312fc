"""Lines whose argument is a string (scripts, regex): split and quoted as a shell does, nearly.

Both quotes group, pieces that touch are one word, a backslash escapes inside and outside quotes:
\\a \\b \\E \\f \\n \\r \\t \\v, \\ooo (octal), \\xHH... (hexadecimal), \\cC (control), \\C is C.
Linear; the caller has cut the comment off.
"""

import re

_LETTERS = {
    "a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]+)|c(.)|(.))", re.DOTALL)

Split = tuple[list[str], list[int], list[int]]
"""Words, the column where each starts, and the indexes of those that are braces."""


class OpenString(Exception):  # noqa: N818 - not an error of the program
    """The quote in column `at` is not closed."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def split_string_line(text: str, blank: str) -> Split:
    """The words of a line. Raises OpenString, also for a brace between single quotes.

    >>> split_string_line("script 'a b'\\\\x2fc {", " ")
    (['script', 'a b/c', '{'], [0, 7, 18], [2])
    """
    words: list[str] = []
    columns: list[int] = []
    braces: list[int] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] in blank:
            at += 1
            continue
        columns.append(at)
        if text[at] in "{}":
            braces.append(len(words))
            words.append(text[at])
            at += 1
        else:
            word, at = _word(text, at, blank)
            words.append(word)
    return words, columns, braces


def _word(text: str, at: int, blank: str) -> tuple[str, int]:
    pieces: list[str] = []
    quote, opened, end = "", at, len(text)
    while at < end:
        char = text[at]
        if char == "\\" and (match := _ESCAPE.match(text, at)):
            pieces.append(_meaning(match))
            at = match.end()
            continue
        if quote:
            if quote == "'" and char in "{}":
                raise OpenString(opened)
            if char == quote:
                quote = ""
            else:
                pieces.append(char)
        elif char in "\"'":
            quote, opened = char, at
        elif char in blank or (char in "{}" and text[at - 1] != "$"):
            break
        else:
            pieces.append(char)
        at += 1
    if quote:
        raise OpenString(opened)
    return "".join(pieces), at


def _meaning(match: re.Match[str]) -> str:
    octal, hexadecimal, control, letter = match.groups()
    if octal is not None:
        return chr(int(octal, 8) & 0xFF)
    if hexadecimal is not None:
        return chr(int(hexadecimal[-2:], 16))
    if control is not None:
        return chr(ord(control) & 0x1F)
    return _LETTERS.get(letter, letter)
