"""Tells the core what a draft changes, whole or not at all, then folds it into the state.

Steps, each undone if a later one fails: port pools of new local addresses (made closed), the
edited copy of the services (in slices, between which other requests are served), pools closed,
addresses and routes, pools opened, and last the services' commit. Requests that only touch the
stack have nothing to wait for and overtake.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dpvs_core.master import addresses as addr_rules
from dpvs_core.master import carried
from dpvs_core.master.counters import Counting
from dpvs_core.master.engine import LbDest, LbEdit, LbService, Publisher
from dpvs_core.master.errors import EngineError
from dpvs_core.master.fib import fib_addrs, fib_routes
from dpvs_core.master.inet import Ip
from dpvs_core.master.overlay import fold
from dpvs_core.master.pools import Pools
from dpvs_core.master.state import Draft, Service, State

SLICE_SERVICES = 32  # between two pauses; a service with 30 dests takes about 20 us

Pause = Callable[[], Awaitable[None]]

DEST_INHIBITED = 1
SVC_EXPIRE_QUIESCENT, SVC_ONE_PACKET = 1, 2


async def _sleep_0() -> None:
    await asyncio.sleep(0)


@dataclass(slots=True)
class Publication:
    """The way of drafts into the core. One draft with services at a time (the caller's lock)."""

    state: State
    engine: Publisher
    counting: Counting
    pause: Pause = _sleep_0
    pools: Pools = field(init=False)
    _pinned: set[Ip] = field(default_factory=set)  # local addresses of a draft on its way

    def __post_init__(self) -> None:
        self.pools = Pools(self.state, self.engine)

    async def commit(self, draft: Draft) -> None:
        """Publish and fold in. On Refused or cancellation nothing has changed."""
        if not draft.services.touched():
            self.commit_stack(draft)
            return
        edit: LbEdit | None = None
        try:
            self._make_pools(draft)
            edit = await self._edit(draft)
            self._finish(draft, edit)
        except EngineError as error:
            raise error.refused() from None
        finally:
            if edit is not None:
                edit.abort()  # ended already where it was committed
            self._pinned = set()
            self._sort_ids(draft)

    def commit_stack(self, draft: Draft) -> None:
        """commit for a draft of addresses and routes alone: waits for nothing."""
        try:
            self._make_pools(draft)
            self._finish(draft, None)
        except EngineError as error:
            raise error.refused() from None
        finally:
            self._sort_ids(draft)

    def drop(self, draft: Draft) -> None:
        """Forget a draft that was refused; the ids it took are given back."""
        self._sort_ids(draft)

    def _make_pools(self, draft: Draft) -> None:
        """Port pools for addresses that get ports by this draft."""
        wanted = {key.ip for key, _, row in draft.addresses.changes() if row and row.sapool}
        if draft.services.touched():
            self._pinned = wanted
        self.pools.make(wanted)

    async def _edit(self, draft: Draft) -> LbEdit | None:
        changes = draft.services.changes()
        if not changes:
            return None
        edit = self.engine.lb_begin()
        try:
            for n, (key, _before, service) in enumerate(changes, 1):
                if service is None:
                    edit.remove(key)
                else:
                    edit.put(*self._lb_rows(service))
                if n % SLICE_SERVICES == 0:
                    await self.pause()
        except BaseException:
            edit.abort()
            raise
        return edit

    def _finish(self, draft: Draft, edit: LbEdit | None) -> None:
        """From here nothing waits: what is folded in is what the core has."""
        undo_addresses = fold(self.state.addresses, draft.addresses.folded(addr_rules.merge))
        undo_routes = fold(self.state.routes, draft.routes.folded())
        ips = {key.ip for key in undo_addresses}
        published = False
        try:
            self.pools.close(ips)
            if undo_addresses or undo_routes:
                self.publish_fib()
                published = True
            self.pools.open(ips)
            if edit is not None:
                edit.commit()
        except EngineError:
            fold(self.state.addresses, undo_addresses)
            fold(self.state.routes, undo_routes)
            self.pools.close(ips)
            if published:
                self.publish_fib()
            self.pools.open(ips)
            raise
        fold(self.state.services, draft.services.folded())
        self.counting.start_from_here(draft.recycled_dest_ids)

    def _sort_ids(self, draft: Draft) -> None:
        """Ids of what is no more become trash; after a roll-back those of what never was."""
        gone = [(key, dest) for key, dest in draft.new_dests]
        for key, before, _ in draft.services.changes():
            gone += [(key, dest) for dest in (before.dests if before else ())]
        for key, dest in gone:
            service = self.state.services.get(key)
            if service is None or dest not in service.dests:
                self.state.dest_ids.retire((key, dest))
        self.pools.give_back({key.ip for key in draft.addresses.touched()} - self._pinned)

    def publish_fib(self) -> None:
        """Tell the core all addresses and routes as the state has them."""
        device = {row.name: number for number, row in enumerate(self.state.devices)}
        ids = self.state.laddr_ids.used
        self.engine.fib_publish(
            list(fib_addrs(self.state.addresses, self.state.routes, device, ids)),
            list(fib_routes(self.state.addresses, self.state.routes, device)),
        )

    def _lb_rows(self, service: Service) -> tuple[LbService, list[LbDest], list[int]]:
        spec = service.spec
        flags = SVC_EXPIRE_QUIESCENT * spec.expire_quiescent | SVC_ONE_PACKET * spec.ops
        sched = carried.SCHEDULERS[spec.scheduler]
        row = LbService(service.key, service.id, sched, flags, spec.conn_timeout_s)
        dests = [
            LbDest(
                dest.id, key.ip, key.port, carried.FORWARDS[dest.spec.forward],
                DEST_INHIBITED * dest.spec.inhibited, dest.spec.weight, dest.spec.upper_threshold,
                dest.spec.lower_threshold,
            )
            for key, dest in service.dests.items()
        ]  # fmt: skip
        return row, dests, [self.state.laddr_ids.used[ip] for ip in service.laddrs]
