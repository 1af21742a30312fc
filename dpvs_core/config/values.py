"""What a keyword's argument may be: one small class a kind, each knows how to say what is right.

`read(node, at)` gives the value of the words from number `at` on, or raises BadValue;
`words(value)` is the way back: the words that are read as that value. Numbers are decimal only,
as keepalived's: `0144` is 144, `0x90` and `1.5` are refused.
"""

from typing import Any, Protocol

from dpvs_core.config.errors import BadValue
from dpvs_core.config.tree import Node

UINT_MAX = 2**32 - 1


class Value(Protocol):
    """A kind of argument; n_words is how many words it must have at least."""

    @property
    def n_words(self) -> int: ...

    @property
    def expected(self) -> str:
        """What would be right, for messages and the reference page."""
        ...

    def read(self, node: Node, at: int) -> Any: ...

    def words(self, value: Any) -> list[str] | None:
        """The words that `read` takes for `value`; None: it cannot be written (a flag's False)."""
        ...


class Int:
    """A decimal number in [lowest, highest]."""

    n_words = 1

    def __init__(self, lowest: int = 0, highest: int = UINT_MAX, unit: str = "") -> None:
        self.lowest, self.highest = lowest, highest
        of = f" of {unit}" if unit else ""
        self.expected = f"a number{of} from {lowest} to {highest}"

    def read(self, node: Node, at: int) -> int:
        number = whole_number(node.words[at])
        if number is None or not self.lowest <= number <= self.highest:
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return number

    def words(self, value: int) -> list[str] | None:
        return [str(value)] if self.lowest <= value <= self.highest else None


class PowerOfTwo(Int):
    """A number rounded down to 2^n, or with minus_one to 2^n-1 (C-012)."""

    def __init__(self, lowest: int, highest: int, *, minus_one: bool = False) -> None:
        super().__init__(lowest, highest)
        self._minus_one = minus_one
        self.expected += ", rounded down to 2^n" + ("-1" if minus_one else "")

    def read(self, node: Node, at: int) -> int:
        number = super().read(node, at) + self._minus_one
        return (1 << (number.bit_length() - 1) if number else 0) - self._minus_one


class Timer:
    """Seconds, with a fraction unless `whole`, kept in microseconds; bounds are microseconds."""

    n_words = 1

    def __init__(
        self, lowest_us: int = 0, highest_us: int = UINT_MAX * 1_000_000, *, whole: bool = False
    ) -> None:
        self.lowest_us, self.highest_us, self.whole = lowest_us, highest_us, whole
        what = "a whole number of seconds" if whole else "seconds"
        self.expected = f"{what} from {in_seconds(lowest_us)} to {in_seconds(highest_us)}"

    def read(self, node: Node, at: int) -> int:
        word = node.words[at]
        number = whole_number(word)
        time_us = number * 1_000_000 if number is not None else self._fraction(word)
        if time_us is None or not self.lowest_us <= time_us <= self.highest_us:
            raise BadValue(f"'{word}'", self.expected, at)
        return time_us

    def words(self, value: int) -> list[str] | None:
        return [in_seconds(value)] if self.lowest_us <= value <= self.highest_us else None

    def _fraction(self, word: str) -> int | None:
        seconds, point, fraction = word.partition(".")
        digits = (seconds or "0") + fraction
        if self.whole or not point or word == "." or whole_number(digits) is None:
            return None
        return int(seconds or "0") * 1_000_000 + int(fraction[:6].ljust(6, "0"))


class Bool:
    """on/off, true/false, yes/no; the keyword alone means on unless a word is required."""

    def __init__(self, *, word_required: bool = False) -> None:
        self.n_words = int(word_required)
        self.expected = "on, off, true, false, yes or no"

    def read(self, node: Node, at: int) -> bool:
        if at >= len(node.words):
            return True
        word = node.words[at]
        if word not in _TRUTH:
            raise BadValue(f"'{word}'", self.expected, at)
        return _TRUTH[word]

    def words(self, value: bool) -> list[str]:
        return ["on" if value else "off"]


_TRUTH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


class Flag:
    """A keyword that takes no argument and means `value`."""

    n_words = 0
    expected = "no argument"

    def __init__(self, value: Any = True) -> None:
        self.value = value

    def read(self, node: Node, at: int) -> Any:
        return self.value

    def words(self, value: Any) -> list[str] | None:
        return [] if value == self.value else None


class Choice:
    """One of some words; a mapping gives what each means."""

    n_words = 1

    def __init__(self, *words: str, **meanings: Any) -> None:
        self.meanings: dict[str, Any] = {word: word for word in words} | meanings
        self.expected = one_of(list(self.meanings))

    def read(self, node: Node, at: int) -> Any:
        word = node.words[at]
        if word not in self.meanings:
            raise BadValue(f"'{word}'", self.expected, at)
        return self.meanings[word]

    def words(self, value: Any) -> list[str] | None:
        found = [word for word, meaning in self.meanings.items() if meaning == value]
        return found[:1] or None


class Text:
    """A word, at most max_chars long."""

    n_words = 1

    def __init__(self, expected: str = "a word", max_chars: int = 1023) -> None:
        self.max_chars = max_chars
        self.expected = expected if max_chars == 1023 else f"{expected} of at most {max_chars}"
        if max_chars != 1023:
            self.expected += " characters"

    def read(self, node: Node, at: int) -> str:
        word = node.words[at]
        if not 0 < len(word) <= self.max_chars:
            raise BadValue(f"'{word}'", self.expected, at)
        return word

    def words(self, value: str) -> list[str]:
        return [value]


class Rest:
    """All the words to the end of the statement, joined by one blank."""

    n_words = 1

    def __init__(self, expected: str = "text") -> None:
        self.expected = expected

    def read(self, node: Node, at: int) -> str:
        return " ".join(node.words[at:])

    def words(self, value: str) -> list[str]:
        return value.split(" ")


class Numbers:
    """All the words to the end of the statement, each a number of `each`."""

    n_words = 1

    def __init__(self, each: Int) -> None:
        self.each = each
        self.expected = f"one or more: {each.expected}"

    def read(self, node: Node, at: int) -> tuple[int, ...]:
        return tuple(self.each.read(node, i) for i in range(at, len(node.words)))

    def words(self, value: tuple[int, ...]) -> list[str]:
        return [str(number) for number in value]


def whole_number(word: str) -> int | None:
    """The decimal number that `word` spells, or None; a sign may stand before it."""
    digits = word[1:] if word[:1] in ("-", "+") else word
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 30:
        return None
    return int(word)


def in_seconds(time_us: int) -> str:
    """Microseconds as seconds, without needless zeros: 1500000 is "1.5"."""
    return f"{time_us // 1_000_000}.{time_us % 1_000_000:06d}".rstrip("0").rstrip(".")


def one_of(words: list[str]) -> str:
    """>>> one_of(["a", "b", "c"])
    'a, b or c'
    """
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
