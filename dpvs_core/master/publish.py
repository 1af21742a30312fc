"""Tells the core what a draft changes, whole or not at all, then folds it into the state.

Steps, each undone if a later one fails: port pools of new local addresses (made closed), the
edited copy of the services (in slices, between which other requests are served), pools closed,
addresses and routes, pools opened, and last the services' commit. Only the last steps are one:
they cost what was changed of the stack, and little for each service. Requests that only touch the
stack have nothing to wait for and overtake.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from dpvs_core.control.slices import Slices
from dpvs_core.master import addresses as addr_rules
from dpvs_core.master import matches
from dpvs_core.master.counters import Counting, Start
from dpvs_core.master.engine import LbEdit, LbKey, LbRow, Publisher
from dpvs_core.master.errors import EngineError
from dpvs_core.master.fib import FibTable
from dpvs_core.master.inet import Ip
from dpvs_core.master.overlay import fold
from dpvs_core.master.pools import Pools
from dpvs_core.master.state import (
    Address,
    AddrKey,
    DestId,
    Draft,
    MatchKey,
    Route,
    RouteKey,
    Service,
    ServiceId,
    State,
)

# Pieces between which the clock is looked at, 0.4 ms or so:
PIECE_SERVICES = 32  # a service with 4 dests takes 8 us, one with 30 dests 40 us
PIECE_DESTS = 256
PIECE_POOLS = 4  # a pool's memory is zeroed: 0.1 ms each

StackRows = tuple[dict[AddrKey, Address | None], dict[RouteKey, Route | None], Mapping[Ip, int]]
"""Addresses, routes, and by how many dests each WAN address is named more."""


@dataclass(slots=True)
class Publication:
    """The way of drafts into the core. One draft with services at a time (the caller's lock)."""

    state: State
    engine: Publisher
    counting: Counting
    slices: Slices = field(default_factory=Slices)
    pools: Pools = field(init=False)
    fib: FibTable = field(init=False)
    _pinned: set[Ip] = field(default_factory=set)  # local addresses of a draft on its way

    def __post_init__(self) -> None:
        self.pools = Pools(self.state, self.engine)
        self.fib = FibTable({row.name: number for number, row in enumerate(self.state.devices)})
        for key, row in self.state.addresses.items():
            self.fib.update(key, row, self.state.ports_id(key.ip, row))

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
            self._finish(draft, edit, await self._starts(draft))
            done = True
        except EngineError as error:
            raise error.refused() from None
        finally:
            if edit is not None:
                edit.abort()  # ended already where it was committed
            self._pinned = set()
            await self._sort_ids(draft, done)

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
        await self._sort_ids(draft, False)

    def _wanted_pools(self, draft: Draft) -> set[Ip]:
        """The addresses that get ports by this draft."""
        ips = {key.ip for key, _, row in draft.addresses.changes() if row and row.sapool}
        return ips | {ip for ip, step in draft.wan_steps.items() if step > 0}

    async def _make_pools_in_slices(self, draft: Draft) -> None:
        self._pinned = self._wanted_pools(draft)
        async for ips in self.slices.pieces(list(self._pinned), PIECE_POOLS):
            self.pools.make(ips)

    async def _edit(self, draft: Draft) -> LbEdit | None:
        edit: LbEdit | None = None
        try:
            async for piece in self.slices.pieces(draft.services.rows(), PIECE_SERVICES):
                edit = edit or self.engine.lb_begin()
                rows = [
                    self._lb_row(row)
                    for key, row in piece
                    if row is not None and isinstance(key, LbKey)
                ]
                if rows:
                    edit.put(rows)
                if len(rows) < len(piece):
                    self._edit_rest(edit, piece)
        except BaseException:
            if edit is not None:
                edit.abort()
            raise
        return edit

    def _edit_rest(self, edit: LbEdit, piece: Iterable[tuple[ServiceId, Service | None]]) -> None:
        """What goes, and services by match: few."""
        for key, row in piece:
            if isinstance(key, MatchKey):
                self._edit_match(edit, key, row)
            elif row is None:
                edit.remove(key)

    def _edit_match(self, edit: LbEdit, key: MatchKey, row: Service | None) -> None:
        """One that was removed and added again is asked first, as any that is added."""
        match = matches.pack(key, self.state.device)
        before = self.state.services.get(key)
        if before is not None and (row is None or row.id != before.id):
            edit.remove_match(match)
        if row is not None:
            edit.put_match(match, self._match_row(row))

    async def _starts(self, draft: Draft) -> dict[int, Start]:
        """What dests have counted whose counters shall start with this draft."""
        starts: dict[int, Start] = {}
        async for ids in self.slices.pieces(draft.recycled_dest_ids, PIECE_DESTS):
            starts |= self.counting.starts(ids)
        return starts

    def _finish(self, draft: Draft, edit: LbEdit | None, starts: dict[int, Start]) -> None:
        """From here nothing waits: what is folded in is what the core has."""
        addresses = draft.addresses.folded(addr_rules.merge)
        undo = self._fold_stack((addresses, draft.routes.folded(), draft.wan_steps))
        ips = {key.ip for key in addresses} | draft.wan_steps.keys()
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
        self.counting.start_at(starts)

    async def _sort_ids(self, draft: Draft, done: bool) -> None:
        """Ids of dests that are not there (any more) become trash, and the draft's rows are freed:
        all of them, a cancellation is heeded afterwards."""
        loose = draft.gone_dests.items() if done else _drafted(draft)
        work = chain(self._retiring(loose), draft.services.forgetting())
        try:
            async for _ in self.slices.pieces(work, PIECE_DESTS, to_the_end=True):
                pass
        finally:
            self._give_pools_back(draft)

    def _retiring(self, loose: Iterable[tuple[DestId, int]]) -> Iterator[None]:
        """One after the other."""
        services, retire = self.state.services, self.state.dest_ids.retire
        for owner, id_ in loose:
            key, dest = owner
            service = services.get(key)
            if service is None or dest not in service.dests:
                retire(owner, id_)
            yield

    def _give_pools_back(self, draft: Draft) -> None:
        ips = {key.ip for key in draft.addresses.touched()} | draft.wan_steps.keys()
        self.pools.give_back(ips - self._pinned)

    def _fold_stack(self, rows: StackRows) -> StackRows:
        """Put addresses and routes into the state and the table; returns what undoes it."""
        state, (addresses, new_routes, wan_steps) = self.state, rows
        undo = (
            fold(state.addresses, addresses), fold(state.routes, new_routes),
            state.count_wan(wan_steps),
        )  # fmt: skip
        named = {key: row for ip in wan_steps for key, row in state.addresses_of(ip)}
        for key, row in (addresses | named).items():
            self.fib.update(key, row, state.ports_id(key.ip, row))
        return undo

    def publish_fib(self) -> None:
        """Tell the core all addresses and routes as the state has them."""
        routes = self.state.routes
        self.engine.fib_publish(self.fib.addrs(routes), self.fib.routes(routes))

    def _lb_row(self, service: Service) -> LbRow:
        laddr_ids = [self.state.laddr_ids.used[ip] for ip in service.laddrs]
        return LbRow(service.packed, _packed_dests(service), laddr_ids)

    def _match_row(self, service: Service) -> LbRow:
        laddr_ids = [self.state.laddr_ids.used[dest.ip] for dest in service.dests]
        return LbRow(service.packed, _packed_dests(service), laddr_ids)


def _packed_dests(service: Service) -> bytes:
    return b"".join([dest.packed for dest in service.dests.values()])


def _drafted(draft: Draft) -> Iterator[tuple[DestId, int]]:
    """All dests of the services that a draft touches, and those it took away."""
    for key, row in draft.services.rows():
        if row is not None:
            for dest_key, dest in row.dests.items():
                yield (key, dest_key), dest.id
    yield from draft.gone_dests.items()
