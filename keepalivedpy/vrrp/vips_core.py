"""Virtual addresses in the forwarding core, through its control socket.

What is held (holdings.py) is the truth. While connected, changes go out as they come; after every
connection the core's own list of our objects is compared with it, so a restarted core, or one
whose lease ran out, gets everything again, announced.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

from dpvs_core.control.aclient import AsyncClient
from dpvs_core.control.messages import (
    AddrDel,
    AddrList,
    AddrRows,
    GarpSend,
    Info,
    InfoGet,
    LeaseSet,
    RouteDel,
    RouteList,
    RouteRows,
    Welcome,
)
from keepalivedpy.model.vrrp import VirtualAddress, VirtualRoute
from keepalivedpy.status.connection import core_status
from keepalivedpy.status.model import CoreStatus
from keepalivedpy.vrrp.core_orders import (
    OWNER,
    Change,
    Order,
    addr_key,
    announcements,
    difference,
    objects,
)
from keepalivedpy.vrrp.core_sender import Sender
from keepalivedpy.vrrp.holdings import Holdings

SERVICES_FIRST_S = 1.0  # how long addresses wait for services in a new core
SERVICES_POLL_S = 0.02
FLUSH_S = 2.0
SAY_UNREACHABLE_S = 1.0
N_ANNOUNCE_REPLAYED = 5
MAX_AHEAD = 16  # announcements sent before the first one's answer


class CoreVips:
    """A sink (vips.AddressSink); `run` must run as a task.

    `lease_ms`: how long the core keeps the addresses when this process vanishes.
    `expect_services`: in a new core, wait until the checkers have programmed services.
    `on_ready_change`: called when `ready` has changed; may use the sink.
    `ready`: connected, the services are there or were waited for, and the core has our
    addresses. `down_since_us` (monotonic): since when it is not, else None.
    """

    def __init__(
        self,
        log: Callable[[str], None],
        path: str | None,
        lease_ms: int,
        expect_services: Callable[[], bool],
        on_ready_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.ready = False
        self.down_since_us: int | None = _now_us()
        self._log, self._expect_services = log, expect_services
        self._on_ready_change = on_ready_change
        self._client = AsyncClient(
            OWNER, "keepalived-vrrp", path, lease_ms, self._connected, self._disconnected
        )
        self._held = Holdings()
        self._send = Sender(log, self._client, self._held.__contains__)
        self._orders: deque[Order] = deque()
        self._work, self._quiet = asyncio.Event(), asyncio.Event()
        self._quiet.set()
        self._sending = asyncio.Lock()  # the comparison goes before what is ordered meanwhile
        self._compared = False  # with the core's state, since the last connection
        self._waits_for_services = False

    @property
    def trouble(self) -> str:
        """Why it is not ready, "" while it is."""
        if self.ready:
            return ""
        if self._send.unanswered:
            return self._send.unanswered
        if not self._client.connected:
            return f"dpvs cannot be reached: {self._client.last_error or 'no answer'}"
        return "waits for the services" if self._waits_for_services else "dpvs gets its addresses"

    def set_lease(self, lease_ms: int) -> None:
        """Another lease, from now on."""
        if lease_ms != self._client.lease_ms:
            self._client.lease_ms = lease_ms
            if self._client.connected:  # else the next hello says it
                self._order(LeaseSet(lease_ms=lease_ms))

    def has(self, device: str, addresses: tuple[VirtualAddress, ...]) -> bool:
        """Whether the core has all of these for us now."""
        keys = [addr_key(address.dev or device, address.addr) for address in addresses]
        return self.ready and all(k in self._held and k not in self._send.refused for k in keys)

    def status(self) -> CoreStatus:
        """The connection, for `keepalived --status`."""
        return core_status(self._client, self.trouble, self._send.complaints())

    # --- vips.AddressSink -----------------------------------------------------------------

    def add(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None:
        self._track(self._held.take(holder, objects(device, addresses, routes)))

    def remove(
        self,
        holder: str,
        device: str,
        addresses: tuple[VirtualAddress, ...],
        routes: tuple[VirtualRoute, ...],
    ) -> None:
        self._track(self._held.release(holder, reversed(objects(device, addresses, routes))))

    def announce(self, device: str, addresses: tuple[VirtualAddress, ...], n_repeat: int) -> None:
        self._track(announcements(((a.dev or device, a.addr) for a in addresses), n_repeat))

    async def flush(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_S):
                await self._quiet.wait()
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

    async def _connected(self, welcome: Welcome, new_instance: bool) -> None:
        async with self._sending:
            if self._client.told_lease_ms != self._client.lease_ms:
                await self._send.lease(LeaseSet(lease_ms=self._client.lease_ms))
            if new_instance and self._expect_services():
                await self._remove_leftovers()
                await self._wait_for_services()
            changes = await self._missing()
            self._compared = True  # from here on changes are ordered; they go out after these
            await self._send.changes(changes)
            self._announce_all()
        if new_instance:
            self._log(f"connected to dpvs {welcome.dpvs_version}, {len(self._held)} addresses set")
        self._set_ready(True)

    async def _remove_leftovers(self) -> None:
        """A predecessor's addresses must not be answered for while the services are awaited."""
        gone = [
            change for change in await self._missing() if isinstance(change, AddrDel | RouteDel)
        ]
        await self._send.changes(gone)

    async def _missing(self) -> list[Change]:
        addresses = await self._send.call(AddrList(), AddrRows)
        routes = await self._send.call(RouteList(), RouteRows)
        return difference(self._held.wanted, addresses.rows, routes.rows)

    def _announce_all(self) -> None:
        held = [(key[2], key[1]) for key in self._held.wanted if key[0] == "addr"]
        self._track(announcements(held, N_ANNOUNCE_REPLAYED))

    async def _wait_for_services(self) -> None:
        loop = asyncio.get_running_loop()
        give_up_at_s = loop.time() + SERVICES_FIRST_S
        self._waits_for_services = True
        try:
            while "check" not in (await self._send.call(InfoGet(), Info)).ready:
                if loop.time() >= give_up_at_s:
                    return
                await asyncio.sleep(SERVICES_POLL_S)
        finally:
            self._waits_for_services = False

    def _disconnected(self, why: Exception) -> None:
        self._compared = False
        self._orders.clear()  # everything is compared again after the next connection
        self._work.set()
        self._send.disconnected()
        self._log(f"lost the connection to dpvs: {why}")
        self._set_ready(False)

    def _set_ready(self, ready: bool) -> None:
        if ready != self.ready:
            self.ready = ready
            self.down_since_us = None if ready else _now_us()
            self._on_ready_change()

    # --- orders ---------------------------------------------------------------------------

    def _track(self, orders: Iterable[Order]) -> None:
        """Keep up with what changes; before the comparison there is no need."""
        if self._compared:
            for order in orders:
                self._order(order)

    def _order(self, order: Order) -> None:
        self._orders.append(order)
        self._quiet.clear()
        self._work.set()

    async def _carry_out(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            async with self._sending:
                try:
                    while self._orders:
                        await self._send_next()
                except OSError:
                    self._orders.clear()  # as _disconnected, which is about to be called
            if not self._orders:
                self._quiet.set()

    async def _send_next(self) -> None:
        """The first order, and with it those that follow and can go along."""
        order = self._orders.popleft()
        if isinstance(order, LeaseSet):
            await self._send.lease(order)
        elif isinstance(order, GarpSend):
            garps = [order]
            while len(garps) < MAX_AHEAD and isinstance(more := self._peek(), GarpSend):
                garps.append(more)
                self._orders.popleft()
            await self._send.garps(garps)
        else:
            changes: list[Change] = [order]
            while (more := self._peek()) and not isinstance(more, GarpSend | LeaseSet):
                changes.append(more)
                self._orders.popleft()
            await self._send.changes(changes)

    def _peek(self) -> Order | None:
        return self._orders[0] if self._orders else None


def _now_us() -> int:
    return time.monotonic_ns() // 1000
