"""What of LVS and DPVS this core carries so far; everything else is refused with its name."""

from collections.abc import Callable, Iterable, Set
from functools import lru_cache

from dpvs_core.control.messages import Code, DestSpec, Forward, ServiceKey, ServiceSpec
from dpvs_core.master import matches
from dpvs_core.master.engine import FwdRow
from dpvs_core.master.errors import Refused

SCHEDULERS = {"rr": 0, "wrr": 1, "wlc": 2}
FORWARDS: dict[Forward, int] = {"fullnat": 0, "masq": 1, "route": 2, "tunnel": 3, "snat": 4}
"""enum core_fwd. Which of them there are, between which families, says the core (FwdRow)."""

KEEP_PORTS = frozenset[Forward]({"route", "tunnel"})
"""Methods that leave the packet's port alone, as LVS does: a dest may name any, none counts."""

Way = tuple[Forward, int, int]
"""A method, the clients' family and the servers'."""

PROTOCOLS = frozenset({"tcp", "udp", "sctp"})
SCHEDULERS_OF_DPVS = frozenset({"conhash", "mh", "fo"})
OUTSIDE_CHECKS = frozenset({"tcp", "udp", "sctp", "ping", "disable"})
"""dest-check words that are only kept for an outside checker (I-050)."""

MAX_WEIGHT = 65535  # I-062
MAX_THRESHOLD = 0xFFFFFFFF

Lack = tuple[str, Callable[[ServiceSpec], bool]]

SERVICE_LACKS: tuple[Lack, ...] = (
    ("persistence", lambda spec: spec.persistent_s > 0),
    ("syn-proxy", lambda spec: spec.synproxy),
    ("quic", lambda spec: spec.quic),
    ("hash-target", lambda spec: spec.hash_target != ""),
    ("proxy-protocol", lambda spec: spec.proxy_protocol != "disable"),
    ("passive dest-check", lambda spec: not OUTSIDE_CHECKS.issuperset(spec.dest_check)),
)


def check_service(key: ServiceKey, spec: ServiceSpec) -> None:
    """Refused if the core cannot do this service: NOTSUPP, for schedulers NOTEXIST as DPVS."""
    if key.match is not None:
        matches.check_service(key, key.match, spec)
    elif key.proto not in PROTOCOLS:
        raise Refused(Code.NOTSUPP, f"{key.proto} services are not carried yet", key.proto)
    elif not 0 < key.port < 65536:
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


def ways(rows: Iterable[FwdRow]) -> frozenset[Way]:
    """The core's rows in words; those of a method without a word are nobody's."""
    words = {number: name for name, number in FORWARDS.items()}
    return frozenset(
        (words[row.fwd], row.client_af, row.server_af) for row in rows if row.fwd in words
    )


def check_forward(there: Set[Way], forward: Forward, client_af: int, server_af: int) -> None:
    """Refused(NOTSUPP) if there is no such way: the method at all, or not between these."""
    if (forward, client_af, server_af) in there:
        return
    between = [f"{client}-{server}" for name, client, server in sorted(there) if name == forward]
    if between:
        message = (
            f"{forward} from IPv{client_af} clients to IPv{server_af} servers is not carried yet"
            f" (clients-servers: {', '.join(between)})"
        )
    else:
        names = {way[0] for way in there}
        known = ", ".join(name for name in FORWARDS if name in names)
        message = f"forwarding method {forward} is not carried yet (there are: {known})"
    raise Refused(Code.NOTSUPP, message, forward)


def check_dest(spec: DestSpec) -> None:
    """Refused for values that make no sense for any dest."""
    if not 0 <= spec.port < 65536:
        raise Refused(Code.INVAL, "a port is 0 (the service's) to 65535", str(spec.port))
    if not 0 <= spec.weight <= MAX_WEIGHT:
        raise Refused(Code.INVAL, f"a weight is 0 to {MAX_WEIGHT}", str(spec.weight))
    lower, upper = spec.lower_threshold, spec.upper_threshold
    if upper > MAX_THRESHOLD:
        raise Refused(Code.INVAL, f"a threshold is at most {MAX_THRESHOLD}", str(upper))
    if not 0 <= lower <= upper:
        if lower < 0 or upper < 0:
            raise Refused(Code.INVAL, "a threshold is negative", spec.addr)
        message = f"the lower threshold is above the upper one, {upper}"
        raise Refused(Code.INVAL, message, str(lower))
