"""Keeps the core's services as wanted: applies differences, and everything again after a restart.

`want` sets the goal and returns at once; one task (`run`) follows it. After each connection all
services are listed and compared, otherwise only those whose goal changed. What the core refuses
is logged once and tried again every RETRY_REFUSED_S; the rest is programmed all the same, and
after the first time on a connection `Ready` tells the others so.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

from dpvs_core.control.aclient import AsyncClient
from dpvs_core.control.client import CoreError
from dpvs_core.control.codec import DecodeError
from dpvs_core.control.messages import (
    Batch,
    BatchDone,
    Change,
    Code,
    DestAdd,
    DestDel,
    DestEdit,
    LaddrAdd,
    LaddrDel,
    Ok,
    Ready,
    ServiceKey,
    ServiceList,
    ServiceRow,
    ServiceRows,
    Welcome,
)
from dpvs_core.control.names import end_text
from keepalivedpy.lvs.names import service_name
from keepalivedpy.lvs.plan import WantedService
from keepalivedpy.lvs.reconcile import reconcile, service_of
from keepalivedpy.status.connection import core_status
from keepalivedpy.status.model import CoreStatus

MAX_BATCH = 2000  # requests in one batch
MAX_SINGLE_LISTS = 32  # from here on one list of all services is cheaper
RETRY_REFUSED_S = 30.0
SAY_UNREACHABLE_S = 0.5
ABSENT = {Code.NOTEXIST, Code.NOSERV}

Goal = Mapping[ServiceKey, WantedService]


class Backend:
    """Programs the core at `path` (None: the default); `log` takes lines and must not block."""

    def __init__(self, log: Callable[[str], None], path: str | None = None) -> None:
        self._log = log
        self._client = AsyncClient(
            "check", "keepalived-checkers", path, 0, self._connected, self._disconnected
        )
        self._goal: Goal = {}
        self._applied: dict[ServiceKey, WantedService] = {}
        self._stale = True  # the core may differ from `_applied`
        self._programmed = False  # since the last connect
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._refused: dict[str, str] = {}
        self._n_connections = 0
        self._n_changes = 0  # ever taken by the core
        self._n_before_reload: int | None = None  # a reload's end is to be said

    @property
    def connection(self) -> int:
        """Which connection to the core this is, counted from 1; 0 while there is none."""
        return self._n_connections if self._client.connected else 0

    def want(self, goal: Goal) -> None:
        """Make `goal` what the core shall have, of this owner's objects nothing else."""
        self._goal = goal
        self._settled.clear()
        self._wake.set()

    def reloaded(self) -> None:
        """Say what the goals since the last call changed, when the core has them."""
        if self._n_before_reload is None:
            self._n_before_reload = self._n_changes
        self._wake.set()

    def status(self) -> CoreStatus:
        """The connection, for `keepalived --status`."""
        refused = [f"{what}: {why}" for what, why in self._refused.items()]
        return core_status(self._client, "", refused)

    async def run(self) -> None:
        """Follow the goal until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._client.run())
            tasks.create_task(self._say_if_unreachable())
            tasks.create_task(self._follow())

    async def withdraw(self) -> None:
        """Remove everything of this owner; returns when done, or at once without a core."""
        self.want({})
        if self._client.connected:
            await self._settled.wait()

    async def _connected(self, welcome: Welcome, new_instance: bool) -> None:
        if new_instance and self._client.welcome is not None:
            n = len(self._goal)
            self._log(
                f"dpvs has started anew (instance {welcome.instance}), programming {n} services"
            )
        self._n_connections += 1
        self._programmed, self._stale = False, True
        self._wake.set()

    def _disconnected(self, why: Exception) -> None:
        if self._programmed:
            self._log(f"Lost the connection to dpvs at {self._client.path}: {why}")
        self._programmed, self._stale = False, True
        self._settled.set()  # nothing more can be done: whoever waits goes on

    async def _say_if_unreachable(self) -> None:
        await asyncio.sleep(SAY_UNREACHABLE_S)
        if not self._client.connected:
            why = self._client.last_error
            self._log(f"Cannot reach dpvs at {self._client.path}: {why}; trying until it answers")

    async def _follow(self) -> None:
        while True:
            await self._wait_for_work()
            if not self._client.connected:
                continue
            try:
                await self._sync()
            except (OSError, CoreError, DecodeError) as error:
                self._stale = True
                if self._client.connected:
                    self._say_refused("service.list", str(error))

    async def _wait_for_work(self) -> None:
        timeout_s = RETRY_REFUSED_S if self._refused else None
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            self._stale = True
        self._wake.clear()

    async def _sync(self) -> None:
        goal = self._goal
        rows, wanted = await (self._all(goal) if self._stale else self._changed(goal))
        self._stale = False
        refused_before, self._refused = self._refused, {}
        await self._apply(reconcile(wanted, rows), refused_before)
        self._applied = dict(goal)
        if not self._programmed:
            await self._say_ready()
            self._programmed = True
            self._log(f"Programmed {len(goal)} services in dpvs at {self._client.path}")
        if goal is self._goal:
            self._settled.set()
            self._say_reload()

    def _say_reload(self) -> None:
        if self._n_before_reload is not None:
            n = self._n_changes - self._n_before_reload
            self._n_before_reload = None
            what = "nothing to change" if n == 0 else "1 change" if n == 1 else f"{n} changes"
            self._log(f"Reload of services: {what} in dpvs")

    async def _say_ready(self) -> None:
        """Who waits for the services (VRRP) may go on, also if the core has refused some."""
        try:
            await self._client.call(Ready(), Ok)
        except CoreError as error:
            self._say_refused("ready", _reason(error))

    async def _all(self, goal: Goal) -> tuple[list[ServiceRow], list[WantedService]]:
        return await self._list(None), list(goal.values())

    async def _changed(self, goal: Goal) -> tuple[list[ServiceRow], list[WantedService]]:
        """The rows and goals of those services only whose goal is another than last time."""
        both = dict.fromkeys([*goal, *self._applied])
        keys = [key for key in both if _differ(goal.get(key), self._applied.get(key))]
        if len(keys) > MAX_SINGLE_LISTS or _turns(goal) != _turns(self._applied):
            return await self._all(goal)
        rows = [row for key in keys for row in await self._list(key)]
        return rows, [goal[key] for key in keys if key in goal]

    async def _list(self, key: ServiceKey | None) -> list[ServiceRow]:
        rows: list[ServiceRow] = []
        cursor = 0
        while True:
            try:
                page = await self._client.call(ServiceList(key=key, cursor=cursor), ServiceRows)
            except CoreError as error:
                if key is not None and error.code in ABSENT:
                    return []
                raise
            rows += page.rows
            cursor = page.cursor
            if cursor == 0:
                return rows

    async def _apply(self, changes: list[Change], refused_before: Mapping[str, str]) -> None:
        for batch in batches(changes):
            await self._apply_batch(batch, refused_before)

    async def _apply_batch(self, changes: list[Change], refused_before: Mapping[str, str]) -> None:
        """All in one batch; if the core refuses, service by service, then request by request."""
        if len(changes) == 1:
            await self._apply_one(changes[0], refused_before)
            return
        try:
            await self._client.call(Batch(requests=changes), BatchDone)
            self._n_changes += len(changes)
        except CoreError:
            for part in _smaller(changes):
                await self._apply_batch(part, refused_before)

    async def _apply_one(self, change: Change, refused_before: Mapping[str, str]) -> None:
        try:
            await self._client.call(change, Ok)
            self._n_changes += 1
        except CoreError as error:
            self._say_refused(describe(change), _reason(error), refused_before)

    def _say_refused(self, what: str, why: str, before: Mapping[str, str] | None = None) -> None:
        """Log a refusal, unless it is the same as last time."""
        if (self._refused if before is None else before).get(what) != why:
            self._log(f"dpvs refused {what}: {why}")
        self._refused[what] = why


def _differ(one: WantedService | None, other: WantedService | None) -> bool:
    return one is not other and one != other


def _turns(goal: Goal) -> list[ServiceKey]:
    """Of match services: in which order they are added matters."""
    return [key for key in goal if key.match is not None]


def batches(changes: list[Change]) -> Iterator[list[Change]]:
    """Parts of at most MAX_BATCH; a detachment stays with the attachment that follows it."""
    start = 0
    while start < len(changes):
        end = start + MAX_BATCH
        if end < len(changes) and isinstance(changes[end - 1], LaddrDel):
            end -= 1
        yield changes[start:end]
        start = end


def describe(change: Change) -> str:
    """A request in a log line: `dest.add 10.0.0.1:80 of [192.0.2.1]:tcp:80`."""
    tag = type(change).__struct_config__.tag
    key = service_of(change)
    name = service_name(key) if key else ""
    match change:
        case DestAdd(dest=dest) | DestEdit(dest=dest):
            return f"{tag} {end_text(dest.addr, dest.port)} of {name}"
        case DestDel():
            return f"{tag} {end_text(change.addr, change.port)} of {name}"
        case LaddrAdd(laddr=laddr) | LaddrDel(laddr=laddr):
            return f"{tag} {laddr.addr} dev {laddr.dev} of {name}"
    return f"{tag} {name}"


def _reason(error: CoreError) -> str:
    return f"{error.message} ({error.value})" if error.value else str(error.message)


def _smaller(changes: list[Change]) -> Iterable[list[Change]]:
    """Parts of a refused batch: one a service, or single requests where there is one service."""
    parts: dict[ServiceKey | None, list[Change]] = {}
    for change in changes:
        parts.setdefault(service_of(change), []).append(change)
    return parts.values() if len(parts) > 1 else ([change] for change in changes)
