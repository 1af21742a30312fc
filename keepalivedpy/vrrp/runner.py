"""The VRRP process's inside: instances, sockets, links and the core, in one asyncio loop.

`Engine.run` works until it is told to stop; `reload` takes another configuration in place.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from keepalivedpy.model.vrrp import VrrpInstance
from keepalivedpy.netlink.watch import LinkWatch
from keepalivedpy.vrrp import events, fitness
from keepalivedpy.vrrp.datagram import Datagram
from keepalivedpy.vrrp.fsm import State
from keepalivedpy.vrrp.group import SyncGroup
from keepalivedpy.vrrp.intervals import DOWN_TIMER_ADVERTS, advert_interval_us
from keepalivedpy.vrrp.listeners import Listeners
from keepalivedpy.vrrp.member import Member
from keepalivedpy.vrrp.part import VrrpPart
from keepalivedpy.vrrp.router import Router
from keepalivedpy.vrrp.static_items import StaticItems
from keepalivedpy.vrrp.timers import Timer, Timers, now_us
from keepalivedpy.vrrp.vips import AddressSink
from keepalivedpy.vrrp.vips_core import CoreVips
from keepalivedpy.vrrp.vips_kernel import KernelVips

N_OBJECTS_BEFORE_COLLECTION = 50_000  # a take-over of many instances is over before
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
        self._followers: dict[int, list[tuple[SyncGroup, dict[int, Member]]]] = {}
        self._again: Timer | None = None  # when to judge without news
        self._by_vrid: dict[tuple[str, int], Member] = {}
        self._core: CoreVips | None = None
        self._core_task: asyncio.Task[None] | None = None

    # --- life -----------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then priority 0 is sent and the addresses are removed.

        Raises PermissionError where raw sockets are not allowed, OSError without netlink.
        """
        gc.set_threshold(N_OBJECTS_BEFORE_COLLECTION)
        self._timers = Timers()
        self._listeners = Listeners(self._log, self._deliver)
        self._kernel = KernelVips(self._log, self._mac_of)
        self._watch = LinkWatch(self._links_changed)
        self._static = StaticItems(
            self._core_sink, self._kernel, lambda name: self._watch.links.get(name) is not None
        )
        try:
            self._watch.start()
            self._take(self._part)
            gc.freeze()  # what lives as long as the configuration is not looked through again
            await stop.wait()
            await self._leave()
        finally:
            self._watch.close()
            self._listeners.close()
            self._timers.close()
            if self._core_task is not None:
                self._core_task.cancel()
            await self._kernel.close()

    def reload(self, part: VrrpPart) -> None:
        """Take a new configuration; instances with the same identity keep their state."""
        self._part = part
        self._take(part)

    @property
    def core(self) -> CoreVips | None:
        """The connection to the core, if an instance needs one."""
        return self._core

    @property
    def groups(self) -> list[SyncGroup]:
        return self._groups

    def routers(self) -> list[Router]:
        """For status and statistics, in the configuration's order."""
        return [member.router for member in self.members.values()]

    async def _leave(self) -> None:
        for member in self.members.values():
            self._end(member, self._keep_vips)
        if not self._keep_vips:
            self._static.take((), ())
        self.members, self._by_vrid = {}, {}  # news of links or the core must not start them
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
        if self._core is not None:
            self._core.set_lease(self._lease_ms())
        for key, instance in wanted.items():
            if key in old:
                old[key].reconfigure(instance)
        self._judge()

    def _begin(self, instance: VrrpInstance) -> Member:
        group_address = self._part.global_defs.vrrp_mcast_group4
        sink: AddressSink = self._core_sink() if instance.dpdk_interface else self._kernel
        member = Member(
            instance,
            group_address,
            sink,
            self._log,
            self._changed,
            self._timers,
            self._catch_up,
        )
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
            self._core = CoreVips(
                self._log,
                self._core_path,
                self._lease_ms(),
                lambda: self._part.expect_services,
                self._judge,
            )
            self._core_task = asyncio.create_task(self._core.run())
        return self._core

    def _lease_us(self) -> int:
        """How long an instance may do without its connection to the core: three intervals of
        the fastest, since a peer takes over after that."""
        adverts_us = (
            advert_interval_us(instance.version, instance.advert_int_us)
            for instance in self._part.instances
            if instance.dpdk_interface
        )
        return DOWN_TIMER_ADVERTS * min(adverts_us, default=STATIC_ONLY_ADVERT_US)

    def _lease_ms(self) -> int:
        """The lease the core is asked for; 0: it keeps the addresses for good."""
        return 0 if self._keep_vips else self._lease_us() // 1000

    def _form_groups(self, part: VrrpPart) -> None:
        by_name = {member.instance.name: member for member in self.members.values()}
        for member in self.members.values():
            member.before_tick = lambda: None
            member.router.waits_for_group = member.router.in_group = False
        self._groups, self._followers = [], {}
        for configured in part.groups:
            members = [by_name[name] for name in configured.group if name in by_name]
            group = SyncGroup(configured.name, tuple(member.router for member in members))
            self._groups.append(group)
            by_router = {id(member.router): member for member in members}
            for member in members:
                self._followers.setdefault(id(member.router), []).append((group, by_router))
                member.router.in_group = True
                member.before_tick = _asks(group, member.router)

    # --- state changes --------------------------------------------------------------------

    def _changed(self, member: Member, change: events.StateChanged) -> None:
        """The rest of a sync group first: its adverts must not wait for scripts."""
        for group, by_router in self._followers.get(id(member.router), ()):
            for router, event in group.follow(member.router, change):
                by_router[id(router)].handle(event)
        if self._on_transition is not None:
            self._on_transition(member.instance, change.old, change.new, change.priority)

    # --- links, sockets, the core ---------------------------------------------------------

    def _links_changed(self) -> None:
        self._open_sockets()
        self._judge()

    def _judge(self) -> None:
        """Tell every router what keeps it from running; most hear nothing new."""
        links, core, now = self._watch.links, self._core_state(), now_us()
        again_us = []
        for member in list(self.members.values()):
            instance, router = member.instance, member.router
            source = fitness.source_of(instance, links.get(instance.interface), router.source)
            faults, again_at_us = fitness.judge(
                instance, router.state, links.get, source, core, now
            )
            if again_at_us is not None:
                again_us.append(again_at_us)
            if faults is not None and (
                router.state is State.INIT or (faults.all, source) != (router.faults, router.source)
            ):
                member.handle(faults)
        if self._again is not None:
            self._again.cancel()
        self._again = self._timers.at(min(again_us), self._judge) if again_us else None

    def _core_state(self) -> fitness.Core:
        core = self._core
        if core is None or core.down_since_us is None:
            return fitness.READY
        trouble = core.trouble or "dpvs is not ready"
        return fitness.Core(trouble, core.down_since_us, self._lease_us())

    def _mac_of(self, interface: str) -> bytes:
        link = self._watch.links.get(interface)
        return link.mac if link is not None else b""

    def _open_sockets(self) -> None:
        used = {member.instance.interface for member in self.members.values()}
        group_address = self._part.global_defs.vrrp_mcast_group4
        self._listeners.update(used, self._watch.links, group_address)
        for member in self.members.values():
            member.socket = self._listeners.get(member.instance.interface)

    def _catch_up(self, member: Member) -> None:
        self._listeners.read(member.instance.interface)

    def _deliver(self, interface: str, vrid: int, datagram: Datagram) -> None:
        """Give a packet to its virtual router; other VRIDs are none of our business."""
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
    on_engine: Callable[[Engine], None] = lambda _engine: None,
) -> None:
    """Run an engine until `stop` is set; each part that `updates` yields is a reload.

    `on_engine` is handed the engine before it runs (status).
    """
    engine = Engine(part, log, core_path, keep_vips, on_transition)
    on_engine(engine)

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
