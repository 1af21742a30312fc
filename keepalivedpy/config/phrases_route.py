"""Lines of virtual_routes (iproute2's language, as far as keepalived has it)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyparsing as pp

from dpvs_core.config.errors import BadValue, MissingWord
from keepalivedpy.config.phrase_checks import (
    UINT_MAX,
    address,
    any_word,
    choice,
    milliseconds,
    named,
    network,
    number,
    realms,
    scope,
    short,
)
from keepalivedpy.config.phrase_checks import (
    words as one_of_words,
)
from keepalivedpy.config.phrase_parts import (
    Option,
    any_of,
    argument,
    checked,
    keyword,
    option,
    options,
    parse,
    typed,
)
from keepalivedpy.config.phrase_words import ROUTE_METRICS, ROUTE_TYPES
from keepalivedpy.model.routing import Encap, Metric, Nexthop

ROUTE_FORM = (
    "[TYPE] [to] PREFIX|default [via ADDRESS] [dev IF] [src ADDRESS] [scope SCOPE] [metric N] "
    "[table T] [nexthop via ADDRESS dev IF weight N] ..."
)

ROUTE_OPTIONS = (
    Option("dev oif", "dev", short),
    Option("src", "src", address),
    Option("scope", "scope", scope),
    Option("metric priority preference", "metric", number(0, UINT_MAX)),
    Option("tos dsfield", "tos", named("rt_dsfield", 0, 255)),
    Option("table", "table", named("rt_tables", 0, UINT_MAX)),
    Option("protocol", "protocol", named("rt_protos", 0, 255)),
    Option("expires", "expires_s", number(0, UINT_MAX)),
    Option("realms", "realms", realms),
    Option("quickack", "quickack", choice(**{"0": False, "1": True})),
    Option("fastopen_no_cookie", "fastopen_no_cookie", choice(**{"0": False, "1": True})),
    Option("pref", "pref", one_of_words("low", "medium", "high")),
    Option("ttl-propagate", "ttl_propagate", choice(enabled=True, disabled=False)),
    Option("from", "from_prefix", network),
    Option("vrf", "vrf", short),
    Option("track_group", "track_group", any_word),
)
ROUTE_FLAGS = {"onlink": "onlink", "no_track": "no_track"}
LARGEST = {"hoplimit": 255}

NEXTHOP_OPTIONS = (
    Option("dev oif", "dev", short),
    Option("weight", "weight", number(1, 256)),
    Option("realms", "realms", realms),
)
NEXTHOP_FLAGS = {"onlink": "onlink"}

ENCAP_OPTIONS = (
    Option("id", "id", number(0, 2**64 - 1)),
    Option("dst", "dst", address),
    Option("src", "src", address),
    Option("tos tc", "tos", named("rt_dsfield", 0, 255)),
    Option("ttl hoplimit", "ttl", number(0, 255)),
    Option("flags", "flags", named("rt_dsfield", 0, 65535)),
)
_KINDS = one_of_words("mpls", "ip", "ip6", "ila")


def _label(word: str) -> int:
    return number(0, 2**20 - 1)(word)


_FAMILY = any_of(("inet", "inet6"))
_VIA = any_of(("via", "gw")).suppress() - (
    pp.Optional(_FAMILY).suppress() + argument("via").set_name("an address after via")
)
_ENCAP = keyword("encap").suppress() - pp.Group(
    argument("kind")
    + (pp.OneOrMore(options(ENCAP_OPTIONS, {})) | argument("word").set_name("what it encapsulates"))
    + pp.ZeroOrMore(option(ENCAP_OPTIONS[4]))
)("encap")
_NEXTHOP = keyword("nexthop").suppress() - pp.Group(
    pp.OneOrMore(_VIA | options(NEXTHOP_OPTIONS, NEXTHOP_FLAGS) | _ENCAP)
)("nexthops*")
_METRICS = [
    keyword(word).suppress()
    - (pp.Optional(keyword("lock"))(f"{field} lock") + argument(field).set_name("a number"))
    for word, field in ROUTE_METRICS.items()
]
_ROUTE = pp.OneOrMore(
    _VIA
    | any_of(("or",)).suppress() - argument("or*").set_name("an address after or")
    | pp.MatchFirst(_METRICS)
    | keyword("features").suppress() - pp.OneOrMore(keyword("ecn"))("features_ecn")
    | keyword("congctl").suppress()
    - (pp.Optional(keyword("lock"))("congctl_lock") + argument("congctl").set_name("a name"))
    | options(ROUTE_OPTIONS, ROUTE_FLAGS)
    | any_of(("add", "append", "prepend"))("op")
    | _FAMILY("family")
    | _ENCAP
    | _NEXTHOP
    | any_of(ROUTE_TYPES)("type")
    | pp.Optional(keyword("as")).suppress()
    + pp.Optional(keyword("to")).suppress()
    + argument("prefix*").set_name("a prefix or default")
)


def route_line(words: Sequence[str]) -> dict[str, Any]:
    """The fields of a VirtualRoute."""
    if words[-1] in ROUTE_TYPES:
        raise MissingWord("the end of the line", f"a prefix after {words[-1]}", len(words))
    at_end = BadValue if words[-1] == "nexthop" else MissingWord
    found = parse(_ROUTE, words, ROUTE_FORM, at_end=at_end)
    fields = typed(ROUTE_OPTIONS, ROUTE_FLAGS, found, words)
    prefixes = found.get("prefix", [])
    if len(prefixes) != 1:
        wrong = prefixes[1] if prefixes else words[-1]
        raise BadValue(f"'{wrong}'", ROUTE_FORM, list(words).index(wrong))
    if "via" in found:
        fields["via"] = checked(address, found["via"], words)
    six = ":" in fields.get("via", fields.get("src", "")) or found.get("family") == "inet6"
    prefix = "::/0" if prefixes[0] == "default" and six else prefixes[0]
    fields["prefix"] = checked(network, prefix, words)
    for word, field in (("type", "kind"), ("op", "op"), ("family", "family")):
        if word in found:
            fields[field] = found[word]
    fields |= {field: True for field in ("features_ecn", "congctl_lock") if field in found}
    if "congctl" in found:
        fields["congctl"] = found["congctl"]
    return fields | _metrics(found, words) | _ways(fields, found, words)


def _metrics(found: Mapping[str, Any], words: Sequence[str]) -> dict[str, Metric]:
    metrics = {}
    for field in ROUTE_METRICS.values():
        if field in found:
            plain = number(0, LARGEST.get(field, UINT_MAX))
            check = milliseconds if field.endswith("_ms") else plain
            metrics[field] = Metric(checked(check, found[field], words), f"{field} lock" in found)
    return metrics


def _ways(fields: dict[str, Any], found: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """encap and the nexthops; `via A or B` is an older form of two of them."""
    ways: dict[str, Any] = {}
    if "encap" in found:
        ways["encap"] = _encap(found["encap"], words)
    hops = tuple(_nexthop(hop, words) for hop in found.get("nexthops", ()))
    if "or" in found:
        others = [checked(address, word, words) for word in found["or"]]
        hops = (*(Nexthop(via=via) for via in (fields.get("via"), *others) if via), *hops)
        ways["via"] = None
    return ways | ({"nexthops": hops} if hops else {})


def _nexthop(found: Mapping[str, Any], words: Sequence[str]) -> Nexthop:
    fields = typed(NEXTHOP_OPTIONS, NEXTHOP_FLAGS, found, words)
    if "via" in found:
        fields["via"] = checked(address, found["via"], words)
    if "encap" in found:
        fields["encap"] = _encap(found["encap"], words)
    return Nexthop(**fields)


def _encap(found: Mapping[str, Any], words: Sequence[str]) -> Encap:
    kind = checked(_KINDS, found["kind"], words)
    fields = typed(ENCAP_OPTIONS, {}, found, words)
    if kind == "mpls" and "word" in found:
        labels = [checked(_label, part, words) for part in found["word"].split("/")]
        fields["labels"] = tuple(labels)
    elif kind == "ila" and "word" in found:
        fields["locator"] = found["word"]
    elif "word" in found:
        raise BadValue(f"'{found['word']}'", "id, dst, src, tos or ttl", 0)
    return Encap(kind=kind, **fields)
