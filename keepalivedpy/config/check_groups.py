"""Rules about the groups that services name, and about local addresses."""

from dpvs_core.config.addresses import family_of, masked, split_prefix
from dpvs_core.config.reader import Reader
from keepalivedpy.config.rule import Places, Rule, one_of_names
from keepalivedpy.lvs.floating import follow
from keepalivedpy.model.lvs import VirtualServer
from keepalivedpy.model.root import Root


def groups_exist(model: Root, places: Places, reader: Reader) -> None:
    """The virtual_server_group that a service names; keepalived says nothing."""
    known = {group.name for group in model.virtual_server_groups}
    for server in model.virtual_servers:
        if server.group is not None and server.group not in known:
            reader.remark(
                places[server.place].node,
                f"virtual_server group {server.group}",
                one_of_names("virtual_server_group", known),
                "the service has no address",
                at=2,
            )


def client_groups_exist(model: Root, places: Places, reader: Reader) -> None:
    """The groups of clients that a service names."""
    known = {
        "daddr_group_name": ("deny_address_group", model.deny_address_groups),
        "waddr_group_name": ("allow_address_group", model.allow_address_groups),
    }
    for keyword, (kind, groups) in known.items():
        names = {group.name for group in groups}
        for server in model.virtual_servers:
            name = getattr(server, keyword)
            if name is not None and name not in names:
                node = places[server.place].node_of(keyword)
                effect = "it has no effect"
                reader.remark(node, f"{keyword} {name}", one_of_names(kind, names), effect, at=1)


def unique_groups(model: Root, places: Places, reader: Reader) -> None:
    """Groups of one kind and name; keepalived takes them without a word."""
    first: dict[tuple[str, str], str] = {}
    for kind, groups in (
        ("virtual_server_group", model.virtual_server_groups),
        ("local_address_group", model.local_address_groups),
        ("deny_address_group", model.deny_address_groups),
        ("allow_address_group", model.allow_address_groups),
        ("tunnel_group", model.tunnel_groups),
    ):
        for group in groups:
            place = first.setdefault((kind, group.name), group.place)
            if place != group.place:
                found = f"{kind} {group.name} a second time (first: {place})"
                node = places[group.place].node
                reader.remark(node, found, "another name", "their lines are joined", at=1)


def local_routes(model: Root, places: Places, reader: Reader) -> None:
    """Where the file gives a device addresses or routes, they should reach its local addresses."""
    of_device: dict[str, list[tuple[str, int]]] = {}
    for address in model.static_ipaddress:
        if address.dev is not None:
            of_device.setdefault(address.dev, []).append((address.addr, address.prefixlen))
    for route in model.static_routes:
        split = split_prefix(route.prefix)
        if route.dev is not None and split is not None:
            of_device.setdefault(route.dev, []).append(split)
    for group in model.local_address_groups:
        for line in group.addrs:
            reach = of_device.get(line.dev)
            if reach is not None and not any(_covers(one, line.addrs.first) for one in reach):
                reader.remark(
                    places[group.place].node,
                    f"local address {line.addrs.first} outside of all addresses and routes"
                    f" of {line.dev}",
                    f"static_ipaddress {{ ADDRESS/LENGTH dev {line.dev} }} with a network that"
                    " has it, or a line of static_routes",
                    "servers may not find the way back to it",
                    at=1,
                )


def _covers(network: tuple[str, int], address: str) -> bool:
    if family_of(network[0]) != family_of(address):
        return False
    return masked(network[0], network[1]) == masked(address, network[1])


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
                    f"laddr_group_name: {one_of_names('local_address_group', sizes)}",
                    "the service has no local address",
                )
        elif not sizes.get(name):
            reader.report(
                places[server.place].node_of("laddr_group_name"),
                f"laddr_group_name {name}" + (", which is empty" if name in sizes else ""),
                one_of_names("local_address_group", (n for n, size in sizes.items() if size)),
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


def _uses_fnat(server: VirtualServer) -> bool:
    return any((real.lb_kind or server.lb_kind) == "FNAT" for real in server.real_servers)


GROUP_RULES: tuple[Rule, ...] = (
    groups_exist,
    client_groups_exist,
    unique_groups,
    local_addresses,
    one_instance,
    local_routes,
)
