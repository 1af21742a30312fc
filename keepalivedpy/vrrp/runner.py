"""The VRRP process's inside: instances, sockets, links and the core, in one asyncio loop.

`Engine.run` works until it is told to stop; `reload` takes another configuration in place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.netlink.watch import LinkWatch
from keepalivedpy.vrrp import events, fitness
from keepalivedpy.vrrp.datagram import decode_ipv4
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.group import SyncGroup
from keepalivedpy.vrrp.intervals import DOWN_TIMER_ADVERTS, advert_interval_us
from keepalivedpy.vrrp.member import Member
from keepalivedpy.vrrp.packet import DecodeError
from keepalivedpy.vrrp.part import VrrpPart
from keepalivedpy.vrrp.router import Router
from keepalivedpy.vrrp.sockets import AdvertSocket
from keepalivedpy.vrrp.static_items import StaticItems
from keepalivedpy.vrrp.vips import AddressSink
from keepalivedpy.vrrp.vips_core import CoreVips
from keepalivedpy.vrrp.vips_kernel import KernelVips

VRID_BYTE = 1
STATIC_ONLY_ADVERT_US = 1_000_000  # for the lease, where only static items are in the core

OnTransition = Callable[[VrrpInstance, State, State, int], None]


class Identity(NamedTuple):
    """What makes an instance the same one after a reload."""

    name: str
    interface: str
    dpdk_interface: str | None
    virtual_router_id: int
    version: int


def identity(instance: VrrpInstance) -> Identity:
    return Identity(*(getattr(instance, name) for name in Identity._fields))


class Engine:
    """All instances of a configuration.

    `log` takes lines and must not block; `on_transition(instance, old, new, priority)` hears of
    every new state (notify scripts); `core_path` is the core's control socket (None: default);
    `keep_vips` leaves the addresses of a MASTER in place at the end (-V).
    """

    def __init__(
        self,
        part: VrrpPart,
        log: Callable[[str], None],
        core_path: str | None = None,
        keep_vips: bool = False,
        on_transition: OnTransition | None = None,
    ) -> None:
        self.members: dict[Identity, Member] = {}
        self._part, self._log, self._core_path = part, log, core_path
        self._keep_vips, self._on_transition = keep_vips, on_transition
        self._groups: list[SyncGroup] = []
        self._sockets: dict[str, AdvertSocket] = {}
        self._by_vrid: dict[tuple[str, int], Member] = {}
        self._core: CoreVips | None = None
        self._core_task: asyncio.Task[None] | None = None

    # --- life -----------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then priority 0 is sent and the addresses are removed.

        Raises PermissionError where raw sockets are not allowed, OSError without netlink.
        """
        self._kernel = KernelVips(self._log, self._mac_of)
        self._watch = LinkWatch(self._links_changed)
        self._static = StaticItems(
            self._core_sink, self._kernel, lambda name: self._watch.links.get(name) is not None
        )
        try:
            self._watch.start()
            self._take(self._part)
            await stop.wait()
            await self._leave()
        finally:
            self._watch.close()
            for advert_socket in self._sockets.values():
                self._close_socket(advert_socket)
            if self._core_task is not None:
                self._core_task.cancel()
            await self._kernel.close()

    def reload(self, part: VrrpPart) -> None:
        """Take a new configuration; instances with the same identity keep their state."""
        self._part = part
        self._take(part)

    def routers(self) -> list[Router]:
        """For status and statistics, in the configuration's order."""
        return [member.router for member in self.members.values()]

    async def _leave(self) -> None:
        for member in self.members.values():
            self._end(member, self._keep_vips)
        if not self._keep_vips:
            self._static.take((), ())
        self.members, self._by_vrid = {}, {}  # news of links must not start them again
        await self._kernel.flush()
        if self._core is not None:
            await self._core.flush()

    # --- configuration --------------------------------------------------------------------

    def _take(self, part: VrrpPart) -> None:
        wanted: dict[Identity, VrrpInstance] = {}
        for instance in part.instances:
            if reason := fitness.refusal(instance):
                self._log(f"({instance.name}) {reason} - instance not started")
            else:
                wanted[identity(instance)] = instance
        for gone in self.members.keys() - wanted.keys():
            self._end(self.members.pop(gone))
        old, self.members = self.members, {}
        self._static.take(part.static_addresses, part.static_routes)
        for key, instance in wanted.items():
            self.members[key] = old.get(key) or self._begin(instance)
        self._by_vrid = {
            (m.instance.interface, m.instance.virtual_router_id): m for m in self.members.values()
        }
        self._form_groups(part)
        self._open_sockets()
        for key, instance in wanted.items():
            if key in old:
                old[key].reconfigure(instance)
        self._judge()

    def _begin(self, instance: VrrpInstance) -> Member:
        group_address = self._part.global_defs.vrrp_mcast_group4
        sink: AddressSink = self._core_sink() if instance.dpdk_interface else self._kernel
        member = Member(instance, group_address, sink, self._log, self._changed)
        member.forget_leftovers()
        return member

    @staticmethod
    def _end(member: Member, keep_vips: bool = False) -> None:
        member.keep_vips = keep_vips
        member.handle(events.Shutdown())
        member.close()

    def _core_sink(self) -> CoreVips:
        """The one connection to the core, opened when the first instance needs it."""
        if self._core is None:
            advert_us = min(
                (
                    advert_interval_us(instance.version, instance.advert_int_us)
                    for instance in self._part.instances
                    if instance.dpdk_interface
                ),
                default=STATIC_ONLY_ADVERT_US,
            )
            lease_us = DOWN_TIMER_ADVERTS * advert_us
            self._core = CoreVips(
                self._log,
                self._core_path,
                0 if self._keep_vips else lease_us // 1000,
                lambda: self._part.expect_services,
            )
            self._core_task = asyncio.create_task(self._core.run())
        return self._core

    def _form_groups(self, part: VrrpPart) -> None:
        by_name = {member.instance.name: member for member in self.members.values()}
        for member in self.members.values():
            member.before_tick = lambda: None
            member.router.waits_for_group = member.router.in_group = False
        self._groups = []
        for configured in part.groups:
            members = [by_name[name] for name in configured.group if name in by_name]
            group = SyncGroup(configured.name, tuple(member.router for member in members))
            self._groups.append(group)
            for member in members:
                member.router.in_group = True
                member.before_tick = _asks(group, member.router)

    # --- state changes --------------------------------------------------------------------

    def _changed(self, member: Member, change: events.StateChanged) -> None:
        if self._on_transition is not None:
            self._on_transition(member.instance, change.old, change.new, change.priority)
        by_router = {id(m.router): m for m in self.members.values()}
        for group in self._groups:
            if member.router in group.members:
                for router, event in group.follow(member.router, change):
                    by_router[id(router)].handle(event)

    # --- links and sockets ----------------------------------------------------------------

    def _links_changed(self) -> None:
        self._open_sockets()
        self._judge()

    def _judge(self) -> None:
        """Tell every router what keeps it from running; most hear nothing new."""
        links = self._watch.links
        for member in list(self.members.values()):
            instance, router = member.instance, member.router
            source = fitness.source_of(instance, links.get(instance.interface), router.source)
            faults = fitness.faults_of(instance, links.get, source)
            if router.state is State.INIT or (faults, source) != (router.faults, router.source):
                member.handle(events.Faults(faults, source))

    def _mac_of(self, interface: str) -> bytes:
        link = self._watch.links.get(interface)
        return link.mac if link is not None else b""

    def _open_sockets(self) -> None:
        """One socket an interface that exists and is used; anew when its index changed."""
        used = {member.instance.interface for member in self.members.values()}
        for name in used | self._sockets.keys():
            link, present = self._watch.links.get(name), self._sockets.get(name)
            index = link.index if link is not None and name in used else None
            if present is not None and present.ifindex != index:
                self._close_socket(self._sockets.pop(name))
            if index is not None and name not in self._sockets:
                self._open_socket(name, index)
        for member in self.members.values():
            member.socket = self._sockets.get(member.instance.interface)

    def _open_socket(self, interface: str, ifindex: int) -> None:
        group_address = self._part.global_defs.vrrp_mcast_group4
        try:
            opened = AdvertSocket(interface, ifindex, group_address)
        except PermissionError:
            raise
        except OSError as error:  # it may have gone meanwhile: the next link message tells
            self._log(f"cannot open a VRRP socket on {interface}: {error.strerror}")
            return
        self._sockets[interface] = opened
        asyncio.get_running_loop().add_reader(opened.fileno(), self._readable, interface, opened)

    def _close_socket(self, advert_socket: AdvertSocket) -> None:
        asyncio.get_running_loop().remove_reader(advert_socket.fileno())
        advert_socket.close()

    def _readable(self, interface: str, advert_socket: AdvertSocket) -> None:
        try:
            for packet in advert_socket.receive():
                self._received(interface, packet)
        except OSError as error:  # ENETDOWN once after the link went: the watch handles it
            self._log(f"VRRP socket on {interface}: {error.strerror}")

    def _received(self, interface: str, packet: bytes) -> None:
        """Give a packet to its virtual router; other VRIDs are none of our business."""
        try:
            datagram = decode_ipv4(packet)
        except DecodeError:
            return
        vrid = datagram.body[VRID_BYTE] if len(datagram.body) > VRID_BYTE else 0
        member = self._by_vrid.get((interface, vrid))
        if member is not None:
            member.handle(events.Received(datagram))


def _asks(group: SyncGroup, router: Router) -> Callable[[], None]:
    def ask() -> None:
        router.waits_for_group = group.holds(router)

    return ask


async def run(
    part: VrrpPart,
    updates: AsyncIterator[VrrpPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    core_path: str | None = None,
    keep_vips: bool = False,
    on_transition: OnTransition | None = None,
) -> None:
    """Run an engine until `stop` is set; each part that `updates` yields is a reload."""
    engine = Engine(part, log, core_path, keep_vips, on_transition)

    async def reload() -> None:
        async for new_part in updates:
            engine.reload(new_part)

    reloading = asyncio.create_task(reload())
    running = asyncio.create_task(engine.run(stop))
    try:
        await asyncio.wait((reloading, running), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await reloading  # raises what broke it; no more updates is no reason to end
        await running
    finally:
        reloading.cancel()
        running.cancel()
