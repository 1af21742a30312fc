"""Tells the core what a draft changes, whole or not at all, then folds it into the state.

Steps, each undone if a later one fails: port pools of new local addresses (made closed), the
edited copy of the services (in slices, between which other requests are served), pools closed,
addresses and routes, pools opened, and last the services' commit. Only the last steps are one:
they cost what was changed of the stack, and little for each service. Requests that only touch the
stack have nothing to wait for and overtake.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from dpvs_core.master import addresses as addr_rules
from dpvs_core.master import carried
from dpvs_core.master.counters import Counting, Lines
from dpvs_core.master.engine import LbDest, LbEdit, LbService, Publisher
from dpvs_core.master.errors import EngineError
from dpvs_core.master.fib import FibTable
from dpvs_core.master.inet import Ip
from dpvs_core.master.overlay import fold
from dpvs_core.master.pools import Pools
from dpvs_core.master.state import (
    Address,
    AddrKey,
    Dest,
    DestId,
    DestKey,
    Draft,
    Route,
    RouteKey,
    Service,
    State,
)

# Between two pauses, half a millisecond or so:
SLICE_SERVICES = 64  # a service with 4 dests takes 10 us, one with 30 dests 40 us
SLICE_DESTS = 256
SLICE_ROWS = 256  # rows of services that are freed
SLICE_POOLS = 4  # a pool's memory is zeroed: 0.1 ms each

Pause = Callable[[], Awaitable[None]]
StackRows = tuple[dict[AddrKey, Address | None], dict[RouteKey, Route | None]]

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
    fib: FibTable = field(init=False)
    _pinned: set[Ip] = field(default_factory=set)  # local addresses of a draft on its way

    def __post_init__(self) -> None:
        self.pools = Pools(self.state, self.engine)
        self.fib = FibTable({row.name: number for number, row in enumerate(self.state.devices)})
        for key, row in self.state.addresses.items():
            self.fib.update(key, row, self.state.laddr_ids.used.get(key.ip))

    async def commit(self, draft: Draft) -> None:
        """Publish and fold in. On Refused or cancellation nothing has changed."""
        if not draft.services.touched():
            self.commit_stack(draft)
            return
        edit: LbEdit | None = None
        done = False
        try:
            await self._make_pools_in_slices(draft)
            edit = await self._edit(draft)
            self._finish(draft, edit, await self._lines(draft))
            done = True
        except EngineError as error:
            raise error.refused() from None
        finally:
            if edit is not None:
                edit.abort()  # ended already where it was committed
            self._pinned = set()
            await self._sort_ids(draft, draft.gone_dests if done else draft.new_dests)

    def commit_stack(self, draft: Draft) -> None:
        """commit for a draft of addresses and routes alone: waits for nothing."""
        try:
            self.pools.make(self._wanted_pools(draft))
            self._finish(draft, None, {})
        except EngineError as error:
            raise error.refused() from None
        finally:
            self._give_pools_back(draft)

    async def drop(self, draft: Draft) -> None:
        """Forget a draft that was refused; the ids it took are given back."""
        await self._sort_ids(draft, draft.new_dests)

    def _wanted_pools(self, draft: Draft) -> set[Ip]:
        """The addresses that get ports by this draft."""
        return {key.ip for key, _, row in draft.addresses.changes() if row and row.sapool}

    async def _make_pools_in_slices(self, draft: Draft) -> None:
        self._pinned = self._wanted_pools(draft)
        for n, ip in enumerate(list(self._pinned), 1):
            self.pools.make((ip,))
            if n % SLICE_POOLS == 0:
                await self.pause()

    async def _edit(self, draft: Draft) -> LbEdit | None:
        edit: LbEdit | None = None
        try:
            for n, (key, service) in enumerate(draft.services.rows(), 1):
                edit = edit or self.engine.lb_begin()
                if service is None:
                    edit.remove(key)
                else:
                    edit.put(*self._lb_rows(service))
                if n % SLICE_SERVICES == 0:
                    await self.pause()
        except BaseException:
            if edit is not None:
                edit.abort()
            raise
        return edit

    async def _lines(self, draft: Draft) -> dict[int, Lines]:
        """What dests have counted whose counters shall start with this draft."""
        lines: dict[int, Lines] = {}
        for n, dest_id in enumerate(draft.recycled_dest_ids, 1):
            lines[dest_id] = self.counting.lines(dest_id)
            if n % SLICE_DESTS == 0:
                await self.pause()
        return lines

    def _finish(self, draft: Draft, edit: LbEdit | None, lines: dict[int, Lines]) -> None:
        """From here nothing waits: what is folded in is what the core has."""
        addresses = draft.addresses.folded(addr_rules.merge)
        undo = self._fold_stack((addresses, draft.routes.folded()))
        ips = {key.ip for key in addresses}
        published = False
        try:
            self.pools.close(ips)
            if any(undo):
                self.publish_fib()
                published = True
            self.pools.open(ips)
            if edit is not None:
                edit.commit()
        except EngineError:
            self._fold_stack(undo)
            self.pools.close(ips)
            if published:
                self.publish_fib()
            self.pools.open(ips)
            raise
        draft.services.fold_in()
        self.counting.start_at(lines)

    async def _sort_ids(self, draft: Draft, loose: list[DestId]) -> None:
        """Ids of dests that are not there (any more) become trash, all of them: a cancellation
        is heeded afterwards."""
        cancelled: asyncio.CancelledError | None = None
        for _ in self._sorting(draft, loose):
            if cancelled is None:
                try:
                    await self.pause()
                except asyncio.CancelledError as error:
                    cancelled = error
        self._give_pools_back(draft)
        if cancelled is not None:
            raise cancelled

    def _sorting(self, draft: Draft, loose: list[DestId]) -> Iterator[None]:
        """In slices, and so the draft's rows are freed."""
        for n, (key, dest) in enumerate(loose, 1):
            service = self.state.services.get(key)
            if service is None or dest not in service.dests:
                self.state.dest_ids.retire((key, dest))
            if n % SLICE_DESTS == 0:
                yield
        while draft.services.forget(SLICE_ROWS):
            yield

    def _give_pools_back(self, draft: Draft) -> None:
        self.pools.give_back({key.ip for key in draft.addresses.touched()} - self._pinned)

    def _fold_stack(self, rows: StackRows) -> StackRows:
        """Put addresses and routes into the state and the table; returns what undoes it."""
        addresses, new_routes = rows
        undo = fold(self.state.addresses, addresses), fold(self.state.routes, new_routes)
        ids = self.state.laddr_ids.used
        for key, row in addresses.items():
            self.fib.update(key, row, ids.get(key.ip))
        return undo

    def publish_fib(self) -> None:
        """Tell the core all addresses and routes as the state has them."""
        routes = self.state.routes
        self.engine.fib_publish(self.fib.addrs(routes), self.fib.routes(routes))

    def _lb_rows(self, service: Service) -> tuple[LbService, list[LbDest], list[int]]:
        spec = service.spec
        flags = SVC_EXPIRE_QUIESCENT * spec.expire_quiescent | SVC_ONE_PACKET * spec.ops
        sched = carried.SCHEDULERS[spec.scheduler]
        row = LbService(service.key, service.id, sched, flags, spec.conn_timeout_s)
        dests = [_dest_row(key, dest) for key, dest in service.dests.items()]
        return row, dests, [self.state.laddr_ids.used[ip] for ip in service.laddrs]


def _dest_row(key: DestKey, dest: Dest) -> LbDest:
    spec = dest.spec
    return LbDest(
        dest.id, key.ip, key.port, carried.FORWARDS[spec.forward], DEST_INHIBITED * spec.inhibited,
        spec.weight, spec.upper_threshold, spec.lower_threshold,
    )  # fmt: skip
