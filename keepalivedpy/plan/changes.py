"""Two configurations -> what differs, object by object, and what that does to traffic.

Pure. Objects are recognised as a reload recognises them: instances by name, virtual servers by
address, port and protocol, real servers by address and port. Which difference disrupts is a table
of fields; places, notes for messages only, are no difference.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from keepalivedpy.lvs.names import blocks, vs_name
from keepalivedpy.model.root import Root

Verb = Literal["add", "change", "remove"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A field that differs; `disrupts` says what traffic notices, "" when nothing."""

    field: str
    old: Any = None
    new: Any = None
    disrupts: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one object.

    what          its kind and name as the file has it ("vrrp_instance VI_1")
    inside        the same for the objects in it (a virtual server's real servers)
    """

    verb: Verb
    what: str
    disrupts: str = ""
    differences: tuple[Difference, ...] = ()
    inside: "tuple[Change, ...]" = ()

    @property
    def is_disruptive(self) -> bool:
        """Whether traffic notices it, or anything in it."""
        return (
            bool(self.disrupts)
            or any(one.disrupts for one in self.differences)
            or any(one.is_disruptive for one in self.inside)
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: how it is named, what of it disrupts, and what it contains.

    removed   what traffic notices when one goes
    fields    field -> what traffic notices when it changes
    lists     fields that are lists: what traffic notices when something goes from them; what only
              comes never disrupts
    inside    field -> (kind, key of its elements) of objects of their own
    """

    removed: str
    fields: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    inside: "Mapping[str, tuple[Kind, Callable[[Any], str]]]" = field(default_factory=dict)


CUT = "connections to it end at their next packet"
PARTNER = "the partner must have the same, until then both are MASTER"
ANEW = "the instance starts anew: its addresses go and come back"

REAL_SERVER = Kind(removed=CUT, fields={"lb_kind": CUT})
VIRTUAL_SERVER = Kind(
    removed="nobody serves it any more; connections end at their next packet",
    fields={
        "lb_kind": "all its connections end at their next packet",
        "laddr_group_name": "connections over the old local addresses end",
    },
    inside={"real_servers": (REAL_SERVER, lambda rs: f"real_server {rs.addr} {rs.port}")},
)
VRRP_INSTANCE = Kind(
    removed="its addresses go",
    fields={
        "interface": ANEW,
        "dpdk_interface": ANEW,
        "virtual_router_id": ANEW,
        "version": ANEW,
        "priority": "another director may become MASTER",
        "advert_int_us": PARTNER,
        "authentication": PARTNER,
        "mcast_src_ip": "the partner may not take adverts from the new address",
    },
    lists={
        "virtual_ipaddress": "clients of an address that goes lose it",
        "virtual_ipaddress_excluded": "clients of an address that goes lose it",
        "virtual_routes": "packets lose a route that goes",
        "unicast_peer": "a peer that goes hears no adverts, it becomes MASTER",
    },
)
SYNC_GROUP = Kind(removed="")
ADDRESS_GROUP = Kind(removed="", lists={"addrs": "connections over a local address that goes end"})
SERVICE_GROUP = Kind(removed="", lists={"entries": "nobody serves an address that goes"})
GLOBAL_DEFS = Kind(removed="")
STATIC = "packets lose an address or route that goes"


def changes(old: Root, new: Root) -> list[Change]:
    """What a reload from `old` to `new` does, in the order of the file; nothing when equal."""
    found = list(_differing("global_defs", GLOBAL_DEFS, old.global_defs, new.global_defs))
    for name, kind, key in SECTIONS:
        found += _objects(kind, _keyed(getattr(old, name), key), _keyed(getattr(new, name), key))
    found += _objects(VIRTUAL_SERVER, _services(old), _services(new))
    for name in ("static_ipaddress", "static_routes"):
        lists = {name: STATIC}
        found += _differing(name, Kind(removed="", lists=lists), old, new, fields=(name,))
    return found


SECRET = {"authentication", "auth_hmac"}
HIDDEN = "***"

SECTIONS: tuple[tuple[str, Kind, Callable[[Any], str]], ...] = (
    ("vrrp_sync_groups", SYNC_GROUP, lambda group: f"vrrp_sync_group {group.name}"),
    ("vrrp_instances", VRRP_INSTANCE, lambda instance: f"vrrp_instance {instance.name}"),
    ("local_address_groups", ADDRESS_GROUP, lambda group: f"local_address_group {group.name}"),
    ("virtual_server_groups", SERVICE_GROUP, lambda group: f"virtual_server_group {group.name}"),
)


def _keyed(models: Iterable[Any], key: Callable[[Any], str]) -> dict[str, Any]:
    """By name; of several with one name the last."""
    return {key(model): model for model in models}


def _services(root: Root) -> dict[str, Any]:
    return {
        f"virtual_server {vs_name(vs)}" + (f" (block {id_.nth + 1})" if id_.nth else ""): vs
        for id_, vs in blocks(root.virtual_servers).items()
    }


def _objects(kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for what, model in new.items():
        if what not in old:
            yield Change(verb="add", what=what)
        else:
            yield from _differing(what, kind, old[what], model)
    for what in old:
        if what not in new:
            yield Change(verb="remove", what=what, disrupts=kind.removed)


def _differing(
    what: str, kind: Kind, old: Any, new: Any, fields: tuple[str, ...] = ()
) -> Iterator[Change]:
    """One change, or none where the two are equal."""
    if old == new:
        return
    differences: list[Difference] = []
    inside: list[Change] = []
    for name in fields or type(old).__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if name == "place" or _same(before, after):
            continue
        if name in kind.inside:
            inner, key = kind.inside[name]
            inside += _objects(inner, _keyed(before, key), _keyed(after, key))
        elif name in kind.lists:
            goes = [one for one in before if one not in after]
            why = kind.lists[name] if goes else ""
            differences.append(Difference(field=name, old=before, new=after, disrupts=why))
        else:
            why = kind.fields.get(name, "")
            if name in SECRET:
                before, after = (HIDDEN if one else None for one in (before, after))
            differences.append(Difference(field=name, old=before, new=after, disrupts=why))
    if differences or inside:
        yield Change(verb="change", what=what, differences=tuple(differences), inside=tuple(inside))


def _same(old: Any, new: Any) -> bool:
    """Equal but for the places in them."""
    return bool(old == new) or bool(_without_places(old) == _without_places(new))


def _without_places(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_without_places(one) for one in value)
    if isinstance(value, msgspec.Struct):
        return tuple(
            (name, _without_places(getattr(value, name)))
            for name in value.__struct_fields__
            if name != "place"
        )
    return value
