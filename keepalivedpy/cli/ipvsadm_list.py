"""ipvsadm's listings, column by column (I-070..I-078). Pure: rows of the core in, lines out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from dpvs_core.control.match_text import match_title
from dpvs_core.control.messages import DestRow, Forward, ServiceKey, ServiceRow, ServiceSpec
from dpvs_core.control.names import end_text
from keepalivedpy.cli import endpoint
from keepalivedpy.cli.ipvsadm_values import EXTERNAL_CHECKS

PROTO_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "icmpv6": 58, "any": 0}

FORWARDS: dict[Forward, str] = {
    "fullnat": "FullNat",
    "route": "Route",
    "tunnel": "Tunnel",
    "masq": "Masq",
    "snat": "SNAT",
    "local": "Local",
}

NAME_WIDTH = 28
LINE_WIDTH = 33
"""Of a dest's name, and of what comes before the first counter of a service."""


class Style(NamedTuple):
    """How values are printed: names or numbers (-n), full counters (--exact), order."""

    numeric: bool = True
    exact: bool = False
    sort: bool = True


class View(NamedTuple):
    """A kind of listing: its two title lines, the service's line and the dest's columns."""

    titles: tuple[str, str]
    service: Callable[[ServiceRow, str, Style], str]
    dest: Callable[[DestRow, Style], str]


def abbreviated(number: int, exact: bool) -> str:
    """A counter in nine columns: whole below 100 million, then K, M, G, T; whole with --exact."""
    if not exact:
        for limit, unit, letter in (
            (10**14, 10**12, "T"),
            (10**11, 10**9, "G"),
            (10**9, 10**6, "M"),
            (10**8, 10**3, "K"),
        ):
            if number >= limit:
                return f"{number // unit:>8}{letter}"
    return f" {number:>8}"


def persistence(spec: ServiceSpec) -> str:
    if not spec.persistent_s:
        return ""
    default = spec.netmask in ("", "255.255.255.255", "128")
    return f" persistent {spec.persistent_s}" + ("" if default else f" mask {spec.netmask}")


def checks(spec: ServiceSpec) -> str:
    inside = [text for text in spec.dest_check if text not in EXTERNAL_CHECKS]
    outside = [text for text in spec.dest_check if text in EXTERNAL_CHECKS]
    if not spec.dest_check:
        return ""
    words = [f"internal:{text}" for text in inside]
    return " ".join(
        [" dest-check", *words, *([f"external:{','.join(outside)}"] if outside else [])]
    )


def flags(spec: ServiceSpec) -> str:
    """What follows the scheduler on a service's line, in DPVS's order (I-073)."""
    proxy = spec.proxy_protocol
    return "".join((
        f" {spec.hash_target}" if spec.hash_target else "",
        persistence(spec),
        " ops" if spec.ops else "",
        " synproxy" if spec.synproxy else "",
        f" conn-timeout {spec.conn_timeout_s}" if spec.conn_timeout_s else "",
        f" pp{proxy}" if proxy != "disable" else "",
        " expire-quiescent" if spec.expire_quiescent else "",
        " quic" if spec.quic else "",
        checks(spec),
    ))  # fmt: skip


def service_name(key: ServiceKey, style: Style) -> str:
    if key.match is not None:
        return match_title(key, key.match)
    if style.numeric:
        return end_text(key.addr, key.port)
    return endpoint.named(key.addr, key.port, key.proto)


def dest_name(row: DestRow, proto: str, style: Style) -> str:
    if style.numeric:
        return end_text(row.spec.addr, row.spec.port)
    return endpoint.named(row.spec.addr, row.spec.port, proto)


def _fitted(name: str) -> str:
    """A host name is cut to the column's width, an address in brackets never."""
    return name if name.startswith("[") else name[:NAME_WIDTH]


def _plain_service(row: ServiceRow, name: str, _style: Style) -> str:
    return f"{name} {row.spec.scheduler}{flags(row.spec)}"


def _plain_dest(row: DestRow, _style: Style) -> str:
    spec = row.spec
    state = ",".join(["inhibited"] * spec.inhibited + ["overload"] * row.overload)
    columns = f"{FORWARDS[spec.forward]:<7} {spec.weight:<6} {row.active:<10} {row.inactive:<10}"
    return f" {columns}" + (f" {state}" if state else "")


def _numbers(values: Sequence[int], style: Style) -> str:
    return "".join(abbreviated(value, style.exact) for value in values)


def _totals(row: ServiceRow | DestRow, style: Style) -> str:
    of = row.counters
    return _numbers((of.conns, of.inpkts, of.outpkts, of.inbytes, of.outbytes), style)


def _speeds(row: ServiceRow | DestRow, style: Style) -> str:
    of = row.rates
    return _numbers((of.cps, of.inpps, of.outpps, of.inbps, of.outbps), style)


def _threshold_dest(row: DestRow, _style: Style) -> str:
    spec = row.spec
    values = (spec.upper_threshold, spec.lower_threshold, row.active, row.inactive)
    return "".join(f" {value:<10}" for value in values)


def _persistent_dest(row: DestRow, _style: Style) -> str:
    return f" {row.spec.weight:<9} {row.persistent:<11} {row.active:<10} {row.inactive:<10}"


DEFAULT = View(
    (
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
    ),
    _plain_service,
    _plain_dest,
)
VIEWS: dict[str, View] = {
    "stats": View(
        (
            "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
            "  -> RemoteAddress:Port",
        ),
        lambda row, name, style: f"{name:<{LINE_WIDTH}}{_totals(row, style)}",
        _totals,
    ),
    "rate": View(
        (
            "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS",
            "  -> RemoteAddress:Port",
        ),
        lambda row, name, style: f"{name:<{LINE_WIDTH}}{_speeds(row, style)}",
        _speeds,
    ),
    "thresholds": View(
        (
            "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ",
            "  -> RemoteAddress:Port",
        ),
        _plain_service,
        _threshold_dest,
    ),
    "persistent_conn": View(
        (
            "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ",
            "  -> RemoteAddress:Port",
        ),
        _plain_service,
        _persistent_dest,
    ),
}
"""By the option that asks for it (the field of Given)."""


def service_order(row: ServiceRow) -> tuple[bool, int, int, bytes, int]:
    """Sort key of services: family, protocol, address, port (I-082); matches come last, in the
    order they were added, for the last of them is asked first (F-021)."""
    key = row.key
    if key.match is not None:
        return True, 0, 0, b"", 0
    addr = endpoint.address_bytes(key.addr)
    return False, len(addr), PROTO_NUMBERS[key.proto], addr, key.port


def dest_order(row: DestRow) -> tuple[int, bytes, int]:
    addr = endpoint.address_bytes(row.spec.addr)
    return len(addr), addr, row.spec.port


def ordered(rows: Iterable[ServiceRow], style: Style) -> list[ServiceRow]:
    return sorted(rows, key=service_order) if style.sort else list(rows)


def dests_of(row: ServiceRow, style: Style) -> list[DestRow]:
    return sorted(row.dests, key=dest_order) if style.sort else list(row.dests)


def listing(rows: Iterable[ServiceRow], view: View, style: Style) -> Iterator[str]:
    """The titles and every service with its dests."""
    yield from view.titles
    for row in ordered(rows, style):
        kind = "MATCH" if row.key.match else f"{row.key.proto.upper()} "
        name = f"{kind} {service_name(row.key, style)}"
        yield view.service(row, name, style)
        for dest in dests_of(row, style):
            remote = _fitted(dest_name(dest, row.key.proto, style))
            yield f"  -> {remote:<{NAME_WIDTH}}{view.dest(dest, style)}"


def laddr_listing(rows: Iterable[ServiceRow], style: Style) -> Iterator[str]:
    """ipvsadm -G (I-018): nothing at all when there is no service. One that is attached but not
    in use here, as on the backup of a pair, ends in `standby`."""
    services = ordered(rows, style)
    if services:
        title = ("VIP:VPORT", "TOTAL", "SNAT_IP", "CONFLICTS", "CONNS")
        yield "{:<20} {:<8} {:<20} {:<10} {:<10}".format(*title)
    for row in services:
        yield f"{service_name(row.key, style):<20} {len(row.laddrs):<8} "
        for laddr in row.laddrs:
            columns = f"{laddr.spec.addr:<20} {laddr.conflicts:<10} {laddr.conns:<10}"
            yield f"{'':<29} {columns}" + ("" if laddr.active else " standby")
