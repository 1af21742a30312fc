"""An engine that records instead of forwarding, and a director's state over it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.server import Peer
from dpvs_core.control.slices import Slices
from dpvs_core.master import carried, layouts
from dpvs_core.master import engine as e
from dpvs_core.master.control_service import ControlService
from dpvs_core.master.counters import Counting
from dpvs_core.master.errors import EngineError
from dpvs_core.master.handlers import Facts, Handlers
from dpvs_core.master.ids import IdPool, Ids
from dpvs_core.master.inet import Ip
from dpvs_core.master.listings import Worker
from dpvs_core.master.publish import Publication
from dpvs_core.master.state import Device, State

FNAT_ROWS = frozenset({e.FwdRow(0, 4, 4), e.FwdRow(0, 6, 6)})


class ToldService(NamedTuple):
    """What struct core_service says beside the key."""

    id: int
    sched: int
    flags: int
    conn_timeout_s: int


class ToldDest(NamedTuple):
    """struct core_dest."""

    id: int
    af: int
    fwd: int
    flags: int
    port: int
    raw: bytes
    weight: int
    upper_threshold: int
    lower_threshold: int


class RecordingEdit:
    """A copy of the engine's services, as the core's own edit is."""

    def __init__(self, engine: "RecordingEngine") -> None:
        self.engine, self.services, self.ended = engine, dict(engine.services), False
        self.matches = list(engine.matches)
        engine.open_edits += 1

    def put(self, rows: Sequence[e.LbRow]) -> None:
        self.engine.may_fail("put")
        for row in rows:
            missing = set(row.laddr_ids) - self.engine.laddrs.keys()
            if missing:
                raise EngineError("core_lb_set", 2, f"no laddr {missing}")
            af, proto, port, raw, *spec = layouts.SERVICE.unpack(row.service)
            dests = tuple(map(ToldDest._make, layouts.DEST.iter_unpack(row.dests)))
            told = ToldService(*spec), dests, tuple(row.laddr_ids)
            self.services[e.LbKey(proto, Ip(af, raw), port)] = told

    def remove(self, key: e.LbKey) -> None:
        if self.services.pop(key, None) is None:
            raise EngineError("core_lb_del", 2)

    def put_match(self, match: bytes, row: e.LbRow) -> None:
        """As the core: its dests are local addresses, in the order of their ids."""
        self.engine.may_fail("put_match")
        _af, _proto, port, raw, *spec = layouts.SERVICE.unpack(row.service)
        dests = tuple(map(ToldDest._make, layouts.DEST.iter_unpack(row.dests)))
        named = [self.engine.laddrs[id_] for id_ in row.laddr_ids]
        if [(dest.af, dest.raw) for dest in dests] != named or (port, raw) != (0, bytes(16)):
            raise EngineError("core_lb_match_set", 22)
        told = match, (ToldService(*spec), dests, tuple(row.laddr_ids))
        at = next((n for n, (other, _) in enumerate(self.matches) if other == match), None)
        if at is None:
            self.matches.insert(0, told)
        else:
            self.matches[at] = told

    def remove_match(self, match: bytes) -> None:
        left = [row for row in self.matches if row[0] != match]
        if len(left) == len(self.matches):
            raise EngineError("core_lb_match_del", 2)
        self.matches = left

    def commit(self) -> None:
        self.end()
        self.engine.may_fail("commit")
        self.engine.steps.append("commit")
        self.engine.services = self.services
        self.engine.matches = self.matches

    def abort(self) -> None:
        if not self.ended:
            self.end()

    def end(self) -> None:
        assert not self.ended
        self.ended = True
        self.engine.open_edits -= 1


@dataclass
class RecordingEngine:
    """What the core was told; `fail` names calls that shall be refused (ENOMEM)."""

    addrs: tuple[e.FibAddr, ...] = ()
    rows: frozenset[e.FwdRow] = FNAT_ROWS
    routes: tuple[e.FibRoute, ...] = ()
    services: dict[e.LbKey, Any] = field(default_factory=dict)
    matches: list[tuple[bytes, Any]] = field(default_factory=list)  # as they are asked
    laddrs: dict[int, Ip] = field(default_factory=dict)
    open_laddrs: set[int] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)  # what concerns addresses, in order
    claims: list[e.Conflict] = field(default_factory=list)
    stats: dict[tuple[int, int | None], e.DestStats] = field(default_factory=dict)
    busy_laddrs: set[int] = field(default_factory=set)
    fail: set[str] = field(default_factory=set)
    open_edits: int = 0
    n_fibs: int = 0
    announced: list[Ip] = field(default_factory=list)
    garp_refusals: int = 0
    neighbours: list[e.Neigh] = field(default_factory=list)
    link_sets: list[tuple[int, e.LinkItem, int]] = field(default_factory=list)
    captures: list[tuple[bytes, int]] = field(default_factory=list)
    capturing: bool = False
    dad: dict[tuple[int, Ip], e.DadState] = field(default_factory=dict)
    steerings: dict[int, e.Steering] = field(default_factory=dict)

    def may_fail(self, call: str) -> None:
        if call in self.fail:
            raise EngineError(call, 12)

    def fib_publish(self, addrs: Sequence[e.FibAddr], routes: Sequence[e.FibRoute]) -> None:
        self.may_fail("fib")
        self.n_fibs += 1
        self.steps.append(" ".join(["fib", *(str(row.ip) for row in addrs)]))
        self.addrs, self.routes = tuple(addrs), tuple(routes)

    def open_laddr_ips(self, state: State) -> set[Ip]:
        """Of those that are in use (others' connections may still end)."""
        return {self.laddrs[id_] for id_ in self.open_laddrs & set(state.laddr_ids.used.values())}

    def lb_begin(self) -> RecordingEdit:
        assert self.open_edits == 0, "two edits at once"
        return RecordingEdit(self)

    def laddr_add(self, laddr_id: int, ip: Ip) -> None:
        self.may_fail("laddr_add")
        assert laddr_id not in self.laddrs
        self.laddrs[laddr_id] = ip
        self.open_laddrs.add(laddr_id)

    def laddr_active(self, laddr_id: int, active: bool) -> None:
        self.may_fail("open" if active else "close")
        self.steps.append(f"{'open' if active else 'close'} {self.laddrs[laddr_id]}")
        (self.open_laddrs.add if active else self.open_laddrs.discard)(laddr_id)

    def laddr_del(self, laddr_id: int) -> bool:
        rows = [*self.services.values(), *(row for _, row in self.matches)]
        used = {id_ for _, _, ids in rows for id_ in ids}
        if laddr_id in self.busy_laddrs or laddr_id in used:
            return False
        del self.laddrs[laddr_id]
        self.open_laddrs.discard(laddr_id)
        return True

    def fwd_rows(self) -> frozenset[e.FwdRow]:
        return self.rows

    def laddr_stats(self, laddr_id: int) -> e.LaddrStats:
        assert laddr_id in self.laddrs
        return e.LaddrStats(1, 2, 3)

    def dest_stats(self, dest_id: int, worker: int | None = None) -> e.DestStats:
        return self.stats.get((dest_id, worker), e.DestStats())

    def dest_rows(self, dest_ids: Sequence[int], worker: int | None = None) -> bytes:
        rows = (self.dest_stats(dest_id, worker) for dest_id in dest_ids)
        return b"".join(layouts.DEST_STATS.pack(*row) for row in rows)

    def link(self, dev: int) -> e.Link:
        return e.Link(
            mac=bytes([2, 0, 0, 0, 0, dev]), up=True, full_duplex=True, autoneg=False,
            promisc=True, allmulticast=False, mtu=1500, n_rxq=1, n_txq=1, socket=0,
            speed_mbps=10000, driver="net_af_packet", rx_offloads=0, tx_offloads=1 << 16,
        )  # fmt: skip

    def neighs(self) -> list[e.Neigh]:
        return self.neighbours

    def addr_states(self) -> dict[tuple[int, Ip], e.DadState]:
        return self.dad

    def conflicts(self) -> list[e.Conflict]:
        heard, self.claims = self.claims, []
        return heard

    def verdicts(self) -> Sequence[e.Verdict]:
        return [e.Verdict("forwarded", "went its way", False), e.Verdict("ttl", "too old", True)]

    def verdict_counts(self, worker: int | None) -> Sequence[int]:
        return [10, 1] if worker is not None else [5, 0]

    def ip6_counters(self) -> Sequence[e.CounterInfo]:
        return [e.CounterInfo("inpkts", "received"), e.CounterInfo("cepkts", "with CE")]

    def ip6_counts(self, worker: int | None) -> Sequence[int]:
        return [100 + worker, 7] if worker is not None else [5, 0]

    def worker_stats(self, worker: int) -> e.WorkerStats:
        return e.WorkerStats(loops=7, redirected=3, conns=2)

    def conn_rows(self, cursor: int, max_rows: int) -> tuple[bytes, int]:
        return (b"", cursor + 1) if cursor < 3 else (bytes(84), 0)

    def conn_find(self, proto: int, src: Ip, sport: int, dst: Ip, dport: int) -> bytes:
        return bytes(84) if sport == 1 else b""

    def groups(self) -> bytes:
        return bytes(64)

    def steering(self, dev: int) -> e.Steering:
        return self.steerings.get(dev, e.Steering(e.SteerKind.ONE))

    def poll(self) -> int:
        return 0

    def link_set(self, dev: int, item: e.LinkItem, value: int) -> None:
        self.link_sets.append((dev, item, value))

    def link_mac(self, dev: int, mac: bytes) -> None:
        pass

    def neigh_add(self, dev: int, ip: Ip, mac: bytes) -> None:
        self.neighbours.append(e.Neigh(ip, dev, e.NeighState.REACHABLE, True, mac))

    def neigh_del(self, dev: int, ip: Ip) -> None:
        self.neighbours = [row for row in self.neighbours if (row.dev, row.ip) != (dev, ip)]

    def garp(self, dev: int, ip: Ip) -> bool:
        if self.garp_refusals:
            self.garp_refusals -= 1
            return False
        self.announced.append(ip)
        return True

    def capture_start(self, dev: int, program: bytes, snaplen: int) -> None:
        if self.capturing:
            raise EngineError("core_capture_start", 16)
        self.capturing = True

    def capture_read(self) -> tuple[bytes, int]:
        return self.captures.pop(0) if self.captures else (b"", 0)

    def capture_stop(self) -> None:
        self.capturing = False


@dataclass
class Bench:
    """A director without packets: `ask` as a client, look at `engine` as the core sees it."""

    engine: RecordingEngine
    state: State
    handlers: Handlers
    service: ControlService
    now_s: float = 1000.0

    def peer(self, owner: m.Owner = "cli", client: str = "test", lease_ms: int = 0) -> Peer:
        return Peer(owner, client, 1, 0, lease_ms)

    async def ask(self, request: m.Request, owner: m.Owner = "cli", client: str = "test") -> Any:
        return await self.service.answer(self.peer(owner, client), request)

    def run(self, *requests: m.Request, owner: m.Owner = "cli") -> list[Any]:
        """Each request's reply, one after the other."""

        async def all_of_them() -> list[Any]:
            return [await self.ask(request, owner) for request in requests]

        return asyncio.run(all_of_them())

    def do(self, *requests: m.Request, owner: m.Owner = "cli") -> None:
        """As run, and nothing may be refused."""
        for request, reply in zip(requests, self.run(*requests, owner=owner), strict=True):
            assert not isinstance(reply, m.Failure), (request, reply)

    def code(self, request: m.Request, owner: m.Owner = "cli") -> int | None:
        """The failure's code, or None."""
        (reply,) = self.run(request, owner=owner)
        return reply.code if isinstance(reply, m.Failure) else None

    def snapshot(self) -> tuple[Any, ...]:
        """Everything a refused request must leave as it was."""
        engine, state = self.engine, self.state
        return (
            dict(state.services), dict(state.addresses), dict(state.routes),
            dest_ids(state), dict(state.laddr_ids.used),
            dict(state.wan_uses), dict(engine.services), list(engine.matches),
            engine.addrs, engine.routes, engine.open_edits,
            engine.open_laddr_ips(state),
        )  # fmt: skip


def dest_ids(state: State) -> dict[Any, int]:
    """Who has which id, as the rows say."""
    return {
        (key, dest_key): dest.id
        for key, service in state.services.items()
        for dest_key, dest in service.dests.items()
    }


def make_bench(
    pause: Callable[[], Awaitable[None]] | None = None,
    rows: frozenset[e.FwdRow] = FNAT_ROWS,
) -> Bench:
    engine = RecordingEngine(rows=rows)
    state = State(
        (Device("dpdk0", "dpdk0.kni", 1500), Device("dpdk1", "dpdk1.kni", 9000)),
        Ids(64), IdPool(8), carried.ways(engine.fwd_rows()),
    )  # fmt: skip
    counting = Counting(engine, 2)
    publication = Publication(state, engine, counting)
    if pause is not None:  # between any two pieces
        publication.slices = Slices(pause, lambda: inf)
    facts = Facts("0.0", "22.11", "abc", 42, False, 1000, "/etc/dpvs.conf")
    workers = [Worker(1, 0, ("dpdk0:rx0",)), Worker(2, 0, ())]
    bench: Bench

    def clock() -> float:
        return bench.now_s

    import logging

    handlers = Handlers(state, engine, publication, counting, workers, facts, clock)
    service = ControlService(handlers, clock, logging.getLogger("test"))
    bench = Bench(engine, state, handlers, service)
    return bench


@pytest.fixture
def bench() -> Bench:
    return make_bench()


@pytest.fixture
def bench_that_forwards() -> Callable[..., Bench]:
    """A director whose core has these rows, each (enum core_fwd, client's family, server's)."""
    return lambda *rows: make_bench(rows=frozenset(e.FwdRow(*row) for row in rows))


@pytest.fixture
def bench_with_pause() -> Callable[[Callable[[], Awaitable[None]]], Bench]:
    return make_bench
