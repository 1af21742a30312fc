"""What the core can do so far, in the configuration's words; one table for parser and planner.

A value of VALUES that is not in its set makes the core refuse the service. A feature of FEATURES
is left out, with a warning when the file is read: the service works without it.
"""

from typing import Any, NamedTuple

import msgspec

from dpvs_core.control.messages import ServiceSpec
from keepalivedpy.model.lvs import VirtualServer

VALUES = {
    "lb_algo": (("lb_algo", "lvs_sched"), frozenset({"rr", "wrr", "wlc"})),
    "protocol": (("protocol",), frozenset({"TCP", "UDP", "SCTP"})),
}
MATCH_VALUES = VALUES | {
    "protocol": (("protocol",), frozenset({"TCP", "UDP", "SCTP", "ICMP", "ICMPV6"})),
}
"""Field of virtual_server, its keywords, the values; MATCH_VALUES where it is a match. (lb_kind is
not there: the core itself says what it forwards, and between which families.)"""


class Feature(NamedTuple):
    keyword: str  # of virtual_server
    field: str  # of model.lvs.VirtualServer
    spec: str  # of ServiceSpec
    off: Any  # its value without the feature


FEATURES = (
    Feature("persistence_timeout", "persistence_timeout_s", "persistent_s", 0),
    Feature("persistence_granularity", "persistence_granularity", "netmask", ""),
    Feature("syn_proxy", "syn_proxy", "synproxy", False),
    Feature("quic", "quic", "quic", False),
    Feature("hash_target", "hash_target", "hash_target", ""),
    Feature("proxy_protocol", "proxy_protocol", "proxy_protocol", "disable"),
)


def takes_ops(vs: VirtualServer) -> bool:
    """Whether each packet of it may be scheduled by itself: elsewhere LVS ignores `ops`."""
    return vs.protocol == "UDP" and vs.match is None


def reduced(spec: ServiceSpec) -> ServiceSpec:
    """The settings without the features that the core would refuse."""
    return msgspec.structs.replace(spec, **{feature.spec: feature.off for feature in FEATURES})
