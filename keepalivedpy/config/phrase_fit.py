"""Whether the words of an address, route or rule line fit together.

A misfit with an effect is one that keepalived mends: the line counts without the word. The others
lose the line. The first of a line is said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from dpvs_core.config.addresses import family_of
from dpvs_core.config.errors import AmendedValue, BadValue
from keepalivedpy.config.rt_names import names_of

Fields = Mapping[str, Any]
Made = TypeVar("Made")
MAX_BROADCAST_BITS = 30


class Misfit(NamedTuple):
    """The word that is wrong: one of `words` in the line, or what is behind the first of them."""

    applies: Callable[[Fields], bool]
    words: str
    found: str
    expected: str
    effect: str = ""
    without: Mapping[str, Any] = {}


def _is_six(fields: Fields) -> bool:
    return family_of(fields["addr"]) == 6


def _is_sign(fields: Fields) -> bool:
    return fields.get("broadcast") in ("+", "-")


def _other_family(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    return value is not None and value not in ("+", "-") and _family(value) != _family(fields)


def _family(of: Any) -> int:
    return family_of((of if isinstance(of, str) else of["addr"]).partition("/")[0])


def _has_length(fields: Fields) -> bool:
    return bool(fields["prefixlen"] != (128 if _is_six(fields) else 32))


ADDRESS_MISFITS = (
    Misfit(
        lambda f: "broadcast" in f and _is_six(f),
        "brd broadcast",
        "a broadcast address of an IPv6 address",
        "no brd",
    ),
    Misfit(
        lambda f: _other_family(f, "broadcast"),
        "brd broadcast",
        "a broadcast address of the other family",
        "an IPv4 address",
    ),
    Misfit(
        lambda f: _other_family(f, "peer"),
        "peer",
        "a peer of the other family",
        "one of the same family",
        "it has no peer",
        {"peer": None},
    ),
    Misfit(
        lambda f: "peer" in f and _has_length(f),
        "peer",
        "a peer of an address with a prefix length",
        "the address alone",
        "the length has no effect",
    ),
    Misfit(
        lambda f: "peer" in f and "broadcast" in f,
        "brd broadcast",
        "brd together with peer",
        "one of them",
        "it has no broadcast address",
        {"broadcast": None},
    ),
    Misfit(
        lambda f: _is_sign(f) and f["prefixlen"] > MAX_BROADCAST_BITS,
        "brd broadcast",
        "brd + or - of a network without broadcast address",
        f"a prefix length of at most {MAX_BROADCAST_BITS}",
        "it has no broadcast address",
        {"broadcast": None},
    ),
    Misfit(
        lambda f: _is_six(f) and f.get("scope", "global") not in ("global", "0"),
        "scope",
        "a scope of an IPv6 address",
        "no scope",
        "it has no effect",
        {"scope": "global"},
    ),
    Misfit(
        lambda f: _is_six(f) and "label" in f,
        "label",
        "a label of an IPv6 address",
        "no label",
        "it has no effect",
        {"label": None},
    ),
)


def _route_families(fields: Fields) -> set[int]:
    named = {"inet": 4, "inet6": 6}.get(fields.get("family", ""))
    values = [fields.get(name) for name in ("prefix", "via", "src")]
    found = {_family(value) for value in values if value}
    return found if named is None else found | {named}


def _reset_protocol(fields: Fields) -> bool:
    ours = names_of("rt_protos").get("keepalived", 18)
    return fields.get("protocol", ours) != ours and "no_track" not in fields


PROTOCOL = Misfit(
    _reset_protocol,
    "protocol",
    "protocol of what is tracked",
    "no_track, or no protocol",
    "it is keepalived's own",
    {"protocol": None},
)

ROUTE_MISFITS = (
    Misfit(
        lambda f: len(_route_families(f)) > 1,
        "via gw src inet inet6",
        "addresses of both families in a route",
        "those of one",
    ),
    Misfit(
        lambda f: "pref" in f and "." in f["prefix"], "pref", "pref of an IPv4 route", "no pref"
    ),
    PROTOCOL,
)


def _prefixes(fields: Fields) -> list[str]:
    return [fields[name] for name in ("from_prefix", "to_prefix") if name in fields]


def _is_any(prefix: str) -> bool:
    return prefix.endswith("/0")


RULE_MISFITS = (
    Misfit(
        lambda f: len({_family(p) for p in _prefixes(f) if not _is_any(p)}) > 1,
        "to",
        "prefixes of both families in a rule",
        "those of one",
    ),
    Misfit(lambda f: f.get("table") == 0, "table lookup", "table 0", "another table"),
    Misfit(
        lambda f: sum(name in f for name in ("table", "goto", "action", "l3mdev")) > 1,
        "l3mdev goto nop type blackhole unreachable prohibit",
        "several actions in a rule",
        "table, goto, nop, l3mdev or a type",
    ),
    Misfit(
        lambda f: "goto" in f and f.get("preference", f["goto"]) >= f["goto"],
        "goto",
        "goto to a rule that does not come later",
        "a preference below its target",
    ),
    PROTOCOL,
)


def fitting(
    table: Iterable[Misfit], fields: Fields, words: Sequence[str], make: Callable[..., Made]
) -> Made:
    """What `make` makes of the fields. Raises BadValue, or AmendedValue with what it made."""
    for misfit in table:
        if misfit.applies(fields):
            at = next((i for i, word in enumerate(words) if word in misfit.words.split()), 0)
            if not misfit.effect:
                raise BadValue(misfit.found, misfit.expected, at)
            made = make(**{**fields, **misfit.without})
            raise AmendedValue(misfit.found, misfit.expected, at, made, misfit.effect)
    return make(**fields)
