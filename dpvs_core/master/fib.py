"""The stack's table as the core is told it: all addresses in use and all routes, from the rows.

Pure. Cost: one pass over addresses and routes at each publication.
"""

from collections.abc import Iterable, Mapping

from dpvs_core.master import routes
from dpvs_core.master.engine import AddrKind, FibAddr, FibRoute
from dpvs_core.master.inet import MAX_PLEN, Ip, network
from dpvs_core.master.state import Address, AddrKey, Route, RouteKey


def fib_addrs(
    addresses: Mapping[AddrKey, Address],
    all_routes: Mapping[RouteKey, Route],
    device: Mapping[str, int],
    laddr_ids: Mapping[Ip, int],
) -> Iterable[FibAddr]:
    """Ours that are in use, then Linux's (routes of scope kni_host); one that is both is ours."""
    ours: set[Ip] = set()
    for key, address in addresses.items():
        if not address.active:
            continue
        ours.add(key.ip)
        id_ = laddr_ids.get(key.ip) if address.sapool else None
        yield FibAddr(key.ip, AddrKind.LOCAL, device[key.dev], id_)
    for route in all_routes:
        scope = all_routes[route].spec.scope
        if scope in routes.HOST_SCOPES and route.prefix not in ours:
            kind = AddrKind.LOCAL if scope == "host" else AddrKind.KERNEL
            yield FibAddr(route.prefix, kind, device[route.dev])


def fib_routes(
    addresses: Mapping[AddrKey, Address],
    all_routes: Mapping[RouteKey, Route],
    device: Mapping[str, int],
) -> Iterable[FibRoute]:
    """One a prefix: the lowest metric, what was added before what follows from an address."""
    best: dict[tuple[Ip, int], tuple[int, FibRoute]] = {}
    for key, route in all_routes.items():
        spec = route.spec
        if spec.scope in routes.HOST_SCOPES:
            continue
        row = FibRoute(key.prefix, key.plen, device[key.dev], spec.mtu, route.gateway, route.src)
        place = (key.prefix, key.plen)
        if place not in best or spec.metric < best[place][0]:
            best[place] = spec.metric, row
    for net, (dev, src) in connected(addresses).items():
        best.setdefault(net, (0, FibRoute(*net, device[dev], 0, None, src)))
    return [row for _metric, row in best.values()]


def connected(addresses: Mapping[AddrKey, Address]) -> dict[tuple[Ip, int], tuple[str, Ip]]:
    """The networks that addresses in use are on, each with the device and address that came
    first."""
    nets: dict[tuple[Ip, int], tuple[str, Ip]] = {}
    for key, address in addresses.items():
        if address.active and address.plen < MAX_PLEN[key.ip.af]:
            net = network(key.ip, address.plen), address.plen
            nets.setdefault(net, (key.dev, key.ip))
    return nets
