"""real_server and sorry_server: Drafts -> model, with keepalived's own corrections."""

from collections.abc import Mapping
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from keepalivedpy.config.assemble_checks import checks
from keepalivedpy.config.inherit import own, passed_on
from keepalivedpy.model.lvs import RealServer

ACROSS_FAMILIES = frozenset({"TUN", "FNAT"})
"""Forwarding whose servers may be of the other family; FNAT translates (NAT64)."""
SAME_PORT = frozenset({"DR", "TUN"})
"""Forwarding that leaves the packet as it is, so that the server's port is the service's."""
LOOP_US = 60_000_000


def real_servers(
    draft: Draft, service: Mapping[str, Any], reader: Reader
) -> tuple[RealServer, ...]:
    """The servers of a service whose own values are `service`; wrong ones are left out."""
    defaults = passed_on(draft.values, "real_server")
    check_defaults = passed_on(draft.values, "checker")
    return tuple(
        _real_server(server, defaults, check_defaults, service, reader)
        for server in draft.values.get("real_servers", ())
        if _fits(server, service, reader)
    )


def _real_server(
    draft: Draft,
    defaults: Mapping[str, Any],
    check_defaults: Mapping[str, Any],
    service: Mapping[str, Any],
    reader: Reader,
) -> RealServer:
    values = {**defaults, **own(draft.values)}
    values["port"] = _port(draft, values, service, reader)
    if "checkers" in values:
        outer = {**check_defaults, **passed_on(draft.values, "checker")}
        loop_us = outer.get("delay_loop_us", service.get("delay_loop_us", LOOP_US))
        values["checkers"] = tuple(
            checks(values["checkers"], outer, values["addr"], loop_us, reader)
        )
    return RealServer(**values, place=draft.node.short_place)


def _port(
    draft: Draft, values: Mapping[str, Any], service: Mapping[str, Any], reader: Reader
) -> int:
    """The service's port where there is none, or where forwarding cannot change it."""
    port: int = values["port"]
    wanted: int = service.get("port", 0)
    if port == 0:
        return wanted
    if values.get("lb_kind", service["lb_kind"]) not in SAME_PORT or port == wanted:
        return port
    if "addr" not in service and "fwmark" not in service:
        return port
    reader.report(
        draft.node,
        f"real_server {values['addr']} {port} behind port {wanted}"
        if "addr" in service
        else f"real_server {values['addr']} {port} behind a firewall mark",
        f"port {wanted}, which {values.get('lb_kind', service['lb_kind'])} cannot change",
        f"{wanted} is used",
        at=2,
        severity="warning",
    )
    return wanted


def _fits(draft: Draft, service: Mapping[str, Any], reader: Reader) -> bool:
    """Whether the server is of the service's family, or the forwarding crosses families."""
    addr = service.get("addr")
    kind = draft.values.get("lb_kind", service["lb_kind"])
    if addr is None or kind in ACROSS_FAMILIES:
        return True
    if family_of(draft.values["addr"]) == family_of(addr):
        return True
    reader.report(
        draft.node,
        f"real_server {draft.values['addr']} of another family than {addr}",
        f"an IPv{family_of(addr)} address, or lb_kind FNAT or TUN",
        "the real_server is ignored",
        at=1,
    )
    return False


def sorry_server(draft: Draft, service: dict[str, Any], reader: Reader) -> RealServer | None:
    """The server that stands in, with its own keywords taken out of `service`."""
    settings = {
        "inhibit_on_failure": service.pop("sorry_server_inhibit", False),
        "lb_kind": service.pop("sorry_server_lb_kind", None),
        "encapsulation": service.pop("sorry_server_encapsulation", None),
    }
    values = service.get("sorry_server")
    if values is None:
        for keyword in ("sorry_server_inhibit", "sorry_server_lvs_method"):
            if settings["inhibit_on_failure" if keyword.endswith("inhibit") else "lb_kind"]:
                node = draft.node_of(keyword)
                reader.report(node, f"{keyword} without sorry_server", "", "it is ignored")
        return None
    addr, node = values["addr"], draft.node_of("sorry_server")
    family = family_of(service.get("addr") or addr)
    kind = settings["lb_kind"] or service["lb_kind"]
    if family_of(addr) != family and kind not in ACROSS_FAMILIES:
        form = f"an IPv{family} address"
        reader.report(node, f"sorry_server {addr} of another family", form, "it is ignored", at=1)
        return None
    port = values["port"] or service.get("port", 0)
    if kind in SAME_PORT and "addr" in service and port != service["port"]:
        reader.report(
            node, f"sorry_server {addr} {port} behind port {service['port']}",
            f"port {service['port']}", f"{service['port']} is used", at=2, severity="warning",
        )  # fmt: skip
        port = service["port"]
    for server in service["real_servers"]:
        same = (server.addr, server.port) == (addr, port)
        if same and server.inhibit_on_failure != settings["inhibit_on_failure"]:
            reader.report(
                node, f"sorry_server {addr} {port}, which is a real_server with another inhibit",
                "the same for both", "that of the real_server is used", severity="warning",
            )  # fmt: skip
            settings["inhibit_on_failure"] = server.inhibit_on_failure
    return RealServer(addr=addr, port=port, place=node.short_place, **settings)
