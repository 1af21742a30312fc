"""The stack's table as the core is told it: all addresses in use and all routes.

Pure. Rows are made when their address changes, not at each publication: that costs one pass over
finished rows (0.1 ms for 1,000), beside two look-ups for each address that changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dpvs_core.master import routes
from dpvs_core.master.engine import AddrKind, FibAddr, FibRoute
from dpvs_core.master.inet import MAX_PLEN, Ip, network
from dpvs_core.master.layouts import ADDR_DEPRECATED, ADDR_NODAD
from dpvs_core.master.state import Address, AddrKey, Route, RouteKey

Net = tuple[Ip, int]


@dataclass(slots=True)
class Network:
    """Who is on a connected network, in the order they joined, and its route."""

    in_use: dict[AddrKey, bool] = field(default_factory=dict)
    row: FibRoute | None = None  # by the first in use; None: nobody is


@dataclass(slots=True)
class FibTable:
    """Kept as the state's addresses are: `update` is told of each change, in their order."""

    device: Mapping[str, int]
    _addrs: dict[AddrKey, FibAddr | None] = field(default_factory=dict)  # None: not in use
    _n_in_use: dict[Ip, int] = field(default_factory=dict)
    _net_of: dict[AddrKey, Net] = field(default_factory=dict)
    _nets: dict[Net, Network] = field(default_factory=dict)
    _routes: dict[RouteKey, tuple[Route, FibRoute]] = field(default_factory=dict)

    def update(self, key: AddrKey, address: Address | None, laddr_id: int | None) -> None:
        """An address is like this now, or gone (None). `laddr_id`: of its ports; None: it has none.

        What was once used without verification is not verified while it stays.
        """
        before = self._addrs.get(key)
        row: FibAddr | None = None
        if address is not None and address.active:
            used_at_once = before is not None and bool(before.flags & ADDR_NODAD)
            flags = 0 if address.verified and not used_at_once else ADDR_NODAD
            flags |= ADDR_DEPRECATED if address.deprecated else 0
            row = FibAddr(key.ip, AddrKind.LOCAL, self.device[key.dev], laddr_id, flags)
        self._count(key.ip, (row is not None) - (before is not None))
        if address is None:
            self._addrs.pop(key, None)
        else:
            self._addrs[key] = row
        self._join(key, None if address is None else address.plen, row is not None)

    def _count(self, ip: Ip, by: int) -> None:
        n = self._n_in_use.get(ip, 0) + by
        if n:
            self._n_in_use[ip] = n
        else:
            self._n_in_use.pop(ip, None)

    def _join(self, key: AddrKey, plen: int | None, in_use: bool) -> None:
        """Enter the address in its network (plen None: in none), and leave another."""
        net = None
        if plen is not None and plen < MAX_PLEN[key.ip.af]:
            net = network(key.ip, plen), plen
        before = self._net_of.pop(key, None)
        if before is not None and before != net:
            del self._nets[before].in_use[key]
            self._elect(before)
        if net is not None:
            self._net_of[key] = net
            self._nets.setdefault(net, Network()).in_use[key] = in_use
            self._elect(net)

    def _elect(self, net: Net) -> None:
        """The network's route is by its first address in use."""
        members = self._nets[net]
        if not members.in_use:
            del self._nets[net]
            return
        first = next((key for key, in_use in members.in_use.items() if in_use), None)
        if first is None:
            members.row = None
            return
        row, dev = members.row, self.device[first.dev]
        if row is None or (row.src, row.dev) != (first.ip, dev):
            members.row = FibRoute(*net, dev, 0, None, first.ip)

    def addrs(self, all_routes: Mapping[RouteKey, Route]) -> list[FibAddr]:
        """Ours that are in use, then Linux's (routes of scope kni_host); one that is both is
        ours."""
        rows = [row for row in self._addrs.values() if row is not None]
        for key, route in all_routes.items():
            scope = route.spec.scope
            if scope in routes.HOST_SCOPES and key.prefix not in self._n_in_use:
                kind = AddrKind.LOCAL if scope == "host" else AddrKind.KERNEL
                rows.append(FibAddr(key.prefix, kind, self.device[key.dev], None, ADDR_NODAD))
        return rows

    def routes(self, all_routes: Mapping[RouteKey, Route]) -> list[FibRoute]:
        """One a prefix: the lowest metric, what was added before what follows from an address."""
        best: dict[Net, tuple[int, FibRoute]] = {}
        for key, route, row in self._route_rows(all_routes):
            net = key.prefix, key.plen
            if net not in best or route.spec.metric < best[net][0]:
                best[net] = route.spec.metric, row
        rows = [row for _metric, row in best.values()]
        rows += [
            members.row
            for net, members in self._nets.items()
            if members.row is not None and net not in best
        ]
        return rows

    def _route_rows(
        self, all_routes: Mapping[RouteKey, Route]
    ) -> list[tuple[RouteKey, Route, FibRoute]]:
        made = {}
        for key, route in all_routes.items():
            if route.spec.scope in routes.HOST_SCOPES:
                continue
            known = self._routes.get(key)
            made[key] = known if known is not None and known[0] is route else self._row(key, route)
        self._routes = made
        return [(key, route, row) for key, (route, row) in made.items()]

    def _row(self, key: RouteKey, route: Route) -> tuple[Route, FibRoute]:
        dev = self.device[key.dev]
        row = FibRoute(key.prefix, key.plen, dev, route.spec.mtu, route.gateway, route.src)
        return route, row
