"""Replies to what only asks: state and the core's counters as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace as replace_spec

from dpvs_core.control.messages import (
    AddrRow,
    AddrSpec,
    AddrState,
    CpuRow,
    DestRow,
    FlowRows,
    Ip6Row,
    Ip6Rows,
    LaddrRow,
    LaddrSpec,
    NeighRow,
    RouteRow,
    ServiceRow,
    VerdictRow,
)
from dpvs_core.master import counters, routes, services, steering
from dpvs_core.master.claims import Claims
from dpvs_core.master.counters import Counting
from dpvs_core.master.engine import DadState, Engine, LaddrStats, WorkerStats
from dpvs_core.master.inet import Ip
from dpvs_core.master.links import mac_text
from dpvs_core.master.state import Address, AddrKey, Dest, Service, State

NOT_USED: dict[DadState, AddrState] = {
    DadState.TENTATIVE: "tentative",
    DadState.FAILED: "dadfailed",
}
PAGE_DESTS = 512  # a page of services ends once it holds this many dests and services


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as it was started."""

    lcore: int
    socket: int
    queues: tuple[str, ...]


def service_page(
    state: State, counting: Counting, engine: Engine, cursor: int, worker: int | None
) -> tuple[list[ServiceRow], int]:
    """Services with an id above `cursor`, and the next cursor (0: that was the last page)."""
    rows: list[ServiceRow] = []
    n_rows = 0
    for service in sorted_after(state.services.values(), cursor):
        if n_rows >= PAGE_DESTS:
            return rows, cursor
        rows.append(service_row(state, counting, engine, service, worker))
        n_rows += 1 + len(service.dests)
        cursor = service.id
    return rows, 0


def sorted_after(all_services: Iterable[Service], cursor: int) -> list[Service]:
    return sorted((row for row in all_services if row.id > cursor), key=lambda row: row.id)


def service_row(
    state: State, counting: Counting, engine: Engine, service: Service, worker: int | None
) -> ServiceRow:
    """One service with its dests and local addresses, of one worker or of all."""
    dests = tuple(_dest_row(counting, dest, worker) for dest in service.dests.values())
    laddrs = []
    for ip, laddr in service.laddrs.items():
        stats = _laddr_stats(state, engine, ip)
        address = state.addresses.get(AddrKey(laddr.dev, ip))
        laddrs.append(
            LaddrRow(
                spec=LaddrSpec(addr=laddr.addr, dev=laddr.dev, floating=laddr.use.floating),
                conflicts=stats.miss, conns=stats.used, owner=laddr.use.owner,
                active=address is not None and address.active,
            )
        )  # fmt: skip
    return ServiceRow(
        key=services.service_key(service.key), spec=service.spec, owner=service.owner,
        dests=dests, laddrs=tuple(laddrs),
        counters=counters.sum_counters(dest.counters for dest in dests),
        rates=counters.sum_rates(dest.rates for dest in dests),
    )  # fmt: skip


def _dest_row(counting: Counting, dest: Dest, worker: int | None) -> DestRow:
    totals, raw = counting.read(dest.id, worker)
    limit = dest.spec.upper_threshold
    return DestRow(
        spec=dest.spec, active=raw.active, inactive=raw.inactive, persistent=raw.persistent,
        overload=0 < limit <= raw.active + raw.inactive, owner=dest.owner,
        counters=totals, rates=counting.rates(dest.id),
    )  # fmt: skip


def _laddr_stats(state: State, engine: Engine, ip: Ip) -> LaddrStats:
    laddr_id = state.laddr_ids.used.get(ip)
    return LaddrStats() if laddr_id is None else engine.laddr_stats(laddr_id)


def address_rows(
    state: State, engine: Engine, claims: Claims, dev: str, now_s: float
) -> list[AddrRow]:
    """Addresses in the order they came; life times are what is left."""
    rows = []
    dad = engine.addr_states() if any(key.ip.af == 6 for key in state.addresses) else {}
    for key, address in state.addresses.items():
        if dev in ("", key.dev):
            stats = _laddr_stats(state, engine, key.ip)
            claimed_by = claims.claimed_by(key, now_s) if address.active else ""
            rows.append(
                AddrRow(
                    spec=_as_it_is(address, key.ip in state.wan_uses, now_s),
                    owners=address.all_owners,
                    sa_used=stats.used, sa_free=stats.free, sa_miss=stats.miss,
                    active=address.active, claimed_by=claimed_by,
                    state=_state(address, dad.get((state.device(key.dev), key.ip)), now_s),
                )
            )  # fmt: skip
    return rows


def _as_it_is(address: Address, is_wan: bool, now_s: float) -> AddrSpec:
    return replace_spec(
        address.spec, sapool=address.sapool or is_wan,
        valid_lft_s=_left_s(address.expires_at_s, now_s),
        preferred_lft_s=_left_s(address.deprecated_at_s, now_s),
    )  # fmt: skip


def _left_s(end_s: float | None, now_s: float) -> int:
    return 0 if end_s is None else max(1, round(end_s - now_s))


def _state(address: Address, dad: DadState | None, now_s: float) -> AddrState:
    if address.active and dad in NOT_USED:
        return NOT_USED[dad]
    deprecated_at_s = address.deprecated_at_s
    return "deprecated" if deprecated_at_s is not None and deprecated_at_s <= now_s else "preferred"


def route_rows(state: State, dev: str) -> list[RouteRow]:
    mtu_of = {device.name: device.mtu for device in state.devices}
    rows = routes.rows(state.addresses, state.routes.values(), mtu_of)
    return [row for row in rows if dev in ("", row.spec.dev)]


def neigh_rows(state: State, engine: Engine, dev: str) -> list[NeighRow]:
    names = [device.name for device in state.devices]
    return [
        NeighRow(
            addr=str(row.ip), lladdr=mac_text(row.mac) if row.mac else "", state=row.state.name,
            dev=names[row.dev], static=row.is_static,
        )
        for row in engine.neighs()
        if dev in ("", names[row.dev])
    ]  # fmt: skip


def verdict_rows(engine: Engine, n_workers: int) -> list[VerdictRow]:
    """Every verdict; `total` includes the host thread."""
    by_worker = [engine.verdict_counts(worker) for worker in range(n_workers)]
    host = engine.verdict_counts(None)
    rows = []
    for n, verdict in enumerate(engine.verdicts()):
        mine = tuple(counts[n] for counts in by_worker)
        rows.append(VerdictRow(
            name=verdict.name, dropped=verdict.is_drop, total=sum(mine) + host[n],
            workers=mine, help=verdict.help,
        ))  # fmt: skip
    return rows


def ip6_rows(engine: Engine, workers: list[Worker]) -> Ip6Rows:
    """The host thread's count as the master's."""
    numbers = (None, *range(len(workers)))
    by_thread = [engine.ip6_counts(number) for number in numbers]
    rows = []
    for counter, values in zip(engine.ip6_counters(), zip(*by_thread, strict=True), strict=True):
        rows.append(Ip6Row(
            name=counter.name, total=sum(values), by_cpu=values, help=counter.help,
        ))  # fmt: skip
    return Ip6Rows(cpus=(0, *(worker.lcore for worker in workers)), rows=tuple(rows))


def cpu_rows(engine: Engine, workers: list[Worker], busy_pct: Mapping[int, float]) -> list[CpuRow]:
    """The master and the workers; `index` is the lcore."""
    rows = [CpuRow(index=0, role="master", socket=0, queues=())]
    for n, worker in enumerate(workers):
        row = engine.worker_stats(n)
        rows.append(CpuRow(
            index=worker.lcore, role="worker", socket=worker.socket, queues=worker.queues,
            loops=row.loops, pkt_bursts=row.bursts, zero_bursts=row.zero_bursts,
            full_bursts=row.full_bursts, ipackets=row.ipackets, ibytes=row.ibytes,
            opackets=row.opackets, obytes=row.obytes, dropped=row.dropped,
            busy_pct=busy_pct.get(n, 0.0), busy_cycles=row.busy_cycles,
        ))  # fmt: skip
    return rows


def busy_pct(before: WorkerStats, now: WorkerStats) -> float:
    """Share of the cycles between two samples that had packets in hand."""
    cycles = now.cycles - before.cycles
    return round(100 * (now.busy_cycles - before.busy_cycles) / cycles, 1) if cycles > 0 else 0.0


def flow_rows(state: State, engine: Engine, n_workers: int) -> FlowRows:
    ports = tuple(
        steering.port(device.name, engine.link(n).n_rxq, engine.steering(n))
        for n, device in enumerate(state.devices)
    )
    redirected = sum(engine.worker_stats(worker).redirected for worker in range(n_workers))
    return FlowRows(group_worker=tuple(engine.groups()), ports=ports, redirected=redirected)
