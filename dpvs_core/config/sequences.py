"""~SEQ, ~SEQx and ~LST: the head of such a line -> names and the values that they take in turn.

    ~SEQ(NAME, [START, [STEP,]] END) rest    numbers, decimal, 0x... or 0...; ~SEQx in hexadecimal
    ~LST(NAME, VALUE, ...) rest
    ~LST({NAME, NAME}, {VALUE, VALUE}, ...) rest    missing values are empty

Pure; macros.py repeats the rest. A sequence has at most MAX_VALUES values.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_VALUES = 65_536

_HEAD = re.compile(r"~(SEQx?|LST)[ \t]*\(")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MEMBER = re.compile(r"\s*(?:\{([^{}]*)\}|([^,{}]*))\s*(?:,|$)")


class BadSequence(Exception):  # noqa: N818 - not an error of the program
    """A head that means nothing: what it is, and what would be right."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


class Sequence(NamedTuple):
    """The n_rows `rows` are the values of `names`, in turn; the rest starts in column `end`."""

    names: tuple[str, ...]
    rows: Iterator[tuple[str, ...]]
    n_rows: int
    end: int


Rows = tuple[tuple[str, ...], Iterator[tuple[str, ...]], int]
"""Names, the values that they take in turn, and how often."""


def sequence_of(text: str, start: int, value_of: Callable[[str], str]) -> Sequence | None:
    """The sequence in column `start` of `text`; None: it is none. Raises BadSequence.

    value_of    an argument with its parameters replaced
    """
    head = _HEAD.match(text, start)
    if head is None:
        if text.startswith(("~SEQ", "~LST"), start):
            raise BadSequence(text[start : start + 4] + " without (", _FORMS[text[start + 1]])
        return None
    kind = head[1]
    close = text.find(")", head.end())
    if close < 0:
        raise BadSequence(f"~{kind} without )", _FORMS[kind[0]])
    arguments = text[head.end() : close]
    if kind == "LST":
        names, rows, n_rows = _list(arguments)
    else:
        names, rows, n_rows = _numbers(
            kind, [value_of(one.strip()) for one in arguments.split(",")]
        )
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadSequence(f"~{kind} of the name '{name}'", _FORMS[kind[0]])
    return Sequence(names, rows, n_rows, close + 1)


_FORMS = {
    "S": "~SEQ(NAME, START, STEP, END) with or without STEP and START",
    "L": "~LST(NAME, VALUE, ...) or ~LST({NAME, NAME}, {VALUE, VALUE}, ...)",
}


def _numbers(kind: str, words: list[str]) -> Rows:
    if not 2 <= len(words) <= 4:
        raise BadSequence(f"~{kind} with {len(words)} arguments", _FORMS["S"])
    numbers = [_number(kind, word) for word in words[1:]]
    end = numbers[-1]
    start = numbers[0] if len(numbers) > 1 else (1 if end > 0 else -1 if end < 0 else 1)
    step = numbers[1] if len(numbers) == 3 else (1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise BadSequence(f"~{kind} from {start} in steps of {step} to {end}", "steps that end")
    values = range(start, end + (1 if step > 0 else -1), step)
    if abs(end - start) // abs(step) >= MAX_VALUES:
        raise BadSequence(f"~{kind} from {start} to {end}", f"at most {MAX_VALUES} values")
    if kind == "SEQx" and min(start, end) < 0:
        raise BadSequence(f"~SEQx from {start} to {end}", "no negative numbers")
    form = "x" if kind == "SEQx" else "d"
    return (words[0],), ((format(value, form),) for value in values), len(values)


def _number(kind: str, word: str) -> int:
    digits = word.lstrip("+-")
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[:1] == "0" else 10
    try:
        return int(word or "0", base)
    except ValueError:
        raise BadSequence(f"~{kind} with '{word}'", "numbers") from None


def _list(arguments: str) -> Rows:
    members = _members(arguments)
    if len(members) < 2:
        raise BadSequence("~LST without values", _FORMS["L"])
    names = members[0]
    for row in members[1:]:
        if len(row) > len(names):
            raise BadSequence(f"~LST with {len(row)} values for {len(names)} names", _FORMS["L"])
    rows = (row + ("",) * (len(names) - len(row)) for row in members[1:])
    return names, rows, len(members) - 1


def _members(arguments: str) -> list[tuple[str, ...]]:
    """What stands between the commas, what is in braces together."""
    found: list[tuple[str, ...]] = []
    at, end = 0, len(arguments)
    while at <= end:
        match = _MEMBER.match(arguments, at)
        if match is None:
            raise BadSequence(f"'{arguments[at:]}' in ~LST", _FORMS["L"])
        group = match[2].strip() if match[1] is None else match[1]
        words = (
            tuple(word.strip() for word in group.split(",")) if match[1] is not None else (group,)
        )
        if any(" " in word or "\t" in word for word in words):
            raise BadSequence(f"'{group}' in ~LST", "words without blanks")
        found.append(words)
        if not match[0].endswith(","):
            break
        at = match.end()
    return found
