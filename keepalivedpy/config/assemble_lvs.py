"""virtual_server: Draft -> model, with keepalived's own corrections."""

from collections.abc import Mapping
from socket import inet_aton
from typing import Any

from dpvs_core.config.addresses import family_of
from dpvs_core.config.keywords import Draft
from dpvs_core.config.reader import Reader
from dpvs_core.config.values import whole_number
from dpvs_core.control.match_text import make_match
from keepalivedpy.config.assemble_servers import real_servers, sorry_server
from keepalivedpy.config.inherit import own
from keepalivedpy.model.lvs import (
    GroupEntry,
    GroupMark,
    RealServer,
    VirtualServer,
    VirtualServerGroup,
)

PERSISTENCE_S = 360
WITH_PORTS = frozenset({"TCP", "UDP", "SCTP"})
FLAG_SCHEDULERS = {
    "hashed": ("sh",),
    "sh-fallback": ("sh", "mh"),
    "sh-port": ("sh", "mh"),
    "mh-fallback": ("sh", "mh"),
    "mh-port": ("sh", "mh"),
}
FLAG_OF = {
    "hashed": "hashed",
    "sh-fallback": "flag_1",
    "mh-fallback": "flag_1",
    "sh-port": "flag_2",
    "mh-port": "flag_2",
}
FLAG_FIELDS = frozenset(FLAG_OF.values())
SAID_DEFAULTS = {
    "protocol": ("protocol", "UDP"),
    "lb_algo": ("lb_algo", "wlc"),
    "lb_kind": ("lb_kind", "NAT"),
}
"""What keepalived assumes and says so when it is not given."""


def virtual_server(
    draft: Draft, reader: Reader, groups: Mapping[str, VirtualServerGroup]
) -> VirtualServer | None:
    """The service with its servers, or None without any; a wrong server is left out."""
    if "real_servers" not in draft.values:
        _without_servers(draft, reader)
        return None
    values = own(draft.values)
    if "match" in values and not _complete_match(draft, values, reader):
        return None
    group = groups.get(values.get("group", ""))
    of_marks = group is not None and all(isinstance(one, GroupMark) for one in group.entries)
    _assumed(draft, values, of_marks, reader)
    _scheduler_flags(draft, values, reader)
    servers = real_servers(draft, values, reader)
    if not servers:
        _without_servers(draft, reader)
        return None
    values["real_servers"] = servers
    values["sorry_server"] = sorry_server(draft, values, reader)
    _persistence(draft, values, group, reader)
    _quorum(draft, values, reader)
    return VirtualServer(**values, place=draft.node.short_place)


def _without_servers(draft: Draft, reader: Reader) -> None:
    reader.report(
        draft.node,
        "virtual_server without a real server",
        "real_server ADDRESS PORT { ... }",
        "it is ignored",
    )


def _assumed(draft: Draft, values: dict[str, Any], of_marks: bool, reader: Reader) -> None:
    """What keepalived assumes and says so; the protocol of a firewall mark means nothing."""
    if "fwmark" in values and "protocol" in values:
        _corrected(draft, reader, "protocol", "a service of a firewall mark", "it is ignored")
        del values["protocol"]
    assumed = dict(SAID_DEFAULTS)
    if of_marks or "fwmark" in values:
        del assumed["protocol"]
    for field, (keyword, default) in assumed.items():
        if field in values:
            continue
        values[field] = default
        if field == "lb_kind" and _each_has_a_kind(draft):
            continue  # nobody needs it
        reader.report(
            draft.node,
            f"virtual_server without {keyword}",
            keyword,
            f"{default} is used",
            severity="warning",
        )
    addr = values.get("addr")
    if addr and values.get("ip_family", family_of(addr)) != family_of(addr):
        reader.report(
            draft.node_of("ip_family"),
            f"ip_family {'inet6' if values['ip_family'] == 6 else 'inet'} of {addr}",
            "inet6" if family_of(addr) == 6 else "inet",
            "the line is ignored",
            at=1,
        )
        del values["ip_family"]


def _each_has_a_kind(draft: Draft) -> bool:
    """All servers say themselves how packets reach them."""
    if "sorry_server" in draft.values and "sorry_server_lb_kind" not in draft.values:
        return False
    return all("lb_kind" in server.values for server in draft.values["real_servers"])


def _scheduler_flags(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """Flags of sh and mh with another scheduler are nothing."""
    if FLAG_FIELDS.isdisjoint(values):
        return
    for node in draft.node.children or ():
        schedulers = FLAG_SCHEDULERS.get(node.words[0])
        if schedulers is not None and values["lb_algo"] not in schedulers:
            reader.report(
                node, f"{node.words[0]} with lb_algo {values['lb_algo']}",
                f"lb_algo {' or '.join(schedulers)}", "it is ignored", severity="warning",
            )  # fmt: skip
            values.pop(FLAG_OF[node.words[0]], None)


def _corrected(draft: Draft, reader: Reader, keyword: str, where: str, effect: str) -> None:
    """A correction of keepalived's own, which it reports."""
    node = draft.node_of(keyword)
    reader.report(node, f"{keyword} in {where}", "", effect, severity="warning")


def _persistence(
    draft: Draft, values: dict[str, Any], group: VirtualServerGroup | None, reader: Reader
) -> None:
    """Port 0 is every port, which only a persistent service can have."""
    every_port = values.get("port") == 0 or (
        group is not None
        and any(isinstance(one, GroupEntry) and one.port == 0 for one in group.entries)
    )
    if every_port and values["protocol"] in WITH_PORTS and "persistence_timeout_s" not in values:
        reader.report(
            draft.node, f"virtual_server {values.get('addr') or values['group']} without a port",
            "ADDRESS PORT, or persistence_timeout for all ports",
            f"persistence_timeout {PERSISTENCE_S} is used", severity="warning",
        )  # fmt: skip
        values["persistence_timeout_s"] = PERSISTENCE_S
    mask = values.get("persistence_granularity")
    if mask is not None:
        _granularity(draft, values, str(mask), reader)


def _granularity(draft: Draft, values: dict[str, Any], mask: str, reader: Reader) -> None:
    """IPv6 has a length; of IPv4 keepalived takes any number or mask and says nothing."""
    node = draft.node_of("persistence_granularity")
    length = whole_number(mask)
    if ":" in values.get("addr", ""):
        if length is None or not 1 <= length <= 128:
            form = "a length from 1 to 128"
            reader.report(node, f"granularity {mask} of IPv6", form, "the line is ignored", at=1)
            del values["persistence_granularity"]
    elif length is not None and "addr" in values:
        form = "a netmask such as 255.255.255.0"
        reader.remark(node, f"granularity {mask} of IPv4", form, "it is taken for a mask", at=1)
    elif length is None and not _is_netmask(mask):
        form = "a netmask: ones, then zeros"
        reader.remark(node, f"granularity {mask}", form, "clients are mixed", at=1)


def _is_netmask(mask: str) -> bool:
    free = ~int.from_bytes(inet_aton(mask), "big") & 0xFFFFFFFF
    return free & (free + 1) == 0


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


def _quorum(draft: Draft, values: dict[str, Any], reader: Reader) -> None:
    """quorum at most the sum of the weights, hysteresis below quorum."""
    servers: tuple[RealServer, ...] = values["real_servers"]
    total = sum(server.weight for server in servers)
    quorum, hysteresis = values.get("quorum", 1), values.get("hysteresis", 0)
    if total == 0:
        reader.report(
            draft.node_of("quorum"), f"quorum {quorum} of servers without weight",
            "a weight", "the quorum is never there", severity="warning",
        )  # fmt: skip
    elif quorum > total:
        _lowered(draft, reader, "quorum", quorum, total, "the sum of the weights")
        values["quorum"] = quorum = total
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
