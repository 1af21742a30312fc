"""Virtual addresses in the forwarding core, through its control socket.

`_wanted` is the truth. While connected, changes go out as they come; after every connection
the core's own list of our objects is compared with it, so a restarted core, or one whose lease
ran out, gets everything again, announced.
"""

import asyncio
import socket
from collections.abc import Callable

import msgspec

from dpvs_core.control.aclient import AsyncClient
from dpvs_core.control.client import CoreError
from dpvs_core.control.codec import DecodeError
from dpvs_core.control.messages import (
    AddrAdd,
    AddrDel,
    AddrList,
    AddrRows,
    AddrSpec,
    Code,
    GarpSend,
    Info,
    InfoGet,
    Ok,
    RouteAdd,
    RouteDel,
    RouteList,
    RouteRows,
    RouteSpec,
    Welcome,
)
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute

SERVICES_FIRST_S = 1.0  # how long addresses wait for services in a new core
SERVICES_POLL_S = 0.05
FLUSH_S = 2.0
SAY_UNREACHABLE_S = 1.0
N_ANNOUNCE_REPLAYED = 5

Order = AddrAdd | AddrDel | RouteAdd | RouteDel | GarpSend
Key = tuple[str, ...]
_ALREADY = {AddrAdd: Code.EXIST, RouteAdd: Code.EXIST, AddrDel: Code.NOTEXIST,
            RouteDel: Code.NOTEXIST}  # fmt: skip
_CORE_SCOPES = ("host", "link", "global", "kni_host")


class CoreVips:
    """A sink (vips.AddressSink); `run` must run as a task.

    `lease_ms`: how long the core keeps the addresses when this process vanishes.
    `expect_services`: in a new core, wait until the checkers have programmed services.
    """

    def __init__(
        self,
        log: Callable[[str], None],
        path: str | None,
        lease_ms: int,
        expect_services: Callable[[], bool],
    ) -> None:
        self._log, self._expect_services = log, expect_services
        self._client = AsyncClient(
            "vrrp", "keepalived-vrrp", path, lease_ms, self._connected, self._disconnected
        )
        self._wanted: dict[Key, AddrAdd | RouteAdd] = {}
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._replayed = False  # the core's state was compared since the last connection

    # --- vips.AddressSink -----------------------------------------------------------------

    def add(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None:
        for order in _objects(device, addresses, routes):
            self._wanted[_key(order)] = order
            self._order(order)

    def remove(
        self, device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
    ) -> None:
        for order in reversed(_objects(device, addresses, routes)):
            self._wanted.pop(_key(order), None)
            self._order(_opposite(order))

    def announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        by_device: dict[str, list[str]] = {}
        for address in addresses:
            by_device.setdefault(address.dev or device, []).append(address.addr)
        for _ in range(n_repeat):
            for dev, addrs in by_device.items():
                self._order(GarpSend(dev=dev, addrs=tuple(addrs)))

    async def flush(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_S):
                await self._orders.join()
        except TimeoutError:
            self._log("dpvs has not answered in time; addresses may remain until its lease ends")

    # --- the connection -------------------------------------------------------------------

    async def run(self) -> None:
        """Follow the core until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._client.run())
            tasks.create_task(self._carry_out())
            tasks.create_task(self._complain())

    async def _complain(self) -> None:
        """Say once, and again when the reason changes, that the core cannot be reached."""
        said = ""
        while True:
            await asyncio.sleep(SAY_UNREACHABLE_S)
            why = "" if self._client.connected else str(self._client.last_error or "no answer")
            if why and why != said:
                self._log(f"dpvs cannot be reached, addresses wait for it: {why}")
            said = why

    def _order(self, order: Order) -> None:
        if self._replayed:
            self._orders.put_nowait(order)

    async def _carry_out(self) -> None:
        while True:
            order = await self._orders.get()
            try:
                await self._client.call(order, Ok)
            except CoreError as refused:
                if refused.code != _ALREADY.get(type(order)):
                    self._log(f"dpvs refused {_words(order)}: {refused}")
            except DecodeError as error:
                self._log(f"dpvs answered {_words(order)} with nonsense: {error}")
            except OSError:
                self._replayed = False  # everything is compared again after the next connection
            finally:
                self._orders.task_done()

    async def _connected(self, welcome: Welcome, new_instance: bool) -> None:
        if new_instance and self._expect_services():
            await self._wait_for_services()
        addresses = await self._client.call(AddrList(), AddrRows)
        routes = await self._client.call(RouteList(), RouteRows)
        actual: list[AddrAdd | RouteAdd] = [
            AddrAdd(addr=row.spec) for row in addresses.rows if "vrrp" in row.owners
        ]
        actual += [RouteAdd(route=row.spec) for row in routes.rows if row.owner == "vrrp"]
        self._replayed = True
        for order in difference(self._wanted, actual):
            self._order(order)
        for wanted in self._wanted.values():
            if isinstance(wanted, AddrAdd):
                garp = GarpSend(dev=wanted.addr.dev, addrs=(wanted.addr.prefix.split("/")[0],))
                for _ in range(N_ANNOUNCE_REPLAYED):
                    self._order(garp)
        if new_instance:
            self._log(
                f"connected to dpvs {welcome.dpvs_version}, {len(self._wanted)} addresses set"
            )

    async def _wait_for_services(self) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + SERVICES_FIRST_S
        while loop.time() < give_up_at:
            if (await self._client.call(InfoGet(), Info)).n_services > 0:
                return
            await asyncio.sleep(SERVICES_POLL_S)

    def _disconnected(self, why: Exception) -> None:
        self._replayed = False
        self._log(f"lost the connection to dpvs: {why}")


def difference(
    wanted: dict[Key, AddrAdd | RouteAdd], actual: list[AddrAdd | RouteAdd]
) -> list[Order]:
    """What to send so that our objects in the core are the wanted ones; removals first."""
    there = {_key(order): order for order in actual}
    return [
        *(_opposite(order) for key, order in there.items() if key not in wanted),
        *(order for key, order in wanted.items() if key not in there),
    ]


def _objects(
    device: str, addresses: tuple[VirtualAddress, ...], routes: tuple[VirtualRoute, ...]
) -> list[AddrAdd | RouteAdd]:
    """In the order in which they can be added: a route may need an address."""
    return [*(_addr(address, device) for address in addresses), *map(_route, routes)]


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


def _normal(addr: str) -> str:
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, addr))


def _key(order: AddrAdd | RouteAdd) -> Key:
    """What names an object in the core."""
    if isinstance(order, AddrAdd):
        return ("addr", order.addr.prefix, order.addr.dev)
    return ("route", order.route.prefix, order.route.via)


def _opposite(order: AddrAdd | RouteAdd) -> Order:
    if isinstance(order, AddrAdd):
        return AddrDel(prefix=order.addr.prefix, dev=order.addr.dev)
    return RouteDel(route=order.route)


def _words(order: Order) -> str:
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
