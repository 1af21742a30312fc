"""The checker process: runs the engine's decisions on sockets, clock and core.

Every probe is a task of its own, so that none waits for another; only the number of sockets open
at once is bounded, by the process's limit of file descriptors.
"""

import asyncio
import gc
import random
import resource
from collections.abc import AsyncIterator, Callable

from keepalivedpy.checkers.engine import (
    Action,
    Answered,
    Engine,
    Event,
    Load,
    Program,
    StartProbe,
    Stop,
    Tick,
)
from keepalivedpy.checkers.notify import Scripts
from keepalivedpy.checkers.registry import KINDS
from keepalivedpy.checkers.targets import Target
from keepalivedpy.checkers.verdict import Outcome
from keepalivedpy.config.pause import no_collection
from keepalivedpy.lvs.backend_dpvs import Backend
from keepalivedpy.lvs.effects import Log, Notify
from keepalivedpy.lvs.part import CheckerPart
from keepalivedpy.lvs.plan import Planner

RESERVED_FDS = 64
WITHDRAW_S = 4.0  # the parent kills after five seconds
LAST_SCRIPTS_S = 1.0
FAILURES = (Outcome.FAILED, Outcome.TIMEOUT)
"""What says something about a server only if the core that carries the probe was there all the
time: otherwise a director that comes back would find all its servers dead."""


async def run(
    part: CheckerPart,
    updates: AsyncIterator[CheckerPart],
    stop: asyncio.Event,
    log: Callable[[str], None],
    ipc_path: str | None = None,
    keep_services: bool = False,
    on_runner: "Callable[[Runner], None]" = lambda _runner: None,
) -> None:
    """Check and program until `stop` is set, then take everything out of the core again.

    `updates` gives the new part at each reload; `keep_services` (-I) leaves the core as it is.
    `on_runner` is handed the runner before it starts (status).
    """
    runner = Runner(log, ipc_path)
    on_runner(runner)
    runner.feed(Load(part))
    tasks = [
        asyncio.create_task(runner.backend.run()),
        asyncio.create_task(_follow(runner, updates)),
    ]
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
    try:
        for task in done - {stopped}:
            task.result()  # raises what ended it
        await runner.end(keep_services)
    finally:
        for task in [*tasks, stopped]:
            task.cancel()


async def _follow(runner: "Runner", updates: AsyncIterator[CheckerPart]) -> None:
    """Hand on each reload; ends when the parent has gone."""
    async for part in updates:
        runner.backend.reloaded()
        runner.feed(Load(part))


class Runner:
    """The engine with its surroundings. `feed` is the only way in, `_act` the only way out."""

    def __init__(self, log: Callable[[str], None], ipc_path: str | None) -> None:
        self.backend = Backend(log, ipc_path)
        self._log = log
        self._loop = asyncio.get_running_loop()
        self.engine = Engine(lambda limit_us: random.randint(0, limit_us))
        self._planner = Planner(CheckerPart())
        self._scripts = Scripts(log)
        self._probes: set[asyncio.Task[None]] = set()
        self._sockets = asyncio.Semaphore(_max_sockets())
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, event: Event) -> None:
        if isinstance(event, Load):
            self._scripts.script_user = event.part.global_defs.script_user
            with no_collection():
                self._planner = Planner(event.part, self._planner)
                self._handle(event)
            gc.freeze()  # as much as a configuration is not looked through again and again
        else:
            self._handle(event)
        self._arm()

    def _handle(self, event: Event) -> None:
        for action in self.engine.handle(event, self._now_us()):
            self._act(action)

    async def end(self, keep_services: bool) -> None:
        """Stop checking, say what ends, and clear the core unless told to keep it."""
        for probe in self._probes:
            probe.cancel()
        self.feed(Stop())
        if self._timer is not None:
            self._timer.cancel()
        await self._scripts.finish(LAST_SCRIPTS_S)
        if keep_services:
            return
        try:
            async with asyncio.timeout(WITHDRAW_S):
                await self.backend.withdraw()
        except TimeoutError:
            self._log(f"dpvs did not remove everything within {WITHDRAW_S:g} s")

    def _act(self, action: Action) -> None:
        match action:
            case StartProbe(check_id, target):
                task = self._loop.create_task(self._probe(check_id, target))
                self._probes.add(task)
                task.add_done_callback(self._probes.discard)
            case Program():
                self.backend.want(self._planner.plan(self.engine.pools))
            case Log(text):
                self._log(text)
            case Notify():
                self._scripts.start(action)

    async def _probe(self, check_id: int, target: Target) -> None:
        async with self._sockets:
            connection = self.backend.connection
            outcome, reason = await KINDS[type(target)].probe(target)
        if outcome in FAILURES and (not connection or connection != self.backend.connection):
            outcome, reason = Outcome.NOT_RUN, f"{reason}, while dpvs did not run"
        self.feed(Answered(check_id, outcome, reason))

    def _arm(self) -> None:
        """Have Tick come when the engine's next check is due."""
        due_us = self.engine.next_us()
        if self._timer is not None:
            if due_us is not None and self._timer.when() == due_us / 1e6:
                return
            self._timer.cancel()
            self._timer = None
        if due_us is not None:
            self._timer = self._loop.call_at(due_us / 1e6, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.feed(Tick())

    def _now_us(self) -> int:
        return round(self._loop.time() * 1e6)


def _max_sockets() -> int:
    """Raise the soft limit of file descriptors to the hard one, and leave some for the rest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(hard - RESERVED_FDS, 1)
