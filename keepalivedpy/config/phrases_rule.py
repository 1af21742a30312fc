"""Lines of virtual_rules (iproute2's language, as far as keepalived has it)."""

from collections.abc import Sequence
from typing import Any

import pyparsing as pp

from dpvs_core.config.errors import BadValue, MissingWord
from keepalivedpy.config.phrase_checks import (
    UINT_MAX,
    any_word,
    ip_protocol,
    named,
    network,
    number,
    realms,
    short,
    span,
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
    options,
    parse,
    typed,
)
from keepalivedpy.config.phrase_words import RULE_ACTIONS

RULE_FORM = (
    "[not] [from PREFIX] [to PREFIX] [iif IF] [oif IF] [fwmark N[/MASK]] [preference N] "
    "table T | goto N | nop | type blackhole ..."
)

RULE_OPTIONS = (
    Option("from", "from_prefix", network),
    Option("to", "to_prefix", network),
    Option("iif dev", "iif", short),
    Option("oif", "oif", short),
    Option("tos dsfield", "tos", named("rt_dsfield", 0, 255)),
    Option("ipproto ip_proto", "ipproto", ip_protocol),
    Option("sport", "sport", span(65535)),
    Option("dport", "dport", span(65535)),
    Option("uidrange", "uidrange", span(UINT_MAX)),
    Option("tunnel-id", "tunnel_id", number(0, 2**64 - 1)),
    Option("realms", "realms", realms),
    Option("protocol", "protocol", number(0, 255)),
    Option("preference order priority", "preference", number(0, UINT_MAX)),
    Option("suppress_prefixlength sup_pl", "suppress_prefixlength", number(0, 128)),
    Option("suppress_ifgroup sup_group", "suppress_ifgroup", named("group", 0, UINT_MAX)),
    Option("table lookup", "table", named("rt_tables", 0, UINT_MAX)),
    Option("goto", "goto", number(0, UINT_MAX)),
    Option("type", "action", one_of_words(*RULE_ACTIONS)),
    Option("track_group", "track_group", any_word),
)
RULE_FLAGS = {"not": "inverted", "l3mdev": "l3mdev", "no_track": "no_track"}
ACTIONS = ("table", "goto", "action", "l3mdev")

_MARK = named("rt_realms", 0, UINT_MAX)
_RULE = pp.OneOrMore(
    keyword("fwmark").suppress() - argument("fwmark").set_name("N[/MASK]")
    | options(RULE_OPTIONS, RULE_FLAGS)
    | any_of(RULE_ACTIONS)("bare")
    | any_of(("inet", "inet6"))("family")
)


def rule_line(words: Sequence[str]) -> dict[str, Any]:
    """The fields of a VirtualRule."""
    found = parse(_RULE, words, RULE_FORM, at_end=MissingWord)
    fields = typed(RULE_OPTIONS, RULE_FLAGS, found, words)
    if "bare" in found:
        fields["action"] = found["bare"]
    if "family" in found:
        fields["family"] = found["family"]
    if "fwmark" in found:
        mark, slash, mask = found["fwmark"].partition("/")
        fields["fwmark"] = checked(_MARK, mark, words)
        if slash:
            fields["fwmask"] = checked(_MARK, mask, words)
    if not any(field in fields for field in ACTIONS):
        raise BadValue("the end of the line", "table T, goto N, nop or type T", len(words))
    return fields
