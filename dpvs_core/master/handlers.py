"""Requests to replies: the table the control server's service looks in.

Changes go through a draft and its publication, one with services at a time; requests and batches
about addresses and routes alone do not wait for it. Everything else asks or acts at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from dpvs_core.control import messages as m
from dpvs_core.control.names import service_text
from dpvs_core.control.server import Stream
from dpvs_core.control.slices import Slices
from dpvs_core.master import capture, collector, groups, links, listings, services
from dpvs_core.master.changes import BALANCING, LONG, RULES, SEVERAL, STACK
from dpvs_core.master.claims import Claims
from dpvs_core.master.counters import Counting
from dpvs_core.master.engine import Engine
from dpvs_core.master.errors import Refused
from dpvs_core.master.inet import parse_ip
from dpvs_core.master.publish import Publication
from dpvs_core.master.state import PROTO_NUMBERS, AddrKey, By, Draft, State

PIECE_REQUESTS = (
    32  # of a batch, between two looks at the clock: 0.2 ms, 2 ms where each has 64 dests
)
PIECE_ZEROED = 16  # services
MAX_BATCH_REQUESTS = 100_000
LONG_BATCH = 500
MAX_CONN_ROWS = 4096
CONN_SCANS = 16  # calls that may come back empty before a page is answered as it is
GARP_TRIES = 100
GARP_RETRY_S = 0.01

Clock = Callable[[], float]


@dataclass(slots=True)
class Facts:
    """What `info.get` tells; the callables are asked each time."""

    dpvs_version: str
    dpdk_version: str
    instance: str
    pid: int
    hugepages: bool
    conn_pool: int
    conf_file: str
    uptime_s: Callable[[], float] = lambda: 0.0
    n_clients: Callable[[], int] = lambda: 0
    protocol_errors: Callable[[], int] = lambda: 0


@dataclass(slots=True)
class Handlers:
    """Everything a request may need, and `answer`, which never raises Refused."""

    state: State
    engine: Engine
    publication: Publication
    counting: Counting
    workers: list[listings.Worker]
    facts: Facts
    clock: Clock
    busy_pct: dict[int, float] = field(default_factory=dict)
    claims: Claims = field(default_factory=Claims)
    _balancing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def answer(self, by: By, request: m.Request) -> m.Reply | Stream:
        """The reply to a request; what is refused comes back as a Failure."""
        return await TABLE[type(request)](self, by, request)

    @property
    def slices(self) -> Slices:
        """Long work of the master gives way between its pieces."""
        return self.publication.slices

    def draft(self, by: By) -> Draft:
        return Draft(self.state, by, self.clock())

    # --- changes ---------------------------------------------------------------------------

    async def change_balancing(self, by: By, request: Any) -> m.Ok:
        async with self._balancing:
            return await self.change_stack(by, request)

    async def change_stack(self, by: By, request: Any) -> m.Ok:
        draft = self.draft(by)
        try:
            rule = RULES.get(type(request))
            changed = rule(draft, request) if rule else await self._long(draft, request)
        except BaseException:
            await self.publication.drop(draft)
            raise
        await self.publication.commit(draft)
        return m.Ok(changed=changed > 0)

    async def _long(self, draft: Draft, request: Any) -> bool:
        changed = False
        async for piece in self.slices.pieces(LONG[type(request)](draft, request), PIECE_REQUESTS):
            changed |= any(piece)
        return changed

    async def batch(self, by: By, request: m.Batch) -> m.BatchDone:
        if len(request.requests) > MAX_BATCH_REQUESTS:
            message = f"a batch holds at most {MAX_BATCH_REQUESTS} requests"
            raise Refused(m.Code.INVAL, message, str(len(request.requests)))
        if all(type(change) in STACK for change in request.requests):
            return await self._whole(by, request)
        async with self._balancing:
            if len(request.requests) < LONG_BATCH:
                return await self._whole(by, request)
            with collector.kept_out():
                return await self._whole(by, request)

    async def _whole(self, by: By, batch: m.Batch) -> m.BatchDone:
        draft = self.draft(by)
        try:
            changed = await self._apply(draft, batch)
        except BaseException:
            await self.publication.drop(draft)
            raise
        await self.publication.commit(draft)
        return m.BatchDone(changed=changed)

    async def _apply(self, draft: Draft, batch: m.Batch) -> int:
        changed = n = 0
        request: Any = None
        try:
            async for piece in self.slices.pieces(batch.requests, PIECE_REQUESTS):
                for request in piece:
                    n += 1
                    rule = RULES.get(type(request))
                    changed += rule(draft, request) if rule else await self._long(draft, request)
        except Refused as refused:
            tag = type(request).__struct_config__.tag
            number = sum(map(_weight, batch.requests[: n - 1])) + refused.n_before + 1
            place = f"request {number} of the batch ({tag})"
            where = f"{place}: {refused.message}; nothing was changed"
            raise Refused(refused.code, where, refused.value) from None
        return changed

    # --- questions -------------------------------------------------------------------------

    async def service_list(self, _by: By, request: m.ServiceList) -> m.ServiceRows:
        worker = self._worker(request.cpu)
        if request.key is None:
            rows, cursor = listings.service_page(
                self.state, self.counting, self.engine, request.cursor, worker
            )
            return m.ServiceRows(rows=tuple(rows), cursor=cursor)
        service = self.state.services.get(services.service_id(request.key))
        if service is None:
            raise Refused(m.Code.NOTEXIST, "no such service", service_text(request.key))
        row = listings.service_row(self.state, self.counting, self.engine, service, worker)
        return m.ServiceRows(rows=(row,))

    async def service_zero(self, _by: By, request: m.ServiceZero) -> m.Ok:
        chosen = list(self.state.services.values())
        if request.key is not None:
            service = self.state.services.get(services.service_id(request.key))
            if service is None:
                raise Refused(m.Code.INVAL, "no such service", service_text(request.key))
            chosen = [service]
        async for piece in self.slices.pieces(chosen, PIECE_ZEROED):
            ids = [dest.id for row in piece for dest in row.dests.values()]
            self.counting.start_at(self.counting.starts(ids))
        return m.Ok()

    def _worker(self, cpu: int) -> int | None:
        """I-079: 0 is the sum, N the N-th worker."""
        if not 0 <= cpu <= len(self.workers):
            message = f"there are workers 1 to {len(self.workers)}; 0 is their sum"
            raise Refused(m.Code.INVAL, message, str(cpu))
        return cpu - 1 if cpu else None

    async def conn_list(self, _by: By, request: m.ConnList) -> m.ConnRows:
        """A page; the core gives a bounded piece of its pool a call, perhaps without any."""
        rows, cursor = b"", request.cursor
        limit = min(max(1, request.limit), MAX_CONN_ROWS)
        for _ in range(CONN_SCANS):
            rows, cursor = self.engine.conn_rows(cursor, limit)
            if rows or cursor == 0:
                break
            await self.slices.between()
        return m.ConnRows(rows=rows, cursor=cursor)

    async def conn_find(self, _by: By, request: m.ConnFind) -> m.ConnRows:
        src, dst = parse_ip(request.src), parse_ip(request.dst)
        for port in (request.sport, request.dport):
            if not 0 <= port < 65536:
                raise Refused(m.Code.INVAL, "a port is 0 to 65535", str(port))
        proto = PROTO_NUMBERS[request.proto]
        row = self.engine.conn_find(proto, src, request.sport, dst, request.dport)
        if not row:
            raise Refused(m.Code.NOTEXIST, "connection specified not found")
        return m.ConnRows(rows=row, cursor=0)

    async def addr_list(self, _by: By, request: m.AddrList) -> m.AddrRows:
        self._known(request.dev)
        rows = listings.address_rows(
            self.state, self.engine, self.claims, request.dev, self.clock()
        )
        return m.AddrRows(rows=tuple(rows))

    async def route_list(self, _by: By, request: m.RouteList) -> m.RouteRows:
        self._known(request.dev)
        rows = listings.route_rows(self.state, request.dev)
        return m.RouteRows(rows=tuple(rows))

    async def neigh_list(self, _by: By, request: m.NeighList) -> m.NeighRows:
        self._known(request.dev)
        return m.NeighRows(rows=tuple(listings.neigh_rows(self.state, self.engine, request.dev)))

    async def group_list(self, _by: By, request: m.GroupList) -> m.GroupRows:
        self._known(request.dev)
        return m.GroupRows(rows=tuple(groups.rows(self.state, request.dev)))

    async def link_list(self, _by: By, request: m.LinkList) -> m.LinkRows:
        self._known(request.dev)
        rows = [
            links.row(number, device, self.engine.link(number))
            for number, device in enumerate(self.state.devices)
            if request.dev in ("", device.name)
        ]
        return m.LinkRows(rows=tuple(rows))

    def _known(self, dev: str) -> None:
        if dev:
            self.state.device(dev)

    async def cpu_list(self, _by: By, _request: m.CpuList) -> m.CpuRows:
        return m.CpuRows(rows=tuple(listings.cpu_rows(self.engine, self.workers, self.busy_pct)))

    async def flow_list(self, _by: By, _request: m.FlowList) -> m.FlowRows:
        return listings.flow_rows(self.state, self.engine, len(self.workers))

    async def drop_list(self, _by: By, _request: m.DropList) -> m.VerdictRows:
        return m.VerdictRows(rows=tuple(listings.verdict_rows(self.engine, len(self.workers))))

    async def ip6_list(self, _by: By, _request: m.Ip6List) -> m.Ip6Rows:
        return listings.ip6_rows(self.engine, self.workers)

    async def info_get(self, _by: By, _request: m.InfoGet) -> m.Info:
        facts = self.facts
        conns = sum(self.engine.worker_stats(n).conns for n in range(len(self.workers)))
        return m.Info(
            dpvs_version=facts.dpvs_version, dpdk_version=facts.dpdk_version,
            instance=facts.instance, pid=facts.pid, uptime_s=facts.uptime_s(),
            hugepages=facts.hugepages, n_workers=len(self.workers), conns=conns,
            conn_pool=facts.conn_pool, n_services=len(self.state.services),
            protocol_errors=facts.protocol_errors(), clients=facts.n_clients(),
            conf_file=facts.conf_file, ready=tuple(sorted(self.state.ready)),
        )  # fmt: skip

    # --- acts ------------------------------------------------------------------------------

    async def ready(self, by: By, _request: m.Ready) -> m.Ok:
        """Said once and for the life of this core; a new one starts with nobody ready."""
        changed = by.owner not in self.state.ready
        self.state.ready.add(by.owner)
        return m.Ok(changed=changed)

    async def neigh_add(self, _by: By, request: m.NeighAdd) -> m.Ok:
        mac = links.parse_mac(request.lladdr)
        self.engine.neigh_add(self._dev_or_inval(request.dev), parse_ip(request.addr), mac)
        return m.Ok()

    async def neigh_del(self, _by: By, request: m.NeighDel) -> m.Ok:
        """An absent neighbour is no error (as in DPVS's transcripts)."""
        dev, ip = self._dev_or_inval(request.dev), parse_ip(request.addr)
        if not any(row.ip == ip and row.dev == dev for row in self.engine.neighs()):
            return m.Ok(changed=False)
        self.engine.neigh_del(dev, ip)
        return m.Ok()

    def _dev_or_inval(self, name: str) -> int:
        try:
            return self.state.device(name)
        except Refused as refused:
            raise Refused(m.Code.INVAL, refused.message, name) from None

    async def link_set(self, _by: By, request: m.LinkSet) -> m.Ok:
        links.set_item(self.engine, self.state.device(request.dev), request)
        return m.Ok()

    async def garp_send(self, _by: By, request: m.GarpSend) -> m.Ok:
        """One frame an address; waits while too many are on their way (a second at most)."""
        dev = self.state.device(request.dev)
        ips = [parse_ip(text) for text in request.addrs]
        for ip in ips:
            key = AddrKey(request.dev, ip)
            if key not in self.state.addresses:
                raise Refused(m.Code.NOTEXIST, f"no address of {request.dev}", str(ip))
            if not self.state.in_use(key):
                raise Refused(m.Code.NOTEXIST, "on standby: nobody holds it", str(ip))
        for ip in ips:
            await self._garp(dev, ip)
        return m.Ok()

    async def _garp(self, dev: int, ip: Any) -> None:
        for _ in range(GARP_TRIES):
            if self.engine.garp(dev, ip):
                return
            await asyncio.sleep(GARP_RETRY_S)
        raise Refused(m.Code.RESOURCE, "too many announcements are waiting", str(ip))

    async def capture_start(self, _by: By, request: m.CaptureStart) -> Stream:
        return capture.start(self.engine, self.state.device(request.dev), request)


def _weight(request: Any) -> int:
    """How many requests of a batch it stands for."""
    return len(request.dests) if type(request) in SEVERAL else 1


Handler = Callable[[Handlers, By, Any], Awaitable[m.Reply | Stream]]

TABLE: dict[type[Any], Handler] = {
    **dict.fromkeys([*BALANCING, *LONG], Handlers.change_balancing),
    **dict.fromkeys(STACK, Handlers.change_stack),
    m.Batch: Handlers.batch,
    m.Ready: Handlers.ready,
    m.ServiceZero: Handlers.service_zero,
    m.ServiceList: Handlers.service_list,
    m.ConnList: Handlers.conn_list,
    m.ConnFind: Handlers.conn_find,
    m.AddrList: Handlers.addr_list,
    m.RouteList: Handlers.route_list,
    m.NeighAdd: Handlers.neigh_add,
    m.NeighDel: Handlers.neigh_del,
    m.NeighList: Handlers.neigh_list,
    m.GroupList: Handlers.group_list,
    m.LinkList: Handlers.link_list,
    m.LinkSet: Handlers.link_set,
    m.CpuList: Handlers.cpu_list,
    m.FlowList: Handlers.flow_list,
    m.GarpSend: Handlers.garp_send,
    m.DropList: Handlers.drop_list,
    m.Ip6List: Handlers.ip6_list,
    m.InfoGet: Handlers.info_get,
    m.CaptureStart: Handlers.capture_start,
}
