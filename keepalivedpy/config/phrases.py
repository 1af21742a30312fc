"""Arguments that have a grammar of their own: address lines, route lines, address ranges.

pyparsing, which takes longer to import than the rest of a small configuration takes to read:
`lines.py` reads the plain forms itself and imports this only when a line has more.
Each parser takes the words of a statement and gives the fields of a model; BadValue names the
word that is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyparsing as pp

from dpvs_core.config.addresses import canonical_address, masked, split_prefix
from dpvs_core.config.errors import BadValue
from dpvs_core.config.values import one_of, whole_number
from keepalivedpy.config.phrase_words import (
    ADDRESS_LATER,
    ROUTE_LATER,
    ROUTE_TAILS,
    ROUTE_TYPES,
    SCOPES,
)

ADDRESS_FORM = "ADDRESS[/LENGTH] [dev IF] [brd ADDRESS|+|-] [scope SCOPE] [label LABEL] [sapool]"
ROUTE_FORM = "[to] PREFIX|default [via ADDRESS] [dev IF] [src ADDRESS] [scope SCOPE] [metric N]"
RANGE_FORM = "ADDRESS, ADDRESS-LAST or ADDRESS-ADDRESS, ascending"
MAX_RANGE = 65536

Check = Callable[[str], Any]
"""Gives the value of a word, or raises ValueError with what would be right."""


def _word(text: str) -> pp.ParserElement:
    return pp.Keyword(text, ident_chars=pp.printables)


def _any_of(words: Sequence[str]) -> pp.ParserElement:
    return pp.MatchFirst([_word(word) for word in words])


def _argument(field: str) -> pp.ParserElement:
    return pp.Regex(r"\S+")(field)


def _option(names: str, field: str) -> pp.ParserElement:
    """`NAME WORD`; once the name is there, the word must follow."""
    words = names.split()
    return _any_of(words).suppress() - _argument(field).set_name(f"a word after {words[0]}")


def _later(options: Mapping[str, int]) -> pp.ParserElement:
    """Options that are known but not carried, with their arguments."""
    plain = [name for name, n_words in options.items() if n_words == 0]
    valued = [name for name, n_words in options.items() if n_words == 1]
    value = pp.Optional(_word("lock")) + pp.Regex(r"\S+").set_name("a word after the option")
    return (_any_of(plain) | (_any_of(valued) - value)).suppress()


_ADDRESS = _argument("addr") + pp.ZeroOrMore(
    _option("dev", "dev")
    | _option("brd broadcast", "broadcast")
    | _option("scope", "scope")
    | _option("label", "label")
    | _word("sapool")("sapool")
    | _later(ADDRESS_LATER)
)

_ROUTE_OPTIONS = pp.ZeroOrMore(
    _option("via gw", "via")
    | _option("dev oif", "dev")
    | _option("src", "src")
    | _option("scope", "scope")
    | _option("metric priority preference", "metric")
    | (_any_of(ROUTE_TAILS) + pp.rest_of_line).suppress()
    | _later(ROUTE_LATER)
)

_ROUTE = (
    pp.Optional(_any_of(ROUTE_TYPES)).suppress()
    + pp.Optional(_option("src", "src"))
    + pp.ZeroOrMore(_any_of(("as", "to", "inet", "inet6"))).suppress()
    + _argument("prefix").set_name("a prefix or default")
    + _ROUTE_OPTIONS
)

_RANGE = (
    pp.Regex(r"[0-9A-Fa-f.:]+").set_name("an address")("first")
    + pp.Suppress("-")
    + pp.Regex(r"[0-9A-Fa-f.:]+").set_name("the last address")("last")
)


def address_line(words: Sequence[str]) -> dict[str, Any]:
    """The fields of a VirtualAddress (a line of virtual_ipaddress)."""
    fields = _parse(_ADDRESS, words, ADDRESS_FORM)
    checks = {"broadcast": _broadcast, "scope": _scope, "dev": _short, "label": _short}
    _apply(checks, fields, words)
    split = split_prefix(fields["addr"])
    if split is None:
        raise BadValue(f"'{fields['addr']}'", ADDRESS_FORM, 0)
    ours = {"sapool": True} if "sapool" in fields else {}
    return fields | ours | {"addr": split[0], "prefixlen": split[1]}


def route_line(words: Sequence[str]) -> dict[str, Any]:
    """The fields of a VirtualRoute (a line of virtual_routes)."""
    fields = _parse(_ROUTE, words, ROUTE_FORM)
    checks = {
        "via": _address,
        "src": _address,
        "dev": _short,
        "scope": _scope,
        "metric": _metric,
        "prefix": _network,
    }
    if fields["prefix"] == "default" and ":" in fields.get("via", fields.get("src", "")):
        fields["prefix"] = "::/0"
    _apply(checks, fields, words)
    return fields


def address_range(word: str, at: int) -> tuple[str, int]:
    """`192.0.2.1-9`, `2001:db8::1-f`, `192.0.2.1-192.0.2.9` -> first address and how many."""
    fields = _parse(_RANGE, [word], RANGE_FORM, at)
    first = canonical_address(fields["first"])
    if first is None:
        raise BadValue(f"'{word}'", RANGE_FORM, at)
    # A short last part stands for the first address with its last group replaced.
    mark = ":" if ":" in first else "."
    last = fields["last"]
    full = last if mark in last else fields["first"].rpartition(mark)[0] + mark + last
    end = canonical_address(full)
    n = 0 if end is None else _number(end) - _number(first) + 1
    if not 1 <= n <= MAX_RANGE:
        raise BadValue(f"'{word}'", RANGE_FORM, at)
    return first, n


def _number(address: str) -> int:
    from ipaddress import ip_address

    return int(ip_address(address))


def _parse(
    grammar: pp.ParserElement, words: Sequence[str], form: str, at: int = 0
) -> dict[str, Any]:
    try:
        found = grammar.parse_string(" ".join(words), parse_all=True)
    except pp.ParseBaseException as error:
        if error.loc >= len(error.pstr):
            expected = error.msg.removeprefix("Expected ").split(", found")[0]
            raise BadValue("the end of the line", expected, at + len(words)) from None
        index = error.pstr[: error.loc].count(" ")
        raise BadValue(f"'{words[index]}'", form, at + index) from None
    return dict(found.as_dict())


def _apply(checks: Mapping[str, Check], fields: dict[str, Any], words: Sequence[str]) -> None:
    """Replace each word by its value; a wrong one is found again in the line for its place."""
    for field, check in checks.items():
        if field in fields:
            word = fields[field]
            try:
                fields[field] = check(word)
            except ValueError as error:
                at = list(words).index(word) if word in words else 0
                raise BadValue(f"'{word}'", str(error), at) from None


def _address(word: str) -> str:
    found = canonical_address(word)
    if found is None:
        raise ValueError("an IP address")
    return found


def _broadcast(word: str) -> str:
    if word not in ("+", "-") and canonical_address(word) is None:
        raise ValueError("an IPv4 address, + or -")
    return word


def _scope(word: str) -> str:
    number = whole_number(word)
    if word not in SCOPES and (number is None or not 0 <= number <= 255):
        raise ValueError(f"{one_of(list(SCOPES))}, or a number from 0 to 255")
    return word


def _short(word: str) -> str:
    if len(word) > 15:
        raise ValueError("at most 15 characters")
    return word


def _metric(word: str) -> int:
    number = whole_number(word)
    if number is None or not 0 <= number < 2**32:
        raise ValueError("a number from 0 to 4294967295")
    return number


def _network(word: str) -> str:
    split = split_prefix("0.0.0.0/0" if word == "default" else word)
    if split is None:
        raise ValueError("PREFIX/LENGTH or default")
    return f"{masked(*split)}/{split[1]}"
