"""Addresses and prefixes as values, in one canonical spelling each."""

import socket

from dpvs_core.config.errors import BadValue
from dpvs_core.config.tree import Node
from dpvs_core.config.values import whole_number


class Address:
    """An IP address in its canonical spelling."""

    n_words = 1

    def __init__(self, family: int | None = None) -> None:
        self.family = family
        self.expected = "an IP address" if family is None else f"an IPv{family} address"

    def read(self, node: Node, at: int) -> str:
        found = canonical_address(node.words[at])
        if found is None or self.family not in (None, family_of(found)):
            raise BadValue(f"'{node.words[at]}'", self.expected, at)
        return found

    def words(self, value: str) -> list[str]:
        return [value]


class Prefix:
    """`ADDRESS[/LENGTH]`; `network` clears the host bits and takes `default` for 0.0.0.0/0."""

    n_words = 1

    def __init__(self, *, network: bool = False) -> None:
        self.network = network
        self.expected = "default or ADDRESS[/LENGTH]" if network else "ADDRESS/LENGTH"

    def read(self, node: Node, at: int) -> str:
        word = node.words[at]
        if self.network and word == "default":
            return "0.0.0.0/0"
        split = split_prefix(word)
        if split is None or ("/" not in word and not self.network):
            raise BadValue(f"'{word}'", self.expected, at)
        address, length = split
        return f"{masked(address, length) if self.network else address}/{length}"

    def words(self, value: str) -> list[str]:
        return [value]


def split_prefix(word: str) -> tuple[str, int] | None:
    """`ADDRESS[/LENGTH]` -> canonical address and length (all bits when none), or None."""
    text, slash, bits = word.partition("/")
    address = canonical_address(text)
    if address is None:
        return None
    longest = longest_prefix(address)
    length = whole_number(bits) if slash and bits.isdigit() else None
    if slash and (length is None or length > longest):
        return None
    return address, longest if length is None else length


def masked(address: str, length: int) -> str:
    """The network address: `address` with the bits behind `length` cleared.

    >>> masked("192.0.2.77", 24)
    '192.0.2.0'
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    free = 8 * len(packed) - length
    number = int.from_bytes(packed, "big") >> free << free
    return socket.inet_ntop(family, number.to_bytes(len(packed), "big"))


def longest_prefix(address: str) -> int:
    """32 or 128."""
    return 128 if ":" in address else 32


def canonical_address(word: str) -> str | None:
    """The usual spelling of an IPv4 or IPv6 address, or None where `word` is none."""
    family = socket.AF_INET6 if ":" in word else socket.AF_INET
    try:
        packed = socket.inet_pton(family, word)
    except (OSError, ValueError):
        return None
    return socket.inet_ntop(family, packed) if family == socket.AF_INET6 else word


def family_of(address: str) -> int:
    """4 or 6, of an address in its canonical spelling."""
    return 6 if ":" in address else 4
