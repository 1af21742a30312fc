"""The checkers' decisions: events and the time go in, actions come out.

Pure but for its own state: no socket, no clock, no randomness, no log. Times are microseconds of
any monotonic clock. The caller starts the probes it is told to and answers each with `Answered`.
"""

from collections.abc import Callable, Mapping

import msgspec

from keepalivedpy.checkers.checks import Check, CheckSet
from keepalivedpy.checkers.registry import KINDS
from keepalivedpy.checkers.schedule import Schedule
from keepalivedpy.checkers.since import Since
from keepalivedpy.checkers.targets import Target
from keepalivedpy.checkers.verdict import Outcome, Verdict, judge
from keepalivedpy.lvs import transition
from keepalivedpy.lvs.effects import Effect, Log, Notify
from keepalivedpy.lvs.names import RsKey, VsId, blocks, rs_name, vs_name
from keepalivedpy.lvs.part import CheckerPart
from keepalivedpy.lvs.plan import problems
from keepalivedpy.lvs.pool import Pool, servers
from keepalivedpy.model.lvs import RealServer, VirtualServer


class Load(msgspec.Struct, frozen=True):
    """The configuration, at start or at reload."""

    part: CheckerPart


class Tick(msgspec.Struct, frozen=True):
    """The time asked for by `next_us` has come."""


class Answered(msgspec.Struct, frozen=True):
    """A probe has ended; `reason` says why when it is not UP."""

    check_id: int
    outcome: Outcome
    reason: str = ""


class Stop(msgspec.Struct, frozen=True):
    """The daemon ends."""


class StartProbe(msgspec.Struct, frozen=True):
    check_id: int
    target: Target


class Program(msgspec.Struct, frozen=True):
    """What the core shall have has changed: see `part` and `pools`."""


Event = Load | Tick | Answered | Stop
Action = StartProbe | Program | Log | Notify


class Engine:
    """`random_us(n)` gives a number in 0..n: where in its warmup a check begins."""

    def __init__(self, random_us: Callable[[int], int]) -> None:
        self.part = CheckerPart()
        self.pools: dict[VsId, Pool] = {}
        self.blocks: dict[VsId, VirtualServer] = {}
        self.checks = CheckSet()
        self.since = Since()
        self._random_us = random_us
        self._servers: dict[VsId, dict[RsKey, RealServer]] = {}
        self._schedule = Schedule()

    def handle(self, event: Event, now_us: int) -> list[Action]:
        match event:
            case Load(part):
                return self._load(part, now_us)
            case Tick():
                return self._tick(now_us)
            case Answered(check_id, outcome, reason):
                return self._answered(check_id, outcome, reason, now_us)
            case Stop():
                return self._stop()

    def next_us(self) -> int | None:
        """When the next Tick is due; None while nothing waits."""
        return self._schedule.next_us()

    def _tick(self, now_us: int) -> list[Action]:
        due = self._schedule.take_due(now_us)
        return [StartProbe(i, self.checks.by_id[i].key.target) for i in due]

    def _load(self, part: CheckerPart, now_us: int) -> list[Action]:
        old_blocks, old_servers, old_pools = self.blocks, self._servers, self.pools
        old_ids = set(self.checks.by_id)
        self.part, self.blocks = part, blocks(part.virtual_servers)
        same = {i for i, vs in self.blocks.items() if old_blocks.get(i) == vs}
        self._servers = {
            i: old_servers[i] if i in same else servers(vs) for i, vs in self.blocks.items()
        }
        self.pools = {i: old_pools[i] for i in same}
        down = {
            (vs_id, key)
            for vs_id in old_blocks.keys() - same
            for key in old_servers[vs_id]
            if key not in old_pools[vs_id].alive
        }
        self.checks.load(self.blocks, self._servers, same, down, now_us)
        actions: list[Action] = [Log(text) for text in problems(part)]
        for vs_id, vs in self.blocks.items():
            if vs_id in same:
                continue
            before = old_servers.get(vs_id, {})
            actions += self._load_pool(
                vs_id, vs, old_blocks.get(vs_id), before, old_pools.get(vs_id)
            )
            self.since.note(vs_id, self._servers[vs_id], self.pools[vs_id], now_us)
        if len(same) < len(old_blocks):
            self.since.keep_only(self._servers)
        for vs_id in old_blocks.keys() - self.blocks.keys():
            actions += transition.gone(old_blocks[vs_id], old_pools[vs_id])
        actions += self._arrange(old_ids, now_us)
        return [*actions, Program()]

    def _load_pool(
        self,
        vs_id: VsId,
        vs: VirtualServer,
        old_vs: VirtualServer | None,
        before: Mapping[RsKey, RealServer],
        old: Pool | None,
    ) -> list[Effect]:
        """The pool of a virtual server that is new, or not as it was with the servers `before`."""
        now = self._servers[vs_id]
        alive = self.checks.alive(vs_id, now)
        if old_vs is None or old is None:
            self.pools[vs_id], effects = transition.start(vs, alive)
            return effects
        effects = [
            effect
            for key in before.keys() - now.keys()
            for effect in transition.server_gone(old_vs, old, key)
        ]
        effects += [
            _weight_changed(vs, now[key], key in alive, before[key].weight)
            for key in now
            if key in before and before[key].weight != now[key].weight
        ]
        as_before = frozenset(key for key in now if key in (old.alive if key in before else alive))
        pool, more = transition.carry(vs, old, as_before)
        effects += more
        for key in now:
            pool, more = transition.server_changed(vs, pool, key, key in alive)
            effects += more
        self.pools[vs_id] = pool
        return effects

    def _arrange(self, old_ids: set[int], now_us: int) -> list[Action]:
        """Schedule new checks within their warmup, forget removed ones, shorten long waits."""
        actions: list[Action] = []
        for check_id, check in self.checks.by_id.items():
            due_us = self._schedule.due_us(check_id)
            if check_id not in old_ids:
                self._schedule.set(check_id, now_us + self._random_us(check.timing.warmup_us))
                rs, vs = self._names(check)
                actions.append(Log(f"Activating healthchecker for service {rs} for VS {vs}"))
            elif due_us is not None and due_us > now_us + check.timing.delay_loop_us:
                self._schedule.set(check_id, now_us + check.timing.delay_loop_us)
        for check_id in old_ids - self.checks.by_id.keys():
            self._schedule.cancel(check_id)
        return actions

    def _answered(self, check_id: int, outcome: Outcome, reason: str, now_us: int) -> list[Action]:
        check = self.checks.by_id.get(check_id)
        if check is None:  # a reload took it out while it was asked
            return []
        verdict = judge(check.state, check.timing, outcome)
        actions = self._said(check, outcome, reason, verdict)
        if verdict.state.is_up is not check.state.is_up:
            check.changed_us = now_us
        check.state = verdict.state
        self._schedule.set(check_id, now_us + verdict.delay_us)
        return actions + self._pool_follows(check, now_us)

    def _pool_follows(self, check: Check, now_us: int) -> list[Action]:
        vs_id, rs = check.key.vs, check.key.rs
        old = self.pools[vs_id]
        is_alive = self.checks.is_alive(vs_id, rs)
        new, effects = transition.server_changed(self.blocks[vs_id], old, rs, is_alive)
        if new == old:
            return []
        self.pools[vs_id] = new
        self.since.note(vs_id, self._servers[vs_id], new, now_us)
        return [*effects, Program()]

    def _said(self, check: Check, outcome: Outcome, reason: str, verdict: Verdict) -> list[Action]:
        """The lines about an answer; must see the check's state before it changes."""
        is_news, check.trouble = reason != check.trouble, reason
        log_all = self.part.global_defs.checker_log_all_failures and check.state.is_up
        if not (verdict.decided or log_all or is_news):
            return []
        kind = KINDS[type(check.key.target)]
        rs, _ = self._names(check)
        if outcome is Outcome.NOT_RUN:
            text = f"{kind.keyword} on service {rs} could not be run: {reason}"
            return [Log(text)] if is_news else []
        if outcome is Outcome.UP:
            return [Log(f"{kind.connection} {rs} success.")] if verdict.decided else []
        lines: list[Action] = []
        if log_all:
            lines.append(Log(f"{kind.connection} {rs} {outcome.value}."))
        if verdict.decided:
            n = verdict.after_retries
            after = f" after {n} retries" if n else ""
            lines.append(Log(f"{kind.keyword} on service {rs} failed{after}."))
        return lines

    def _names(self, check: Check) -> tuple[str, str]:
        vs = self.blocks[check.key.vs]
        return rs_name(self._servers[check.key.vs][check.key.rs], vs), vs_name(vs)

    def _stop(self) -> list[Action]:
        return [e for key, vs in self.blocks.items() for e in transition.stop(vs, self.pools[key])]


def _weight_changed(vs: VirtualServer, rs: RealServer, is_alive: bool, was: int) -> Effect:
    active = "active" if is_alive else "inactive"
    return Log(
        f"Changing weight from {was} to {rs.weight} for {active} service {rs_name(rs, vs)} "
        f"of VS {vs_name(vs)}"
    )
