"""What the core and the checkers can do so far, in the configuration's words.

One place for parser and planner. A value of VALUES that is not in its set makes the core refuse
the service. A feature of FEATURES is left out, with a warning when the file is read: the service
works without it. What `refusal` names is not programmed at all, and checks that are not in CHECKS
are not asked: their server counts as up, as far as its other checks do.
"""

from typing import Any, NamedTuple

import msgspec

from dpvs_core.control.messages import ServiceSpec
from keepalivedpy.model.checks import Checker, TcpCheck
from keepalivedpy.model.lvs import (
    Encapsulation,
    GroupEntry,
    GroupMark,
    RealServer,
    VirtualServer,
    VirtualServerGroup,
)

VALUES = {
    "lb_algo": (("lb_algo", "lvs_sched"), frozenset({"rr", "wrr", "wlc"})),
    "protocol": (("protocol",), frozenset({"TCP", "UDP", "SCTP"})),
}
MATCH_VALUES = VALUES | {
    "protocol": (("protocol",), frozenset({"TCP", "UDP", "SCTP", "ICMP", "ICMPV6"})),
}
"""Field of virtual_server, its keywords, the values; MATCH_VALUES where it is a match. (lb_kind is
not there: the core itself says what it forwards, and between which families.)"""

CHECKS = frozenset({TcpCheck})
MOST_ADDRESSES = 65536
"""Services that one line of a virtual_server_group may make."""


class Feature(NamedTuple):
    keyword: str  # of virtual_server
    field: str  # of model.lvs.VirtualServer
    spec: str  # of ServiceSpec; "": it has no such setting
    off: Any  # its value without the feature
    effect: str = "not carried yet, ignored"


FEATURES = (
    Feature("persistence_timeout", "persistence_timeout_s", "persistent_s", 0),
    Feature("persistence_granularity", "persistence_granularity", "netmask", ""),
    Feature("syn_proxy", "syn_proxy", "synproxy", False),
    Feature("quic", "quic", "quic", False),
    Feature("hash_target", "hash_target", "hash_target", ""),
    Feature("proxy_protocol", "proxy_protocol", "proxy_protocol", "disable"),
    Feature(
        "daddr_group_name",
        "daddr_group_name",
        "",
        None,
        "not carried yet: the clients of the deny_address_group are let in",
    ),
    Feature(
        "waddr_group_name",
        "waddr_group_name",
        "",
        None,
        "not carried yet: clients outside of the allow_address_group are let in",
    ),
)


def takes_ops(vs: VirtualServer) -> bool:
    """Whether each packet of it may be scheduled by itself: elsewhere LVS ignores `ops`."""
    return vs.protocol == "UDP" and vs.match is None


def reduced(spec: ServiceSpec) -> ServiceSpec:
    """The settings without the features that the core would refuse."""
    return msgspec.structs.replace(
        spec, **{feature.spec: feature.off for feature in FEATURES if feature.spec}
    )


def refusal(vs: VirtualServer) -> str:
    """Why nothing of a virtual server is programmed; "" where it is."""
    if vs.fwmark is not None:
        return f"virtual_server fwmark {vs.fwmark}"
    wraps = [real.encapsulation for real in vs.real_servers]
    for wrap in (vs.encapsulation, vs.sorry_server_encapsulation, *wraps):
        if wrap is not None and wrap != Encapsulation():
            return f"lvs_method TUN type {wrap.kind}"
    return ""


def is_carried(entry: GroupEntry | GroupMark) -> bool:
    """Whether a line of a virtual_server_group can be programmed."""
    return isinstance(entry, GroupEntry) and entry.addrs.n <= MOST_ADDRESSES


def carried_group(group: VirtualServerGroup) -> VirtualServerGroup:
    """The group without the lines that cannot be programmed."""
    if all(map(is_carried, group.entries)):
        return group
    return msgspec.structs.replace(group, entries=tuple(filter(is_carried, group.entries)))


def carried_server(vs: VirtualServer) -> VirtualServer:
    """The virtual server without the checks that nobody asks yet."""
    if not any(left_out_checks(real) for real in vs.real_servers):
        return vs
    servers = tuple(
        msgspec.structs.replace(
            real, checkers=tuple(check for check in real.checkers if type(check) in CHECKS)
        )
        for real in vs.real_servers
    )
    return msgspec.structs.replace(vs, real_servers=servers)


def left_out_checks(real: RealServer) -> list[Checker]:
    """The checks of a server that are not asked."""
    return [check for check in real.checkers if type(check) not in CHECKS]
