"""Rules across virtual_server, real_server and the groups they name."""

from dpvs_core.config.reader import Reader
from keepalivedpy.config.check_carried import CARRIED_RULES
from keepalivedpy.config.check_groups import GROUP_RULES
from keepalivedpy.config.check_match import unique_matches
from keepalivedpy.config.rule import Places, Rule, one_of_names
from keepalivedpy.lvs.carried import takes_ops
from keepalivedpy.model.checks import BfdCheck, FileCheck
from keepalivedpy.model.lvs import RealServer, VirtualServer
from keepalivedpy.model.root import Root

TRACKING = (BfdCheck, FileCheck)


def one_packet(model: Root, places: Places, reader: Reader) -> None:
    """`ops` means something for datagrams only; of a match keepalived knows nothing."""
    for server in model.virtual_servers:
        if server.ops and not takes_ops(server):
            node = places[server.place].node_of("ops")
            status = 0 if server.protocol == "UDP" else None
            form = "protocol UDP, and no match"
            reader.report(
                node, "ops", form, "it is left out", severity="warning", exit_status=status
            )


def tracked(model: Root, places: Places, reader: Reader) -> None:
    """The BFD session or the file that a check follows."""
    kinds = {
        "BFD_CHECK": ("name", "bfd_instance", {one.name for one in model.bfd_instances}),
        "FILE_CHECK": ("track_file", "track_file", {one.name for one in model.track_files}),
    }
    for server in model.virtual_servers:
        if not any(isinstance(c, TRACKING) for real in server.real_servers for c in real.checkers):
            continue
        for draft in places[server.place].values["real_servers"]:
            for check in draft.values.get("checkers", ()):
                keyword, kind, known = kinds.get(check.block.name, ("", "", set()))
                name = check.values.get(keyword)
                if name is not None and name not in known:
                    form = one_of_names(kind, known)
                    node = check.node_of(keyword)
                    reader.report(node, f"{keyword} {name}", form, "the check is nothing", at=1)


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


LVS_RULES: tuple[Rule, ...] = (
    *CARRIED_RULES,
    one_packet,
    *GROUP_RULES,
    tracked,
    snat_by_match,
    wan_addresses,
    unique_services,
    unique_matches,
    unique_servers,
)
