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

_ALREADY = {AddrAdd: Code.EXIST, RouteAdd: Code.EXIST, AddrDel: Code.NOTEXIST,
            RouteDel: Code.NOTEXIST}  # fmt: skip
_CORE_SCOPES = ("host", "link", "global", "kni_host")


def objects(
    device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
) -> list[Object]:
    """In the order in which they can be added: a route may need an address."""
    return [*(_addr(address, device) for address in addresses), *map(_route, routes)]


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
        broadcast=address.broadcast or "",
    )
    return AddrAdd(addr=msgspec.structs.replace(spec, scope=scope))


def _route(route: VirtualRoute) -> RouteAdd:
    spec = RouteSpec(
        prefix=route.prefix,
        via=route.via or "",
        dev=route.dev or "",
        src=route.src or "",
        metric=route.metric,
    )
    scope = route.scope if route.scope in _CORE_SCOPES else ""
    return RouteAdd(route=msgspec.structs.replace(spec, scope=scope))


def _prefix(order: Object) -> str:
    return order.addr.prefix if isinstance(order, AddrAdd) else order.route.prefix


def _normal(addr: str) -> str:
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, addr))
