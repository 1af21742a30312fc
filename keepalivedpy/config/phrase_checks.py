"""The words of address, route and rule lines as values; ValueError says what would be right."""

from collections.abc import Callable
from typing import Any

from dpvs_core.config.addresses import canonical_address, masked, split_prefix
from dpvs_core.config.values import one_of, whole_number
from keepalivedpy.config.phrase_words import SCOPES
from keepalivedpy.config.rt_names import c_number, names_of
from keepalivedpy.model.routing import Range

UINT_MAX = 2**32 - 1
PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "udp": 17, "dccp": 33, "ipv6": 41, "gre": 47,
    "esp": 50, "ah": 51, "ipv6-icmp": 58, "vrrp": 112, "sctp": 132, "udplite": 136,
}  # fmt: skip


def any_word(word: str) -> str:
    return word


def address(word: str) -> str:
    found = canonical_address(word)
    if found is None:
        raise ValueError("an IP address")
    return found


def broadcast(word: str) -> str:
    if word not in ("+", "-") and canonical_address(word) is None:
        raise ValueError("an IPv4 address, + or -")
    return word


def scope(word: str) -> str:
    number = whole_number(word)
    if word not in SCOPES and (number is None or not 0 <= number <= 255):
        raise ValueError(f"{one_of(list(SCOPES))}, or a number from 0 to 255")
    return word


def short(word: str) -> str:
    if len(word) > 15:
        raise ValueError("at most 15 characters")
    return word


def lifetime(word: str) -> int:
    """Seconds; forever is -1."""
    return -1 if word == "forever" else number(0, UINT_MAX)(word)


def number(lowest: int, highest: int) -> Callable[[str], int]:
    def check(word: str) -> int:
        found = whole_number(word)
        if found is None or not lowest <= found <= highest:
            raise ValueError(f"a number from {lowest} to {highest}")
        return found

    return check


def milliseconds(word: str) -> int:
    """`N`, `Nms` or `Ns`."""
    unit = 1000 if word.endswith("s") and not word.endswith("ms") else 1
    found = whole_number(word.removesuffix("ms").removesuffix("s"))
    if found is None or not 0 <= found * unit <= UINT_MAX:
        raise ValueError("milliseconds, or seconds with an s behind them")
    return found * unit


def named(kind: str, lowest: int, highest: int) -> Callable[[str], int]:
    """A number, decimal or hexadecimal, or a name of iproute2's file `kind`."""

    def check(word: str) -> int:
        found = c_number(word)
        if found is None:
            found = names_of(kind).get(word)
        if found is None or not lowest <= found <= highest:
            raise ValueError(f"a number from {lowest} to {highest}, or a name of {kind}")
        return found

    return check


def choice(**meanings: Any) -> Callable[[str], Any]:
    def check(word: str) -> Any:
        if word not in meanings:
            raise ValueError(one_of(list(meanings)))
        return meanings[word]

    return check


def words(*known: str) -> Callable[[str], Any]:
    return choice(**{word: word for word in known})


def network(word: str) -> str:
    """A prefix without host bits."""
    split = split_prefix("0.0.0.0/0" if word in ("default", "any", "all") else word)
    if split is None:
        raise ValueError("PREFIX/LENGTH or default")
    return f"{masked(*split)}/{split[1]}"


def ip_protocol(word: str) -> int:
    found = PROTOCOLS.get(word, whole_number(word))
    if found is None or not 0 <= found <= 255:
        raise ValueError("a protocol of IP by name or number")
    return found


def span(highest: int) -> Callable[[str], Range]:
    def check(word: str) -> Range:
        first, _, last = word.partition("-")
        low, high = whole_number(first), whole_number(last)
        if low is None or high is None or not 0 <= low <= high <= highest:
            raise ValueError(f"FIRST-LAST, ascending, at most {highest}")
        return Range(low, high)

    return check


def realms(word: str) -> str:
    """`TO`, `FROM/TO` or `FROM/`; names become numbers."""
    check = named("rt_realms", 0, 65535)
    return "/".join(str(check(part)) if part else "" for part in word.split("/", 1))
