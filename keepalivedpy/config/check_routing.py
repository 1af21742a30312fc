"""Rules about address, route and rule lines: what is not carried, and what they name."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.tree import Node
from keepalivedpy.config.rule import Places, Rule, one_of_names
from keepalivedpy.model.root import Root
from keepalivedpy.model.routing import VirtualAddress, VirtualRoute, VirtualRule
from keepalivedpy.model.vrrp import UnicastPeer
from keepalivedpy.vrrp.carried import left_out, needed

Item = VirtualAddress | VirtualRoute | VirtualRule | UnicastPeer
OF_INSTANCE = (
    "virtual_ipaddress",
    "virtual_ipaddress_excluded",
    "virtual_routes",
    "virtual_rules",
    "unicast_peer",
)
OUTSIDE = ("static_ipaddress", "static_routes", "static_rules")
FIRST_PREFERENCE = 16384


class Found(NamedTuple):
    """Items of one block, and where they stand."""

    keyword: str
    items: Iterable[Item]
    draft: Draft


def lines_carried(model: Root, places: Places, reader: Reader) -> None:
    """What a line says that nothing does yet: one warning a word and block."""
    for found in _all(model, places):
        for item in found.items:
            if isinstance(item, VirtualRule):
                continue
            for word in left_out(item):
                node, at = _word(found, word)
                reader.not_carried_text(node, f"{word} in {found.keyword}", at=at)
            for word in needed(item) if isinstance(item, VirtualRoute) else ():
                node, at = _word(found, word.removeprefix("type "))
                text = f"a route with {word} in {found.keyword}"
                reader.not_carried_text(node, text, at=at)


def rules_numbered(model: Root, places: Places, reader: Reader) -> None:
    """A rule without a preference gets one."""
    for found in _all(model, places):
        for item in found.items:
            if isinstance(item, VirtualRule) and item.preference is None:
                reader.report(
                    _word(found, "")[0],
                    f"a rule without preference in {found.keyword}",
                    "preference N",
                    f"{FIRST_PREFERENCE} or the next one below is used",
                    severity="warning",
                )


def routes_plain(model: Root, places: Places, reader: Reader) -> None:
    """What upstream says of routes: expires is for IPv6."""
    for found in _all(model, places):
        for route in found.items:
            if isinstance(route, VirtualRoute) and route.expires_s and ":" not in route.prefix:
                node, at = _word(found, "expires")
                effect = "it has no effect"
                reader.report(
                    node, "expires of an IPv4 route", "IPv6", effect, at=at, severity="warning"
                )


def groups_there(model: Root, places: Places, reader: Reader) -> None:
    """The track_group that a static item names, and the instances that it names."""
    known = {group.name for group in model.track_groups}
    instances = {instance.name for instance in model.vrrp_instances}
    for found in _all(model, places):
        for item in found.items:
            group = None if isinstance(item, UnicastPeer) else item.track_group
            if group is not None and group not in known:
                node, at = _word(found, group)
                expected = one_of_names("track_group", known)
                reader.report(node, f"track_group {group}", expected, "it is ignored", at=at)
    for track in model.track_groups:
        for name in track.group:
            if name not in instances:
                reader.remark(
                    places[track.place].node_of("group"),
                    f"instance {name} in track_group {track.name}",
                    one_of_names("vrrp_instance", instances),
                    "it is ignored",
                )


def _all(model: Root, places: Places) -> Iterator[Found]:
    for instance in model.vrrp_instances:
        for keyword in OF_INSTANCE:
            if items := getattr(instance, keyword):
                yield Found(keyword, items, places[instance.place])
    for keyword in OUTSIDE:
        if items := getattr(model, keyword):
            yield Found(keyword, items, places[""])


def _word(found: Found, word: str) -> tuple[Node, int]:
    """Where a word stands in a block; the block's keyword where it does not."""
    block = found.draft.node_of(found.keyword)
    for line in block.children or ():
        if word in line.words:
            return line, line.words.index(word)
    return block, 0


ROUTING_RULES: tuple[Rule, ...] = (
    lines_carried,
    rules_numbered,
    routes_plain,
    groups_there,
)
