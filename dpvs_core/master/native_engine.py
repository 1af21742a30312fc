"""engine.Engine over the native module; a negative result raises EngineError naming the call."""

from array import array
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Any

from dpvs_core.control.conn_rows import CONN_ROW
from dpvs_core.master.engine import (
    N_GROUPS,
    Conflict,
    CounterInfo,
    DadState,
    DestStats,
    FibAddr,
    FibRoute,
    FwdRow,
    LaddrStats,
    LbKey,
    LbRow,
    Link,
    LinkItem,
    Neigh,
    NeighState,
    Steering,
    SteerKind,
    Verdict,
    WorkerStats,
)
from dpvs_core.master.errors import EngineError
from dpvs_core.master.inet import FAMILIES, Ip
from dpvs_core.master.layouts import DEST, DEST_STATS
from dpvs_core.master.native import checked, ffi, lib, text

EAGAIN, ENOMEM, EBUSY = 11, 12, 16
NEIGH_PAGE = 256
STATE_PAGE = 256
CONFLICT_PAGE = 64  # a call; the rest comes with the next
CAPTURE_BYTES = 1 << 20

_cast, _buffer = ffi.cast, ffi.from_buffer
_SERVICE_P, _DEST_P = ffi.typeof("struct core_service *"), ffi.typeof("struct core_dest *")
_MATCH_P = ffi.typeof("struct core_match *")
_UINT32_P = ffi.typeof("uint32_t *")
_DEST_STATS_P = ffi.typeof("struct core_dest_stats *")


class NativeLbEdit:
    """core_lb_begin until commit or abort."""

    def __init__(self, core: Any) -> None:
        self._edit = lib.core_lb_begin(core)
        if self._edit == ffi.NULL:
            raise EngineError("core_lb_begin", ENOMEM)

    def put(self, rows: Sequence[LbRow]) -> None:
        services = b"".join([row.service for row in rows])
        dests = b"".join([row.dests for row in rows])
        n_dests = array("I", [len(row.dests) // DEST.size for row in rows])
        laddr_ids = array("I", [id_ for row in rows for id_ in row.laddr_ids])
        n_laddrs = array("I", [len(row.laddr_ids) for row in rows])
        result = lib.core_lb_set_many(
            self._edit, len(rows), _cast(_SERVICE_P, _buffer(services)),
            _cast(_DEST_P, _buffer(dests)), _uint32s(n_dests),
            _uint32s(laddr_ids), _uint32s(n_laddrs),
        )  # fmt: skip
        checked("core_lb_set", result)

    def remove(self, key: LbKey) -> None:
        row = ffi.new("struct core_service_key *")
        _fill_key(row[0], key)
        checked("core_lb_del", lib.core_lb_del(self._edit, row))

    def put_match(self, match: bytes, row: LbRow) -> None:
        laddr_ids = array("I", row.laddr_ids)  # lives as long as the call
        result = lib.core_lb_match_set(
            self._edit, _cast(_MATCH_P, _buffer(match)), _cast(_SERVICE_P, _buffer(row.service)),
            _cast(_DEST_P, _buffer(row.dests)), _uint32s(laddr_ids), len(laddr_ids),
        )  # fmt: skip
        checked("core_lb_match_set", result)

    def remove_match(self, match: bytes) -> None:
        result = lib.core_lb_match_del(self._edit, _cast(_MATCH_P, _buffer(match)))
        checked("core_lb_match_del", result)

    def commit(self) -> None:
        edit, self._edit = self._edit, None
        checked("core_lb_commit", lib.core_lb_commit(edit))

    def abort(self) -> None:
        edit, self._edit = self._edit, None
        if edit is not None:
            lib.core_lb_abort(edit)


def _uint32s(numbers: "array[int]") -> Any:
    return _cast(_UINT32_P, _buffer(numbers))


def _fill_key(row: Any, key: LbKey) -> None:
    row.af, row.proto, row.port = key.ip.af, key.proto, key.port
    row.addr = key.ip.raw


class NativeEngine:
    """A `struct core`, as engine.Engine."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self._capture = bytearray(CAPTURE_BYTES)
        self._dest_stats = ffi.new("struct core_dest_stats *")

    # --- Publisher ---

    def fib_publish(self, addrs: Sequence[FibAddr], routes: Sequence[FibRoute]) -> None:
        packed_addrs = b"".join([row.packed for row in addrs])
        packed_routes = b"".join([row.packed for row in routes])
        result = lib.core_fib_publish(
            self._core,
            ffi.cast("struct core_addr *", ffi.from_buffer(packed_addrs)), len(addrs),
            ffi.cast("struct core_route *", ffi.from_buffer(packed_routes)), len(routes),
        )  # fmt: skip
        checked("core_fib_publish", result)

    def lb_begin(self) -> NativeLbEdit:
        return NativeLbEdit(self._core)

    def laddr_add(self, laddr_id: int, ip: Ip) -> None:
        checked("core_laddr_add", lib.core_laddr_add(self._core, laddr_id, ip.af, ip.raw))

    def laddr_active(self, laddr_id: int, active: bool) -> None:
        result = lib.core_laddr_active(self._core, laddr_id, active)
        checked("core_laddr_active", result)

    def laddr_del(self, laddr_id: int) -> bool:
        result = lib.core_laddr_del(self._core, laddr_id)
        if result == -EBUSY:
            return False
        checked("core_laddr_del", result)
        return True

    # --- Observer ---

    def fwd_rows(self) -> frozenset[FwdRow]:
        every = (FwdRow(*row) for row in product(range(lib.CORE_N_FWDS), FAMILIES, FAMILIES))
        return frozenset(row for row in every if lib.core_fwd_supported(*row))

    def laddr_stats(self, laddr_id: int) -> LaddrStats:
        row = ffi.new("struct core_laddr_stats *")
        checked("core_laddr_stats", lib.core_laddr_stats(self._core, laddr_id, row))
        return LaddrStats(row.used, row.free, row.miss)

    def dest_stats(self, dest_id: int, worker: int | None = None) -> DestStats:
        which = -1 if worker is None else worker
        result = lib.core_dest_stats(self._core, which, dest_id, self._dest_stats)
        checked("core_dest_stats", result)
        return DestStats._make(DEST_STATS.unpack(ffi.buffer(self._dest_stats)))

    def dest_rows(self, dest_ids: Sequence[int], worker: int | None = None) -> bytes:
        which = -1 if worker is None else worker
        ids, rows = array("I", dest_ids), bytearray(DEST_STATS.size * len(dest_ids))
        result = lib.core_dest_stats_many(
            self._core, which, len(ids), _uint32s(ids), _cast(_DEST_STATS_P, _buffer(rows))
        )
        checked("core_dest_stats", result)
        return bytes(rows)

    def link(self, dev: int) -> Link:
        row = ffi.new("struct core_link *")
        checked("core_device_link", lib.core_device_link(self._core, dev, row))
        plain = {name: getattr(row, name) for name in _LINK_NUMBERS}
        flags = {name: bool(getattr(row, name)) for name in _LINK_FLAGS}
        return Link(mac=bytes(row.mac), driver=text(row.driver), **flags, **plain)

    def neighs(self) -> list[Neigh]:
        rows: list[Neigh] = []
        cursor = ffi.new("uint32_t *")
        page = ffi.new("struct core_neigh[]", NEIGH_PAGE)
        while True:
            n = checked(
                "core_neigh_list", lib.core_neigh_list(self._core, cursor, page, NEIGH_PAGE)
            )
            rows += [_neigh(page[i]) for i in range(n)]
            if cursor[0] == 0:
                return rows

    def addr_states(self) -> dict[tuple[int, Ip], DadState]:
        states: dict[tuple[int, Ip], DadState] = {}
        cursor = ffi.new("uint32_t *")
        page = ffi.new("struct core_addr_state[]", STATE_PAGE)
        while True:
            n = lib.core_addr_states(self._core, cursor, page, STATE_PAGE)
            for row in page[0 : checked("core_addr_states", n)]:
                states[row.dev, Ip(row.af, bytes(row.addr))] = DadState(row.state)
            if cursor[0] == 0:
                return states

    def conflicts(self) -> list[Conflict]:
        page = ffi.new("struct core_conflict[]", CONFLICT_PAGE)
        n = lib.core_conflicts(self._core, page, CONFLICT_PAGE)
        return [_conflict(page[i]) for i in range(checked("core_conflicts", n))]

    def verdicts(self) -> Sequence[Verdict]:
        return _verdicts()

    def verdict_counts(self, worker: int | None) -> Sequence[int]:
        counts = ffi.new("uint64_t[]", lib.core_n_verdicts())
        which = -1 if worker is None else worker
        checked("core_verdict_counts", lib.core_verdict_counts(self._core, which, counts))
        return list(counts)

    def ip6_counters(self) -> Sequence[CounterInfo]:
        return _ip6_counters()

    def ip6_counts(self, worker: int | None) -> Sequence[int]:
        counts = ffi.new("uint64_t[]", lib.core_n_ip6_counters())
        which = -1 if worker is None else worker
        checked("core_ip6_counts", lib.core_ip6_counts(self._core, which, counts))
        return list(counts)

    def worker_stats(self, worker: int) -> WorkerStats:
        row = ffi.new("struct core_worker_stats *")
        checked("core_worker_stats", lib.core_worker_stats(self._core, worker, row))
        return WorkerStats(*(getattr(row, name) for name in WorkerStats._fields))

    def conn_rows(self, cursor: int, max_rows: int) -> tuple[bytes, int]:
        where = ffi.new("uint64_t *", cursor)
        rows = bytearray(CONN_ROW.size * max_rows)
        n = lib.core_conn_rows(self._core, where, ffi.from_buffer(rows), max_rows)
        return bytes(rows[: CONN_ROW.size * checked("core_conn_rows", n)]), where[0]

    def conn_find(self, proto: int, src: Ip, sport: int, dst: Ip, dport: int) -> bytes:
        row = bytearray(CONN_ROW.size)
        n = lib.core_conn_find(
            self._core, src.af, proto, src.raw, sport, dst.raw, dport, ffi.from_buffer(row)
        )
        return bytes(row) if checked("core_conn_find", n) else b""

    def groups(self) -> bytes:
        groups = ffi.new("uint8_t[]", N_GROUPS)
        checked("core_groups_get", lib.core_groups_get(self._core, groups))
        return bytes(groups)

    def steering(self, dev: int) -> Steering:
        row = ffi.new("struct core_steering *")
        checked("core_device_steering", lib.core_device_steering(self._core, dev, row))
        return Steering(
            SteerKind(row.kind), row.n_entries, row.n_addrs, row.n_refused, text(row.why)
        )

    def poll(self) -> int:
        return checked("core_poll", lib.core_poll(self._core))

    # --- Operator ---

    def link_set(self, dev: int, item: LinkItem, value: int) -> None:
        checked("core_device_set", lib.core_device_set(self._core, dev, item, value))

    def link_mac(self, dev: int, mac: bytes) -> None:
        checked("core_device_mac", lib.core_device_mac(self._core, dev, mac))

    def neigh_add(self, dev: int, ip: Ip, mac: bytes) -> None:
        checked("core_neigh_add", lib.core_neigh_add(self._core, dev, ip.af, ip.raw, mac))

    def neigh_del(self, dev: int, ip: Ip) -> None:
        checked("core_neigh_del", lib.core_neigh_del(self._core, dev, ip.af, ip.raw))

    def garp(self, dev: int, ip: Ip) -> bool:
        result = lib.core_garp(self._core, dev, ip.af, ip.raw)
        if result == -EAGAIN:
            return False
        checked("core_garp", result)
        return True

    def capture_start(self, dev: int, program: bytes, snaplen: int) -> None:
        result = lib.core_capture_start(self._core, dev, program, len(program) // 8, snaplen)
        checked("core_capture_start", result)

    def capture_read(self) -> tuple[bytes, int]:
        lost = ffi.new("uint64_t *")
        buffer = ffi.from_buffer(self._capture)
        n = lib.core_capture_read(self._core, buffer, len(self._capture), lost)
        return bytes(self._capture[: checked("core_capture_read", n)]), lost[0]

    def capture_stop(self) -> None:
        checked("core_capture_stop", lib.core_capture_stop(self._core))


_LINK_FLAGS = ("up", "full_duplex", "autoneg", "promisc", "allmulticast")
_LINK_NUMBERS = (
    "mtu", "n_rxq", "n_txq", "socket", "speed_mbps", "rx_offloads", "tx_offloads", "ipackets",
    "opackets", "ibytes", "obytes", "ierrors", "oerrors", "imissed", "rx_nombuf", "mbuf_avail",
    "mbuf_inuse",
)  # fmt: skip


def _neigh(row: Any) -> Neigh:
    mac = bytes(row.mac) if row.has_mac else None
    ip = Ip(row.af, bytes(row.addr))
    return Neigh(ip, row.dev, NeighState(row.state), bool(row.is_static), mac)


def _conflict(row: Any) -> Conflict:
    return Conflict(Ip(row.af, bytes(row.addr)), row.dev, bytes(row.mac), row.n_seen)


@cache
def _ip6_counters() -> tuple[CounterInfo, ...]:
    rows = []
    for n in range(lib.core_n_ip6_counters()):
        row = ffi.new("struct core_ip6_counter *")
        checked("core_ip6_counter_get", lib.core_ip6_counter_get(n, row))
        rows.append(CounterInfo(text(row.name), text(row.help)))
    return tuple(rows)


@cache
def _verdicts() -> tuple[Verdict, ...]:
    rows = []
    for n in range(lib.core_n_verdicts()):
        row = ffi.new("struct core_verdict *")
        checked("core_verdict_get", lib.core_verdict_get(n, row))
        rows.append(Verdict(text(row.name), text(row.help), bool(row.is_drop)))
    return tuple(rows)
