"""What the master does by itself: frees, samples, expires. Sleeps in between.

Every POLL_S the core's housekeeping and what it heard of other stations, every CLAIMS_S while a
lease is running out, which ends at its deadline; every SAMPLE_S counters (in slices), life times
and ids whose connections have ended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dpvs_core.master import addresses, listings, steering
from dpvs_core.master.control_service import ControlService
from dpvs_core.master.counters import N_TOTALS
from dpvs_core.master.engine import DadState, WorkerStats
from dpvs_core.master.errors import EngineError, Refused
from dpvs_core.master.handlers import Handlers
from dpvs_core.master.layouts import DEST_STATS
from dpvs_core.master.state import AddrKey, By

POLL_S = 0.05
CLAIMS_S = 0.005
SAMPLE_S = 1.0
PIECE_DESTS = 128


@dataclass(slots=True)
class Upkeep:
    handlers: Handlers
    service: ControlService
    log: logging.Logger
    _busy: dict[int, WorkerStats] = field(default_factory=dict)
    _idle_dests: set[int] = field(default_factory=set)
    _refused: dict[str, str] = field(default_factory=dict)
    _duplicates: set[AddrKey] = field(default_factory=set)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._every(POLL_S, self.poll))
            tasks.create_task(self._every(SAMPLE_S, self.sample))
            tasks.create_task(self._every(0.0, self.watch_leases))

    async def _every(self, period_s: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except EngineError as error:
                self.log.error("upkeep: %s", error)
            except Refused as refused:
                self.log.error("upkeep: %s", refused.message)
            await asyncio.sleep(period_s)

    async def poll(self) -> None:
        self.handlers.engine.poll()
        self.service.heed_claims()

    async def watch_leases(self) -> None:
        """Wait until a lease runs out, or the next look at claims meanwhile; end what has ended."""
        service = self.service
        deadline_s = service.leases.next_deadline_s()
        if deadline_s is None:
            service.lease_runs.clear()
            await service.lease_runs.wait()
            return
        await asyncio.sleep(max(0.0, min(CLAIMS_S, deadline_s - service.clock())))
        service.heed_claims()

    async def sample(self) -> None:
        handlers = self.handlers
        await self.expire()
        await self.sweep()
        handlers.claims.keep(handlers.state.in_use)
        now_s = handlers.clock()
        n_ids = handlers.state.dest_ids.n_given
        async for _ in handlers.slices.pieces(handlers.counting.snapshot(n_ids, now_s), 1):
            pass
        for worker in range(len(handlers.workers)):
            now = handlers.engine.worker_stats(worker)
            before = self._busy.get(worker, now)
            handlers.busy_pct[worker] = listings.busy_pct(before, now)
            self._busy[worker] = now
        self.watch_steering()
        self.watch_duplicates()

    def watch_duplicates(self) -> None:
        """Say it once when an address turns out to be another station's too."""
        state = self.handlers.state
        if not any(key.ip.af == 6 for key in state.addresses):
            return
        failed = {
            AddrKey(state.devices[dev].name, ip)
            for (dev, ip), dad in self.handlers.engine.addr_states().items()
            if dad is DadState.FAILED
        }
        for key in sorted(failed - self._duplicates):
            self.log.error(
                "address %s of %s is not used: another station has it (delete it here or there)",
                key.ip, key.dev,
            )  # fmt: skip
        self._duplicates = failed

    def watch_steering(self) -> None:
        """Say it once when a port refuses the rules of a local address."""
        handlers = self.handlers
        for number, device in enumerate(handlers.state.devices):
            row = handlers.engine.steering(number)
            words = steering.refusal(row) if row.n_refused else ""
            if words and words != self._refused.get(device.name):
                self.log.warning("Port %s: steering: %s", device.name, words)
            self._refused[device.name] = words

    async def expire(self) -> None:
        """Remove addresses whose valid_lft is over, deprecate those whose preferred_lft is."""
        draft = self.handlers.draft(By("conf", "valid_lft"))
        if addresses.drop_expired(draft) + addresses.deprecate(draft):
            await self.handlers.publication.commit(draft)

    async def sweep(self) -> None:
        """Give back ids on which no connection counts any more, in slices.

        A dest must be idle twice in a row: a worker that has not seen the new tables yet may
        just be choosing it. The core itself knows when a local address is free.
        """
        engine, state = self.handlers.engine, self.handlers.state
        ids = state.dest_ids
        idle: set[int] = set()
        async for piece in self.handlers.slices.pieces(list(ids.trash.items()), PIECE_DESTS):
            rows = DEST_STATS.iter_unpack(engine.dest_rows([id_ for _, id_ in piece]))
            for (key, id_), row in zip(piece, rows, strict=True):
                if any(row[N_TOTALS:]) or ids.trash.get(key) != id_:
                    continue
                idle.add(id_)
                if id_ in self._idle_dests:
                    ids.free(key, id_)
        self._idle_dests = idle
        state.laddr_ids.sweep(engine.laddr_del)
