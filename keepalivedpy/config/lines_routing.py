"""Lines of virtual_ipaddress, virtual_routes and virtual_rules as values.

What is beyond the plain forms is read by phrases*.py, imported when such a line comes.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from dpvs_core.config.addresses import split_prefix
from dpvs_core.config.errors import AmendedValue, BadValue, SwallowedPart
from dpvs_core.config.tree import Node
from keepalivedpy.config.phrase_words import ADDRESS_FLAGS, ADDRESS_FORM, ROUTE_METRICS
from keepalivedpy.model.routing import (
    Encap,
    Nexthop,
    Range,
    VirtualAddress,
    VirtualRoute,
    VirtualRule,
)

OLD_ROUTE_WORDS = {"gw": "via", "or": "nexthop"}


class AddressLine:
    """A line of virtual_ipaddress."""

    n_words = 0
    expected = "ADDRESS[/LENGTH] [dev IF] ..."
    options: ClassVar = {
        "dev": "dev",
        "brd": "broadcast",
        "scope": "scope",
        "label": "label",
        "peer": "peer",
        "track_group": "track_group",
    }

    def read(self, node: Node, at: int) -> VirtualAddress:
        if node.words[0].endswith("/"):
            found = self._read([node.words[0].removesuffix("/"), *node.words[1:]])
            raise SwallowedPart(
                f"'{node.words[0]}'", "a length after the /", 0, found, "the / has no effect"
            )
        return self._read(node.words)

    def _read(self, words: list[str]) -> VirtualAddress:
        if len(words) == 1:
            split = split_prefix(words[0])
            if split is None:
                raise BadValue(f"'{words[0]}'", ADDRESS_FORM, 0)
            return VirtualAddress(addr=split[0], prefixlen=split[1])
        from keepalivedpy.config.phrase_fit import ADDRESS_MISFITS, fitting
        from keepalivedpy.config.phrases import address_line

        return fitting(ADDRESS_MISFITS, address_line(words), words, VirtualAddress)

    def words(self, value: VirtualAddress) -> list[str]:
        lifetime = value.preferred_lft_s
        lasting = {"preferred_lft": "forever" if lifetime == -1 else lifetime}
        return [
            f"{value.addr}/{value.prefixlen}",
            *_options(value, self.options),
            *_written(lasting),
            *(word for word, field in ADDRESS_FLAGS.items() if getattr(value, field)),
        ]


class RouteLine:
    """A line of virtual_routes."""

    n_words = 0
    expected = "PREFIX [via ADDRESS] [dev IF] ..."
    options: ClassVar = {
        "via": "via",
        "dev": "dev",
        "src": "src",
        "scope": "scope",
        "tos": "tos",
        "table": "table",
        "protocol": "protocol",
        "expires": "expires_s",
        "realms": "realms",
        "pref": "pref",
        "from": "from_prefix",
        "vrf": "vrf",
        "track_group": "track_group",
    }

    def read(self, node: Node, at: int) -> VirtualRoute:
        from keepalivedpy.config.phrase_fit import ROUTE_MISFITS, fitting
        from keepalivedpy.config.phrases_route import route_line

        fields = route_line(node.words)
        route = fitting(ROUTE_MISFITS, fields, node.words, VirtualRoute)
        for old, successor in OLD_ROUTE_WORDS.items():
            if old in node.words:
                at = node.words.index(old)
                raise AmendedValue(f"{old}, an old word", successor, at, route, "it works")
        return route

    def words(self, value: VirtualRoute) -> list[str]:
        ttl = {True: "enabled", False: "disabled", None: None}[value.ttl_propagate]
        locked = ["lock"] if value.congctl_lock else []
        return [
            *([] if value.kind == "unicast" else [value.kind]),
            "to",
            value.prefix,
            *filter(None, (value.family, value.op)),
            *_options(value, self.options),
            *_written({"metric": value.metric or None, "ttl-propagate": ttl}),
            *_written({"quickack": _bit(value.quickack)}),
            *_written({"fastopen_no_cookie": _bit(value.fastopen_no_cookie)}),
            *_metrics(value),
            *(["features", "ecn"] if value.features_ecn else []),
            *(["congctl", *locked, value.congctl] if value.congctl else []),
            *(["onlink"] if value.onlink else []),
            *(["no_track"] if value.no_track else []),
            *(_encap(value.encap) if value.encap else []),
            *(word for hop in value.nexthops for word in _nexthop(hop)),
        ]


class RuleLine:
    """A line of virtual_rules."""

    n_words = 0
    expected = "[from PREFIX] [to PREFIX] ... table T"
    options: ClassVar = {
        "from": "from_prefix",
        "to": "to_prefix",
        "iif": "iif",
        "oif": "oif",
        "tos": "tos",
        "ipproto": "ipproto",
        "sport": "sport",
        "dport": "dport",
        "uidrange": "uidrange",
        "tunnel-id": "tunnel_id",
        "realms": "realms",
        "protocol": "protocol",
        "preference": "preference",
        "suppress_prefixlength": "suppress_prefixlength",
        "suppress_ifgroup": "suppress_ifgroup",
        "table": "table",
        "goto": "goto",
        "type": "action",
        "track_group": "track_group",
    }

    def read(self, node: Node, at: int) -> VirtualRule:
        from keepalivedpy.config.phrase_fit import RULE_MISFITS, fitting
        from keepalivedpy.config.phrases_rule import rule_line

        fields = rule_line(node.words)
        return fitting(RULE_MISFITS, fields, node.words, VirtualRule)

    def words(self, value: VirtualRule) -> list[str]:
        mask = "" if value.fwmask is None else f"/{value.fwmask}"
        action = value.action
        plain = {"type": None if action == "nop" else action}
        options = {word: field for word, field in self.options.items() if word != "type"}
        return [
            *(["not"] if value.inverted else []),
            *filter(None, (value.family,)),
            *_options(value, options),
            *([] if value.fwmark is None else ["fwmark", f"{value.fwmark}{mask}"]),
            *_written(plain),
            *(["nop"] if action == "nop" else []),
            *(["l3mdev"] if value.l3mdev else []),
            *(["no_track"] if value.no_track else []),
        ]


def _options(value: Any, options: dict[str, str]) -> list[str]:
    """`WORD VALUE` for each field that is written; an address' scope has a default."""
    found = {word: getattr(value, field) for word, field in options.items()}
    if isinstance(value, VirtualAddress) and value.scope == "global":
        found["scope"] = None
    return _written(found)


def _written(found: dict[str, Any]) -> list[str]:
    return [text for word, one in found.items() if one is not None for text in (word, _text(one))]


def _text(value: Any) -> str:
    return f"{value.first}-{value.last}" if isinstance(value, Range) else str(value)


def _bit(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _metrics(route: VirtualRoute) -> Iterator[str]:
    for word, field in ROUTE_METRICS.items():
        if (metric := getattr(route, field)) is not None:
            yield from (word, *(["lock"] if metric.lock else []), str(metric.value))


def _nexthop(hop: Nexthop) -> list[str]:
    found = {"via": hop.via, "dev": hop.dev, "weight": hop.weight, "realms": hop.realms}
    onlink = ["onlink"] if hop.onlink else []
    return ["nexthop", *_written(found), *onlink, *(_encap(hop.encap) if hop.encap else [])]


def _encap(encap: Encap) -> list[str]:
    found = {field: getattr(encap, field) for field in ("id", "dst", "src", "tos", "flags")}
    labels = ["/".join(map(str, encap.labels))] if encap.labels else []
    locator = [encap.locator] if encap.locator else []
    ttl = _written({"ttl": encap.ttl})
    return ["encap", encap.kind, *labels, *locator, *_written(found), *ttl]
