"""Services by match (SNAT): what the core can take, and the layout it takes them in. Pure.

A match's devices are named by requests and numbered for the core; there is no other difference
between struct core_match and what names the service. The dests are WAN addresses, which need no
more than to be addresses: they give ports as long as a dest names them (state.wan_uses).
"""

from collections.abc import Callable

from dpvs_core.control.match_text import make_match, split_range
from dpvs_core.control.messages import Code, DestSpec, ServiceKey, ServiceMatch, ServiceSpec
from dpvs_core.control.names import service_text
from dpvs_core.master.errors import Refused
from dpvs_core.master.layouts import ANY_DEV, MATCH
from dpvs_core.master.state import MatchKey

Range = tuple[bytes, bytes, int, int]
ANY_RANGE: Range = (b"", b"", 0, 0)
PROTOCOLS = {
    4: ("tcp", "udp", "sctp", "icmp", "any"),
    6: ("tcp", "udp", "sctp", "icmpv6", "any"),
}
WITHOUT_PORTS = ("icmp", "icmpv6")


def match_key(proto: int, match: ServiceMatch) -> MatchKey:
    """Of a match in any spelling; Refused if it is none."""
    try:
        ranges = match.src_range, match.dst_range
        return MatchKey(proto, make_match(*ranges, match.iif, match.oif, match.af))
    except ValueError as error:
        raise Refused(Code.INVAL, f"not a match: {error}", " ".join(ranges).strip()) from None


def check_service(key: ServiceKey, match: ServiceMatch, spec: ServiceSpec) -> None:
    """Refused if no packet could be taken by it, or the core cannot."""
    if key.proto not in PROTOCOLS[match.af]:
        known = ", ".join(PROTOCOLS[match.af])
        message = f"IPv{match.af} matches of {key.proto} are not carried (there are: {known})"
        raise Refused(Code.NOTSUPP, message, key.proto)
    for text in (match.src_range, match.dst_range):
        if key.proto in WITHOUT_PORTS and _range(text)[3]:
            raise Refused(Code.INVAL, f"{key.proto} has no ports: leave them out", text)
    if spec.ops:
        message = "one-packet scheduling is not for match services: answers need the connection"
        raise Refused(Code.NOTSUPP, message, service_text(key))


def check_dest(is_match: bool, spec: DestSpec) -> None:
    """SNAT is what match services do, and all that they do."""
    if is_match and spec.forward != "snat":
        message = f"a match service forwards by snat (-J, lb_kind SNAT), not {spec.forward}"
        raise Refused(Code.INVAL, message, spec.addr)
    if is_match and spec.port:
        message = "the port of a WAN address is 0: each connection gets one of its ports"
        raise Refused(Code.INVAL, message, str(spec.port))
    if not is_match and spec.forward == "snat":
        message = "snat is for match services (ipvsadm -H, virtual_server match)"
        raise Refused(Code.INVAL, message, spec.addr)


def pack(key: MatchKey, device: Callable[[str], int]) -> bytes:
    """struct core_match; `device` gives a name's number or raises Refused."""
    match = key.match
    iif, oif = (device(name) if name else ANY_DEV for name in (match.iif, match.oif))
    src, dst = _range(match.src_range), _range(match.dst_range)
    return MATCH.pack(match.af, key.proto, iif, oif, *src, *dst)


def _range(text: str) -> Range:
    """First and last address, first and last port, of a MatchKey's range."""
    return split_range(text)[1:] if text else ANY_RANGE
