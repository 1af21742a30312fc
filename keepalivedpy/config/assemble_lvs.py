"""virtual_server and the groups: Drafts -> model, with keepalived's own corrections."""

from collections.abc import Mapping
from typing import Any

from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.control.match_text import make_match
from keepalivedpy.config.inherit import own, passed_on
from keepalivedpy.model.lvs import (
    LocalAddressGroup,
    RealServer,
    TcpCheck,
    VirtualServer,
    VirtualServerGroup,
)

SAID_DEFAULTS = {
    "protocol": ("protocol", "UDP"),
    "lb_algo": ("lb_algo", "wlc"),
    "lb_kind": ("lb_kind", "NAT"),
}
"""What keepalived assumes and says so when it is not given."""


def virtual_server(draft: Draft, reader: Reader) -> VirtualServer | None:
    """The service with its servers, or None without any; a wrong server is left out."""
    values = own(draft.values)
    if "real_servers" not in values and "sorry_server" not in values:
        reader.report(
            draft.node,
            "virtual_server without a real server",
            "real_server ADDRESS PORT { ... }",
            "it is ignored",
        )
        return None
    if "match" in values and not _complete_match(draft, values, reader):
        return None
    for field, (keyword, default) in SAID_DEFAULTS.items():
        if field not in values:
            values[field] = default
            reader.report(
                draft.node,
                f"virtual_server without {keyword}",
                keyword,
                f"{default} is used",
                severity="warning",
            )
    server_defaults = passed_on(draft.values, "real_server")
    check_defaults = passed_on(draft.values, "checker")
    values["real_servers"] = tuple(
        _real_server(server, server_defaults, check_defaults, values)
        for server in values.get("real_servers", ())
    )
    if (sorry := values.get("sorry_server")) is not None:
        port = sorry["port"] or values.get("port", 0)
        place = draft.node_of("sorry_server").short_place
        values["sorry_server"] = RealServer(addr=sorry["addr"], port=port, place=place)
    _quorum(draft, values, reader)
    return VirtualServer(**values, place=draft.node.short_place)


def _complete_match(draft: Draft, values: dict[str, Any], reader: Reader) -> bool:
    """Forwarding is SNAT, whatever is written (K-005); a range there must be, of one family."""
    if values.setdefault("lb_kind", "SNAT") != "SNAT":
        reader.report(
            draft.node_of("lb_kind", "lvs_method"),
            f"lb_kind {values['lb_kind']} in virtual_server match",
            "lb_kind SNAT",
            "SNAT is used",
            at=1,
            severity="warning",
        )
        values["lb_kind"] = "SNAT"
    try:
        make_match(values.get("src_range", ""), values.get("dst_range", ""))
    except ValueError:
        reader.report(
            draft.node,
            "virtual_server match without src-range and dst-range, or with two families",
            "src-range RANGE or dst-range RANGE",
            "it is ignored",
        )
        return False
    return True


def _real_server(
    draft: Draft,
    defaults: Mapping[str, Any],
    check_defaults: Mapping[str, Any],
    service: Mapping[str, Any],
) -> RealServer:
    values = {**defaults, **own(draft.values)}
    if not values["port"]:
        values["port"] = service.get("port", 0)
    checks = {**check_defaults, **passed_on(draft.values, "checker")}
    values["checkers"] = tuple(
        TcpCheck(**{**checks, **own(check.values)}) for check in values.get("checkers", ())
    )
    return RealServer(**values, place=draft.node.short_place)


def _quorum(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """quorum at most the sum of the weights, hysteresis below quorum."""
    servers: tuple[RealServer, ...] = values["real_servers"]
    total = sum(server.weight for server in servers)
    quorum, hysteresis = values.get("quorum", 1), values.get("hysteresis", 0)
    if servers and quorum > max(total, 1):
        _lowered(draft, reader, "quorum", quorum, max(total, 1), "the sum of the weights")
        values["quorum"] = quorum = max(total, 1)
    if hysteresis >= quorum and hysteresis > 0:
        _lowered(draft, reader, "hysteresis", hysteresis, quorum - 1, "quorum less one")
        values["hysteresis"] = quorum - 1


def _lowered(draft: Draft, reader: Reader, keyword: str, was: int, now: int, limit: str) -> None:
    reader.report(
        draft.node_of(keyword),
        f"{keyword} {was}",
        f"at most {now}, {limit}",
        f"{now} is used",
        at=1,
        severity="warning",
    )


def virtual_server_group(draft: Draft, reader: Reader) -> VirtualServerGroup | None:
    """The group, or None without entries."""
    name, entries = draft.values["name"], tuple(draft.values["entries"])
    if not entries:
        reader.report(
            draft.node,
            f"virtual_server_group {name} without addresses",
            "ADDRESS PORT lines",
            "it is ignored",
        )
        return None
    return VirtualServerGroup(name=name, entries=entries, place=draft.node.short_place)


def local_address_group(draft: Draft) -> LocalAddressGroup:
    """The group; one without addresses stays, so that services that name it can say so."""
    return LocalAddressGroup(
        name=draft.values["name"],
        addrs=tuple(draft.values["addrs"]),
        place=draft.node.short_place,
    )
