"""Arguments of health checks as values."""

from typing import Any

from dpvs_core.config.errors import BadValue, SwallowedValue
from dpvs_core.config.tree import Node
from dpvs_core.config.values import Choice, Int, Value
from keepalivedpy.model.checks import ReplyPattern, StatusRange

END = "the end of the line"
WEIGHT_LIMIT = 2**31 - 1
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
MAX_LABEL_BYTES = 63

REGEX_OPTIONS = frozenset(
    {
        "allow_empty_class",
        "alt_bsux",
        "alt_circumflex",
        "alt_verbnames",
        "anchored",
        "auto_callout",
        "caseless",
        "dollar_endonly",
        "dotall",
        "dupnames",
        "endanchored",
        "extended",
        "extended_more",
        "firstline",
        "literal",
        "match_unset_backref",
        "multiline",
        "never_backslash_c",
        "never_ucp",
        "never_utf",
        "no_auto_capture",
        "no_auto_possess",
        "no_dotstar_anchor",
        "no_start_optimize",
        "no_utf_check",
        "ucp",
        "ungreedy",
        "use_offset_limit",
        "utf",
    }
)
"""What may follow regex_options: PCRE2's options in lower case."""


class Counted:
    """A value without which keepalived finds the line wrong, but reads on."""

    n_words = 0

    def __init__(self, value: Value, *, most: int | None = None) -> None:
        self.value, self.most = value, most
        self.expected = value.expected

    def read(self, node: Node, at: int) -> Any:
        if len(node.words) <= at:
            raise BadValue(END, self.expected, at)
        if self.most is not None and len(node.words) > at + self.most:
            raise BadValue(f"'{node.words[at + self.most]}'", "nothing more", at + self.most)
        return self.value.read(node, at)

    def words(self, value: Any) -> list[str] | None:
        return self.value.words(value)


class Lenient:
    """A value that keepalived leaves out without a word when it is wrong or missing."""

    n_words = 0

    def __init__(self, value: Value) -> None:
        self.value = value
        self.expected = value.expected

    def read(self, node: Node, at: int) -> Any:
        if len(node.words) <= at:
            raise SwallowedValue(END, self.expected, at)
        try:
            return self.value.read(node, at)
        except BadValue as bad:
            raise SwallowedValue(bad.found, bad.expected, bad.at) from None

    def words(self, value: Any) -> list[str] | None:
        return self.value.words(value)


class AnyCase(Choice):
    """One of some words in capitals, whatever case it is written in."""

    def read(self, node: Node, at: int) -> str:
        word = node.words[at].upper()
        if word not in self.meanings:
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return word


class StatusCodes:
    """`N` or `A-B`, one or more: answers of HTTP that are good."""

    n_words = 0
    expected = "numbers or ranges A-B from 100 to 599"

    def read(self, node: Node, at: int) -> tuple[StatusRange, ...]:
        if len(node.words) <= at:
            raise SwallowedValue(END, self.expected, at)
        return tuple(self._range(node, i) for i in range(at, len(node.words)))

    def _range(self, node: Node, at: int) -> StatusRange:
        first, dash, last = node.words[at].partition("-")
        numbers = [first, last if dash else first]
        if all(len(one) == 3 and one.isascii() and one.isdigit() for one in numbers):
            low, high = map(int, numbers)
            if 100 <= low <= high <= 599:
                return StatusRange(first=low, last=high)
        raise BadValue(f"'{node.words[at]}'", self.expected, at)

    def words(self, value: tuple[StatusRange, ...]) -> list[str] | None:
        words = [f"{r.first}" if r.first == r.last else f"{r.first}-{r.last}" for r in value]
        return words or None


class Digest:
    """An MD5 sum."""

    n_words = 1
    expected = "32 hexadecimal digits"

    def read(self, node: Node, at: int) -> str:
        word = node.words[at]
        if len(word) != 32 or not HEX_DIGITS.issuperset(word):
            raise BadValue(f"'{word}'", self.expected, at)
        return word.lower()

    def words(self, value: str) -> list[str]:
        return [value]


def hex_digits(node: Node, at: int, others: str, expected: str) -> str:
    """The pairs of digits in the words from `at` on; an odd piece gets a 0 before it."""
    pieces = " ".join(node.words[at:]).split()
    for piece in pieces:
        if not HEX_DIGITS.issuperset(set(piece) - set(others)):
            raise BadValue(f"'{piece}'", expected, at)
    return "".join("0" * (len(piece) % 2) + piece for piece in pieces).lower()


class HexBytes:
    """Bytes, written as hexadecimal digits."""

    n_words = 0
    expected = "hexadecimal digits, with or without blanks"

    def read(self, node: Node, at: int) -> bytes:
        digits = hex_digits(node, at, "", self.expected)
        if not digits:
            raise BadValue(END, self.expected, at)
        return bytes.fromhex(digits)

    def words(self, value: bytes) -> list[str] | None:
        return [value.hex()] if value else None


class Reply:
    """What an answer must begin with; alone: any answer."""

    n_words = 0
    expected = "hexadecimal digits, X for any, or nothing"

    def read(self, node: Node, at: int) -> ReplyPattern:
        return ReplyPattern(digits=hex_digits(node, at, "Xx", self.expected))

    def words(self, value: ReplyPattern) -> list[str]:
        return [value.digits] if value.digits else []


class RegexOptions:
    """Words that say how a regex is meant; one that is unknown is left out without a word."""

    n_words = 0
    expected = "options of PCRE2 in lower case, such as caseless or multiline"

    def read(self, node: Node, at: int) -> tuple[str, ...]:
        for i in range(at, len(node.words)):
            if node.words[i] not in REGEX_OPTIONS:
                raise SwallowedValue(f"'{node.words[i]}'", self.expected, i)
        return tuple(node.words[at:])

    def words(self, value: tuple[str, ...]) -> list[str] | None:
        return list(value) or None


class RegexStack:
    """`START MAX` in KiB: the memory that matching may take."""

    n_words = 0
    fields = ("regex_stack_start_kib", "regex_stack_max_kib")
    expected = "START MAX in KiB, each from 1 to 4194303, START not above MAX"

    def read(self, node: Node, at: int) -> dict[str, int]:
        size = Int(1, 4194303)
        try:
            start, most = size.read(node, at), size.read(node, at + 1)
        except (BadValue, IndexError):
            raise SwallowedValue(node.name, self.expected, 0) from None
        if start > most:
            raise SwallowedValue(f"{start} above {most}", self.expected, at)
        return {"regex_stack_start_kib": start, "regex_stack_max_kib": most}

    def words(self, value: dict[str, int | None]) -> list[str] | None:
        numbers = [value[field] for field in self.fields]
        return None if None in numbers else [str(number) for number in numbers]


class DnsName:
    """What to ask for."""

    n_words = 1
    expected = "a domain name of labels with 1 to 63 bytes each"

    def read(self, node: Node, at: int) -> str:
        word = node.words[at]
        labels = word.removesuffix(".").split(".")
        if word != "." and "" in labels:
            raise BadValue(f"'{word}'", self.expected, at)
        if any(len(label.encode("utf-8", "surrogateescape")) > MAX_LABEL_BYTES for label in labels):
            raise SwallowedValue(f"'{word}'", self.expected, at)
        return word

    def words(self, value: str) -> list[str]:
        return [value]


class FileWeight:
    """`WEIGHT [reverse]` of FILE_CHECK."""

    n_words = 0
    fields = ("weight", "reverse")
    number = Int(-WEIGHT_LIMIT, WEIGHT_LIMIT)
    expected = f"{number.expected}, then reverse or nothing"

    def read(self, node: Node, at: int) -> dict[str, int | bool]:
        weight = Counted(self.number).read(node, at)
        option = node.words[at + 1] if len(node.words) > at + 1 else ""
        if option not in ("", "reverse"):
            raise BadValue(f"'{option}'", self.expected, at + 1)
        return {"weight": weight, "reverse": option == "reverse"}

    def words(self, value: dict[str, int | bool]) -> list[str]:
        return [str(value["weight"]), *(["reverse"] if value["reverse"] else [])]
