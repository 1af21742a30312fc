"""Rules across virtual_server, real_server and the groups they name."""

from collections.abc import Callable, Iterable, Mapping

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from keepalivedpy.config.check_match import unique_matches
from keepalivedpy.lvs.carried import FEATURES, MATCH_VALUES, VALUES, takes_ops
from keepalivedpy.lvs.floating import follow
from keepalivedpy.model.lvs import RealServer, VirtualServer
from keepalivedpy.model.root import Root

Places = Mapping[str, Draft]


def carried(model: Root, places: Places, reader: Reader) -> None:
    """A value that the core refuses, or a feature that it leaves out, is said once."""
    for server in model.virtual_servers:
        block = places[server.place]
        for field, (keywords, values) in (VALUES if server.match is None else MATCH_VALUES).items():
            value = getattr(server, field)
            if value not in values:
                node = block.node_of(*keywords)
                reader.not_carried_text(node, f"{keywords[0]} {value}", at=min(1, len(node.words)))
        for feature in FEATURES:
            if getattr(server, feature.field) != feature.off:
                reader.not_carried_text(block.node_of(feature.keyword), feature.keyword)


def one_packet(model: Root, places: Places, reader: Reader) -> None:
    """`ops` means something for datagrams only."""
    for server in model.virtual_servers:
        if server.ops and not takes_ops(server):
            node = places[server.place].node_of("ops")
            reader.remark(node, "ops", "protocol UDP, and no match", "it is left out")


def groups_exist(model: Root, places: Places, reader: Reader) -> None:
    """The virtual_server_group that a service names; keepalived says nothing."""
    known = {group.name for group in model.virtual_server_groups}
    for server in model.virtual_servers:
        if server.group is not None and server.group not in known:
            reader.remark(
                places[server.place].node,
                f"virtual_server group {server.group}",
                _one_of("virtual_server_group", known),
                "the service has no address",
                at=2,
            )


def local_addresses(model: Root, places: Places, reader: Reader) -> None:
    """FNAT needs local addresses, from a group that exists and is not empty."""
    sizes = {group.name: len(group.addrs) for group in model.local_address_groups}
    for server in model.virtual_servers:
        name = server.laddr_group_name
        if name is None:
            if _uses_fnat(server):
                reader.report(
                    places[server.place].node,
                    "lb_kind FNAT without laddr_group_name",
                    f"laddr_group_name: {_one_of('local_address_group', sizes)}",
                    "the service has no local address",
                )
        elif not sizes.get(name):
            reader.report(
                places[server.place].node_of("laddr_group_name"),
                f"laddr_group_name {name}" + (", which is empty" if name in sizes else ""),
                _one_of("local_address_group", (n for n, size in sizes.items() if size)),
                "the service has no local address",
                at=1,
            )


def one_instance(model: Root, places: Places, reader: Reader) -> None:
    """A local address goes with one vrrp_instance: where it cannot, two nodes may answer for it."""
    groups = {group.name: group for group in reversed(model.local_address_groups)}
    for contested in follow(model).contested:
        node = places[groups[contested.group].place].node
        expected = "one group for each vrrp_instance"
        reader.remark(node, contested.found, expected, contested.effect, at=1)


def snat_by_match(model: Root, places: Places, reader: Reader) -> None:
    """SNAT is for what goes out: packets that a match takes, not an address."""
    for server in model.virtual_servers:
        if server.match is None and any(
            (real.lb_kind or server.lb_kind) == "SNAT" for real in server.real_servers
        ):
            reader.report(
                places[server.place].node_of("lb_kind", "lvs_method"),
                "lb_kind SNAT in a service with an address",
                "virtual_server match NAME",
                "dpvs refuses its servers",
            )


def wan_addresses(model: Root, places: Places, reader: Reader) -> None:
    """A real_server of a match is a WAN address, whose ports connections take."""
    for server in model.virtual_servers:
        drafts = places[server.place].values["real_servers"] if server.match is not None else ()
        for real, draft in zip(server.real_servers, drafts, strict=False):
            if real.port:
                reader.report(
                    draft.node,
                    f"real_server {real.addr} {real.port} in virtual_server match",
                    f"real_server {real.addr} 0",
                    "dpvs refuses it",
                    at=2,
                )


def unique_services(model: Root, places: Places, reader: Reader) -> None:
    """Address, port and protocol name a service; keepalived lets the last one win silently."""
    first: dict[tuple[object, ...], VirtualServer] = {}
    for server in model.virtual_servers:
        key = (server.protocol, server.addr, server.port, server.group, server.match)
        other = first.setdefault(key, server)
        if other is not server:
            what = " ".join(places[server.place].node.words[1:3])
            reader.remark(
                places[server.place].node,
                f"virtual_server {what} {server.protocol} a second time (first: {other.place})",
                "one block for each service",
                at=1,
            )


def unique_servers(model: Root, places: Places, reader: Reader) -> None:
    """A real server once in a service."""
    for server in model.virtual_servers:
        first: dict[tuple[str, int], RealServer] = {}
        for real in server.real_servers:
            other = first.setdefault((real.addr, real.port), real)
            if other is not real:
                drafts = places[server.place].values["real_servers"]
                node = next(d.node for d in drafts if d.node.short_place == real.place)
                reader.report(
                    node,
                    f"real_server {real.addr} {real.port} a second time (first: {other.place})",
                    "another address or port",
                    at=1,
                )


def _uses_fnat(server: VirtualServer) -> bool:
    return any((real.lb_kind or server.lb_kind) == "FNAT" for real in server.real_servers)


def _one_of(kind: str, names: Iterable[str]) -> str:
    known = sorted(names)
    return f"a {kind} (there is {', '.join(known[:5])})" if known else f"a {kind}"


LVS_RULES: tuple[Callable[[Root, Places, Reader], None], ...] = (
    carried,
    one_packet,
    groups_exist,
    local_addresses,
    one_instance,
    snat_by_match,
    wan_addresses,
    unique_services,
    unique_matches,
    unique_servers,
)
