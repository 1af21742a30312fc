"""What is asked of the core: addresses and routes of the model as requests, and the comparison.

Pure. The core names an address by device and address, whatever its prefix length.
"""

import socket
from collections.abc import Iterable, Mapping

import msgspec

from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrRow,
    AddrSpec,
    Code,
    GarpSend,
    LeaseSet,
    Owner,
    RouteAdd,
    RouteDel,
    RouteRow,
    RouteSpec,
)
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute

OWNER: Owner = "vrrp"
MAX_GARP_ADDRS = 128  # in one request: what follows it does not wait for long

Object = AddrAdd | RouteAdd
Change = AddrAdd | AddrDel | RouteAdd | RouteDel
Order = Change | GarpSend | LeaseSet
Key = tuple[str, str, str]

_ALREADY = {AddrAdd: Code.EXIST, AddrDel: Code.NOTEXIST, RouteDel: Code.NOTEXIST}
"""A route that is there is no refusal; EXIST is one that goes another way."""
_CORE_SCOPES = ("host", "link", "global", "kni_host")


def objects(
    device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
) -> list[Object]:
    """In the order in which they can be added: a route may need an address."""
    return [
        *(_addr(address, device) for address in addresses),
        *(_route(route, device) for route in routes),
    ]


def announcements(addresses: Iterable[tuple[str, str]], n_repeat: int) -> list[GarpSend]:
    """Each (device, address) `n_repeat` times, all once before any a second time."""
    by_device: dict[str, list[str]] = {}
    for dev, addr in addresses:
        by_device.setdefault(dev, []).append(_normal(addr))
    once = [
        GarpSend(dev=dev, addrs=tuple(addrs[start : start + MAX_GARP_ADDRS]))
        for dev, addrs in by_device.items()
        for start in range(0, len(addrs), MAX_GARP_ADDRS)
    ]
    return once * n_repeat


def difference(
    wanted: Mapping[Key, Object], addresses: Iterable[AddrRow], routes: Iterable[RouteRow]
) -> list[Change]:
    """What to send so that our objects in the core are the wanted ones; removals first.

    Of an address that others hold too the core keeps their prefix length, so it is not compared.
    """
    there: set[Key] = set()
    gone: list[Change] = []
    for route in routes:
        if route.owner == OWNER:
            _sort(RouteAdd(route=route.spec), wanted, there, gone)
    for address in addresses:
        if OWNER in address.owners:
            any_plen = address.owners != (OWNER,)
            _sort(AddrAdd(addr=address.spec), wanted, there, gone, any_plen)
    return gone + [order for key, order in wanted.items() if key not in there]


def _sort(
    present: Object,
    wanted: Mapping[Key, Object],
    there: set[Key],
    gone: list[Change],
    any_prefix: bool = False,
) -> None:
    want = wanted.get(key_of(present))
    if want is not None and (any_prefix or _prefix(want) == _prefix(present)):
        there.add(key_of(present))
    else:
        gone.append(opposite(present))


def key_of(order: Object) -> Key:
    """What names an object in the core."""
    if isinstance(order, AddrAdd):
        return addr_key(order.addr.dev, order.addr.prefix.split("/")[0])
    return ("route", order.route.prefix, order.route.via)


def addr_key(dev: str, addr: str) -> Key:
    """`addr` in the core's spelling."""
    return ("addr", addr, dev)


def opposite(order: Object) -> Change:
    if isinstance(order, AddrAdd):
        return AddrDel(prefix=order.addr.prefix, dev=order.addr.dev)
    return RouteDel(route=order.route)


def is_so_already(order: Order, refusal: int) -> bool:
    """The core refused because what was ordered is so."""
    return refusal == _ALREADY.get(type(order))


def words(order: Order) -> str:
    """An order in a log line."""
    match order:
        case AddrAdd(addr=addr):
            return f"address {addr.prefix} on {addr.dev}"
        case AddrDel(prefix=prefix, dev=dev):
            return f"to remove address {prefix} from {dev}"
        case RouteAdd(route=route):
            return f"route {route.prefix}"
        case RouteDel(route=route):
            return f"to remove route {route.prefix}"
        case GarpSend(dev=dev, addrs=addrs):
            return f"to announce {', '.join(addrs)} on {dev}"
        case LeaseSet(lease_ms=lease_ms):
            return f"a lease of {lease_ms} ms"


def _addr(address: VirtualAddress, device: str) -> AddrAdd:
    scope = address.scope if address.scope in _CORE_SCOPES else "global"
    spec = AddrSpec(
        prefix=f"{_normal(address.addr)}/{address.prefixlen}",
        dev=address.dev or device,
        broadcast=_broadcast(address),
        sapool=address.sapool,
    )
    return AddrAdd(addr=msgspec.structs.replace(spec, scope=scope))


def _broadcast(address: VirtualAddress) -> str:
    """`+` is the network's last address; IPv6 has none."""
    if ":" in address.addr or address.broadcast in (None, "-"):
        return ""
    if address.broadcast != "+":
        return str(address.broadcast)
    host, n_host = _number(address.addr), 32 - address.prefixlen
    last = host | ((1 << n_host) - 1)
    return socket.inet_ntop(socket.AF_INET, last.to_bytes(4, "big"))


def _number(addr: str) -> int:
    return int.from_bytes(socket.inet_pton(socket.AF_INET, addr), "big")


def _route(route: VirtualRoute, device: str) -> RouteAdd:
    """A gateway on a connected network has its device; where none is to be seen, the instance's
    counts."""
    seen = route.via is not None and not _is_link_local(route.via)
    spec = RouteSpec(
        prefix=route.prefix,
        via=route.via or "",
        dev=route.dev or ("" if seen else device),
        src=route.src or "",
        metric=route.metric,
    )
    scope = route.scope if route.scope in _CORE_SCOPES else ""
    return RouteAdd(route=msgspec.structs.replace(spec, scope=scope))


def _is_link_local(addr: str) -> bool:
    raw = socket.inet_pton(socket.AF_INET6, addr) if ":" in addr else b"\0\0"
    return raw[0] == 0xFE and raw[1] & 0xC0 == 0x80


def _prefix(order: Object) -> str:
    return order.addr.prefix if isinstance(order, AddrAdd) else order.route.prefix


def _normal(addr: str) -> str:
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, addr))
