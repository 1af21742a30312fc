"""What of LVS and DPVS this core carries so far; everything else is refused with its name."""

from collections.abc import Callable
from functools import lru_cache

from dpvs_core.control.messages import Code, DestSpec, ServiceKey, ServiceSpec
from dpvs_core.master.errors import Refused

SCHEDULERS = {"rr": 0, "wrr": 1, "wlc": 2}
FORWARDS = {"fullnat": 0}
PROTOCOLS = frozenset({"tcp", "udp"})
SCHEDULERS_OF_DPVS = frozenset({"conhash", "mh", "fo"})
OUTSIDE_CHECKS = frozenset({"tcp", "udp", "sctp", "ping", "disable"})
"""dest-check words that are only kept for an outside checker (I-050)."""

MAX_WEIGHT = 65535  # I-062

Lack = tuple[str, Callable[[ServiceSpec], bool]]

SERVICE_LACKS: tuple[Lack, ...] = (
    ("one-packet scheduling", lambda spec: spec.ops),
    ("persistence", lambda spec: spec.persistent_s > 0),
    ("syn-proxy", lambda spec: spec.synproxy),
    ("quic", lambda spec: spec.quic),
    ("hash-target", lambda spec: spec.hash_target != ""),
    ("proxy-protocol", lambda spec: spec.proxy_protocol != "disable"),
    ("passive dest-check", lambda spec: not OUTSIDE_CHECKS.issuperset(spec.dest_check)),
)


def check_service(key: ServiceKey, spec: ServiceSpec) -> None:
    """Refused if the core cannot do this service: NOTSUPP, for schedulers NOTEXIST as DPVS."""
    if key.proto not in PROTOCOLS:
        raise Refused(Code.NOTSUPP, f"{key.proto} services are not carried yet", key.proto)
    if not 0 < key.port < 65536:
        raise Refused(Code.INVAL, "a service needs a port from 1 to 65535", str(key.port))
    if spec.scheduler not in SCHEDULERS:
        yet = "is not carried yet" if spec.scheduler in SCHEDULERS_OF_DPVS else "does not exist"
        known = ", ".join(SCHEDULERS)
        message = f"scheduler {spec.scheduler} {yet} (there are: {known})"
        raise Refused(Code.NOTEXIST, message, spec.scheduler)
    if spec.ops and key.proto != "udp":
        raise Refused(Code.INVAL, "one-packet scheduling is only for UDP services", key.proto)
    if spec.conn_timeout_s < 0:
        raise Refused(Code.INVAL, "conn-timeout is negative", str(spec.conn_timeout_s))
    lack = _first_lack(spec)
    if lack:
        raise Refused(Code.NOTSUPP, f"{lack} is not carried yet", lack)


@lru_cache
def _first_lack(spec: ServiceSpec) -> str:
    """What it asks for that is not carried; empty: nothing. Services have few different specs."""
    return next((name for name, wanted in SERVICE_LACKS if wanted(spec)), "")


def check_dest(spec: DestSpec) -> None:
    """Refused if the core cannot do this dest."""
    if spec.forward not in FORWARDS:
        message = f"forwarding method {spec.forward} is not carried yet, only fullnat (-b)"
        raise Refused(Code.NOTSUPP, message, spec.forward)
    if not 0 <= spec.port < 65536:
        raise Refused(Code.INVAL, "a port is 0 (the service's) to 65535", str(spec.port))
    if not 0 <= spec.weight <= MAX_WEIGHT:
        raise Refused(Code.INVAL, f"a weight is 0 to {MAX_WEIGHT}", str(spec.weight))
    lower, upper = spec.lower_threshold, spec.upper_threshold
    if not 0 <= lower <= upper:
        if lower < 0 or upper < 0:
            raise Refused(Code.INVAL, "a threshold is negative", spec.addr)
        message = f"the lower threshold is above the upper one, {upper}"
        raise Refused(Code.INVAL, message, str(lower))
