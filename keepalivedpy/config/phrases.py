"""Lines of virtual_ipaddress, and ranges of addresses.

pyparsing, which takes longer to import than the rest of a small configuration takes to read:
`lines.py` reads the plain forms itself and imports this only when a line has more.
"""

from collections.abc import Sequence
from typing import Any

import pyparsing as pp

from dpvs_core.config.addresses import canonical_address, split_prefix
from dpvs_core.config.errors import BadValue
from keepalivedpy.config.phrase_checks import address, any_word, broadcast, lifetime, scope, short
from keepalivedpy.config.phrase_parts import Option, argument, options, parse, typed
from keepalivedpy.config.phrase_words import ADDRESS_FLAGS, ADDRESS_FORM

RANGE_FORM = "ADDRESS, ADDRESS-LAST or ADDRESS-ADDRESS, ascending"
MAX_RANGE = 65536

ADDRESS_OPTIONS = (
    Option("dev", "dev", short),
    Option("brd broadcast", "broadcast", broadcast),
    Option("scope", "scope", scope),
    Option("label", "label", short),
    Option("peer", "peer", address),
    Option("preferred_lft preferred_lifetime", "preferred_lft_s", lifetime),
    Option("track_group", "track_group", any_word),
)

_ADDRESS = argument("addr") + pp.ZeroOrMore(options(ADDRESS_OPTIONS, ADDRESS_FLAGS))

_RANGE = (
    pp.Regex(r"[0-9A-Fa-f.:]+").set_name("an address")("first")
    + pp.Suppress("-")
    + pp.Regex(r"[0-9A-Fa-f.:]+").set_name("the last address")("last")
)


def address_line(words: Sequence[str]) -> dict[str, Any]:
    """The fields of a VirtualAddress (a line of virtual_ipaddress)."""
    split = split_prefix(words[0])
    if split is None:  # it needs no grammar: thousands of such lines are soon told
        raise BadValue(f"'{words[0]}'", ADDRESS_FORM, 0)
    found = parse(_ADDRESS, words, ADDRESS_FORM)
    fields = typed(ADDRESS_OPTIONS, ADDRESS_FLAGS, found, words)
    return fields | {"addr": split[0], "prefixlen": split[1]}


def address_range(word: str, at: int, most: int = MAX_RANGE) -> tuple[str, int]:
    """`192.0.2.1-9`, `2001:db8::1-f`, `192.0.2.1-192.0.2.9` -> first address and how many."""
    fields = parse(_RANGE, [word], RANGE_FORM, at)
    first = canonical_address(fields["first"])
    if first is None:
        raise BadValue(f"'{word}'", RANGE_FORM, at)
    # A short last part stands for the first address with its last group replaced.
    mark = ":" if ":" in first else "."
    last = fields["last"]
    full = last if mark in last else fields["first"].rpartition(mark)[0] + mark + last
    end = canonical_address(full)
    n = 0 if end is None else _number(end) - _number(first) + 1
    if not (1 if mark in last else 2) <= n <= most:
        raise BadValue(f"'{word}'", RANGE_FORM, at)
    return first, n


def _number(address: str) -> int:
    from ipaddress import ip_address

    return int(ip_address(address))
