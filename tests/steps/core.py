"""A core stepped by hand: the shipped C code without EAL, lcores, hugepages or a clock.

`StepCore` has two devices, dpdk0 (id 0, towards the clients) and dpdk1 (id 1, towards the
servers), each with a kernel port, and W workers. Frames go in with `send`, `step` gives every
thread its turn at a time that the test decides, and what left is in `sent` and `to_kernel`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import AF_INET, AF_INET6, inet_aton, inet_ntoa, inet_pton
from typing import Any

from dpvs_core._native import ffi, lib

from dpvs_core.control.conn_rows import CONN_ROW, ConnRow, unpack_rows

NO_ID = 0xFFFFFFFF
MAC = ("02:00:00:00:00:10", "02:00:00:00:00:11")
NEIGHBOUR_MAC = "02:aa:00:00:00:01"
MLD_REPORTS = (b"\x83", b"\x84", b"\x8f")
"""ICMPv6 types of multicast listener reports and of done."""


def raw_mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def family(text: str) -> int:
    """4 or 6, as the core names families."""
    return 6 if ":" in text else 4


def raw_addr(text: str) -> bytes:
    """The core's 16 bytes of an address."""
    return inet_pton(AF_INET6, text) if family(text) == 6 else inet_pton(AF_INET, text) + bytes(12)


def is_mld_report(frame: bytes) -> bool:
    """What the host thread sends about multicast groups, whatever a test is about: kept apart."""
    return frame[12:15] == b"\x86\xdd\x60" and frame[20] == 0 and frame[62:63] in MLD_REPORTS


@dataclass(frozen=True)
class Dest:
    addr: str
    port: int = 80
    weight: int = 1
    id: int = 0
    upper: int = 0
    lower: int = 0
    inhibited: bool = False
    fwd: str = "FNAT"
    """The forwarding mode (enum core_fwd)."""


@dataclass(frozen=True)
class Range:
    """Of a match service: both ends belong to it; no `last` (`last_port`) means any."""

    first: str = ""
    last: str = ""
    first_port: int = 0
    last_port: int = 0


@dataclass(frozen=True)
class Match:
    """Which packets a match service takes; `proto` 0: all, device None: any."""

    af: int = 4
    proto: int = 0
    src: Range = Range()
    dst: Range = Range()
    iif: int | None = None
    oif: int | None = None

    def fill(self, row: Any) -> None:
        """Into a struct core_match."""
        row.af, row.proto = self.af, self.proto
        row.iif = lib.CORE_ANY_DEV if self.iif is None else self.iif
        row.oif = lib.CORE_ANY_DEV if self.oif is None else self.oif
        for to, of in ((row.src, self.src), (row.dst, self.dst)):
            to.first = raw_addr(of.first) if of.first else bytes(16)
            to.last = raw_addr(of.last) if of.last else bytes(16)
            to.first_port, to.last_port = of.first_port, of.last_port


@dataclass
class StepCore:
    n_workers: int = 1
    conn_pool: int = 4096
    isn_key: int = 0
    isn_epoch_us: int = 0
    now_us: int = 10_000_000
    settings: dict[str, int] = field(default_factory=dict)
    mtu: int = 1500
    tx_worker_only: bool = False
    """Only worker 0 has transmit queues: the others hand their frames over."""
    n_mbufs: int = 0
    """Packets that may exist at once; 0: no limit."""
    nic: str = "OWN"
    """What the devices' simulated cards can do (enum core_plain_nic): OWN, RSS or FLOW."""
    nic_rules: int = 64
    """Flow rules that a card has room for."""
    frag_table: tuple[int, int] = (0, 0)
    """Sets of packets in fragments that a worker knows, entries of a set; 0: the core's own."""
    n_txd: int = 0
    """Frames that a transmit queue or a kernel port holds until they are taken; 0: no limit."""

    def __post_init__(self) -> None:
        conf = ffi.new("struct core_conf *")
        conf.n_workers = self.n_workers
        conf.conn_pool = self.conn_pool
        conf.max_dests, conf.max_laddrs, conf.max_nexthops = 1024, 64, 512
        conf.lport_pools, conf.plain, conf.n_mbufs = 16, 1, self.n_mbufs
        conf.frag_sets, conf.frag_set_entries = self.frag_table
        conf.hash_key = 0x5EED
        conf.isn_key = [self.isn_key, 0, 0, 0]
        conf.isn_epoch_us = self.isn_epoch_us
        err = ffi.new("char[]", lib.CORE_ERR_BYTES)
        self.core = lib.core_create(conf, err)
        assert self.core != ffi.NULL, ffi.string(err)
        for dev in (0, 1):
            self._add_device(dev)
        assert lib.core_steer(self.core) == 0
        self.laddrs: dict[str, int] = {}
        self.addrs: list[tuple[str, int, int, int]] = []
        self.verified: set[str] = set()
        self.deprecated: set[str] = set()
        self.routes: list[tuple[str, int, int, str, int]] = []
        self.route_sources: dict[tuple[str, int], str] = {}
        self.sent: dict[int, list[bytes]] = defaultdict(list)
        self.reports: dict[int, list[bytes]] = defaultdict(list)
        self.n_reports = 0
        self.to_kernel: dict[int, list[bytes]] = defaultdict(list)
        self.set(**self.settings)

    def __enter__(self) -> "StepCore":
        return self

    def __exit__(self, *failure: object) -> None:
        """Every packet must be somewhere: none is left when all turns were taken."""
        self.step()
        in_use = self.mbufs_in_use()
        self.close()
        if failure[0] is None:
            assert in_use == 0, f"{in_use} packets leaked"

    def _add_device(self, dev: int) -> None:
        conf = ffi.new("struct core_device_conf *")
        conf.name = f"dpdk{dev}".encode()
        conf.port_id, conf.mtu = -1, self.mtu
        conf.n_rxq = conf.n_txq = self.n_workers
        conf.n_txd = self.n_txd
        conf.mac = raw_mac(MAC[dev])
        conf.plain_nic = getattr(lib, f"CORE_NIC_{self.nic}")
        conf.plain_max_rules = self.nic_rules
        err = ffi.new("char[]", lib.CORE_ERR_BYTES)
        assert lib.core_device_add(self.core, conf, err) == dev, ffi.string(err)
        for w in range(self.n_workers):
            txq = -1 if self.tx_worker_only and w else w
            assert lib.core_device_poll(self.core, w, dev, w, txq) == 0
        assert lib.core_device_kernel(self.core, dev, -1, err) == 0, ffi.string(err)

    def close(self) -> None:
        lib.core_destroy(self.core)

    # --- configuration ---------------------------------------------------------------------

    def set(self, **settings: int) -> None:
        """Settings of struct core_settings by name, the rest at their defaults."""
        value = ffi.new("struct core_settings *")
        lib.core_settings_default(value)
        for name, setting in settings.items():
            setattr(value, name, setting)
        assert lib.core_settings_set(self.core, value) == 0

    def groups(self, group_worker: Iterable[int]) -> None:
        """Which worker owns each of the 64 flow groups."""
        assert lib.core_groups_set(self.core, bytes(group_worker)) == 0

    def addr(
        self, addr: str, dev: int, kind: int = 0, laddr_id: int = NO_ID, dad: bool = False
    ) -> None:
        """`dad`: an IPv6 address is verified first."""
        self.addrs.append((addr, dev, kind, laddr_id))
        if dad:
            self.verified.add(addr)
        self._publish()

    def remove_addr(self, addr: str) -> None:
        self.addrs = [row for row in self.addrs if row[0] != addr]
        self._publish()

    def route(self, prefix: str, dev: int, via: str = "", mtu: int = 0, src: str = "") -> None:
        addr, plen = prefix.split("/")
        self.routes.append((addr, int(plen), dev, via, mtu))
        if src:
            self.route_sources[addr, int(plen)] = src
        self._publish()

    def _publish(self) -> None:
        addrs = ffi.new("struct core_addr[]", max(1, len(self.addrs)))
        for row, (addr, dev, kind, laddr_id) in zip(addrs, self.addrs, strict=False):
            row.af, row.kind, row.dev, row.laddr_id = family(addr), kind, dev, laddr_id
            row.addr = raw_addr(addr)
            row.flags = 0 if addr in self.verified else lib.CORE_ADDR_NODAD
            row.flags |= lib.CORE_ADDR_DEPRECATED if addr in self.deprecated else 0
        routes = ffi.new("struct core_route[]", max(1, len(self.routes)))
        for row, (addr, plen, dev, via, mtu) in zip(routes, self.routes, strict=False):
            row.af, row.plen, row.dev, row.mtu = family(addr), plen, dev, mtu
            row.prefix = raw_addr(addr)
            row.kind = lib.CORE_ROUTE_GATEWAY if via else lib.CORE_ROUTE_LINK
            row.gateway = raw_addr(via) if via else bytes(16)
            src = self.route_sources.get((addr, plen))
            row.src = raw_addr(src) if src else bytes(16)
        n_addrs, n_routes = len(self.addrs), len(self.routes)
        assert lib.core_fib_publish(self.core, addrs, n_addrs, routes, n_routes) == 0

    def laddr(self, addr: str, dev: int) -> int:
        """Make a local address of FNAT; its id."""
        laddr_id = next(i for i in range(64) if i not in self.laddrs.values())
        assert lib.core_laddr_add(self.core, laddr_id, family(addr), raw_addr(addr)) == 0
        self.laddrs[addr] = laddr_id
        self.addr(addr, dev, laddr_id=laddr_id)
        return laddr_id

    def laddr_active(self, addr: str, active: bool) -> None:
        """Whether new connections may take the local address's ports."""
        assert lib.core_laddr_active(self.core, self.laddrs[addr], active) == 0

    def delete_laddr(self, addr: str) -> int:
        """0 or a negative errno; its address stays until `remove_addr`."""
        result = int(lib.core_laddr_del(self.core, self.laddrs[addr]))
        if not result:
            del self.laddrs[addr]
        return result

    def neigh(self, addr: str, dev: int, mac: str = NEIGHBOUR_MAC) -> None:
        result = lib.core_neigh_add(self.core, dev, family(addr), raw_addr(addr), raw_mac(mac))
        assert result == 0
        self.step()

    def service_key(self, vip: str, port: int, proto: int):
        key = ffi.new("struct core_service_key *")
        key.af, key.proto, key.port, key.addr = family(vip), proto, port, raw_addr(vip)
        return key

    @contextmanager
    def edit(self) -> Iterator["Edit"]:
        """A set of changes, published as one at the end of the block unless aborted."""
        edit = Edit(self)
        try:
            yield edit
        except BaseException:
            edit.abort()
            raise
        edit.commit()

    def service(self, vip: str, port: int, dests: Iterable[Dest], **rest: Any) -> None:
        with self.edit() as edit:
            assert edit.put(vip, port, dests, **rest) == 0

    def delete_service(self, vip: str, port: int, proto: int = 6) -> None:
        with self.edit() as edit:
            assert edit.delete(vip, port, proto) == 0

    def match_service(self, match: Match, dests: Iterable[Dest], **rest: Any) -> None:
        with self.edit() as edit:
            assert edit.put_match(match, dests, **rest) == 0

    def delete_match(self, match: Match) -> None:
        with self.edit() as edit:
            assert edit.delete_match(match) == 0

    # --- packets and turns -------------------------------------------------------------------

    def send(self, frame: bytes, dev: int = 0, worker: int = 0) -> None:
        assert lib.core_inject(self.core, worker, dev, bytes(frame), len(bytes(frame))) == 0

    def send_kernel(self, frame: bytes, dev: int = 0) -> None:
        assert lib.core_inject_kernel(self.core, dev, bytes(frame), len(bytes(frame))) == 0

    def turn(self, thread: int) -> int:
        """One turn of worker `thread`, or of the host thread (-1); how many packets it handled."""
        n = (
            lib.core_step_host(self.core, self.now_us)
            if thread < 0
            else lib.core_step_worker(self.core, thread, self.now_us)
        )
        assert n >= 0
        return int(n)

    def step(self, after_us: int = 0, turns: int = 4) -> None:
        """Every thread's turn, `turns` times over, then collect what left."""
        self.now_us += after_us
        for _ in range(turns):
            for thread in (*range(self.n_workers), -1):
                self.turn(thread)
        self.collect()

    def collect(self) -> None:
        lib.core_poll(self.core)
        for dev in (0, 1):
            left: list[bytes] = []
            self._collect(lib.core_take, dev, left)
            for frame in left:
                (self.reports if is_mld_report(frame) else self.sent)[dev].append(frame)
            self.n_reports += sum(map(is_mld_report, left))
            self._collect(lib.core_take_kernel, dev, self.to_kernel[dev])

    def _collect(self, take, dev: int, into: list[bytes]) -> None:
        buffer = ffi.new("uint8_t[]", 4096)
        while n_bytes := take(self.core, dev, buffer, 4096):
            assert n_bytes > 0
            into.append(ffi.buffer(buffer, n_bytes)[:])

    def pass_time(self, seconds: float, slice_s: float = 0.5) -> None:
        """Let time go by in slices, as a running core's turns would see it."""
        end_us = self.now_us + int(seconds * 1e6)
        while self.now_us < end_us:
            self.step(min(int(slice_s * 1e6), end_us - self.now_us), turns=2)

    def queue(self, frame: bytes, dev: int = 0) -> int:
        """The receive queue, so the worker of that number, that the device's card gives it to."""
        queue = lib.core_steer_queue(self.core, dev, bytes(frame), len(bytes(frame)))
        assert queue >= 0
        return int(queue)

    def forward(self, frame: bytes, dev: int = 0, worker: int = 0) -> list[bytes]:
        """Send one frame, take turns, and return what left on both devices since."""
        self.sent.clear()
        self.to_kernel.clear()
        self.send(frame, dev, worker)
        self.step()
        return self.sent[0] + self.sent[1]

    # --- observation -------------------------------------------------------------------------

    def verdicts(self) -> dict[str, int]:
        """Counters that are not zero, all threads summed, by verdict name; MLD reports apart."""
        n = lib.core_n_verdicts()
        total = [0] * n
        counts = ffi.new("uint64_t[]", n)
        for w in range(-1, self.n_workers):
            assert lib.core_verdict_counts(self.core, w, counts) == 0
            total = [a + b for a, b in zip(total, counts, strict=True)]
        info = ffi.new("struct core_verdict *")
        names = {}
        for i, count in enumerate(total):
            lib.core_verdict_get(i, info)
            name = ffi.string(info.name).decode()
            if count := count - self.n_reports * (name == "from-host"):
                names[name] = count
        return names

    def ip6_counts(self) -> dict[str, int]:
        """Counters of IPv6, all threads summed, by name."""
        info = ffi.new("struct core_ip6_counter *")
        counts = ffi.new("uint64_t[]", lib.core_n_ip6_counters())
        total: dict[str, int] = {}
        for w in range(-1, self.n_workers):
            assert lib.core_ip6_counts(self.core, w, counts) == 0
            for i, count in enumerate(counts):
                assert lib.core_ip6_counter_get(i, info) == 0
                name = ffi.string(info.name).decode()
                total[name] = total.get(name, 0) + count
        return total

    def dest(self, dest_id: int, worker: int = -1) -> dict[str, int]:
        stats = ffi.new("struct core_dest_stats *")
        assert lib.core_dest_stats(self.core, worker, dest_id, stats) == 0
        names = ("conns", "inpkts", "outpkts", "inbytes", "outbytes", "active", "inactive")
        return {name: int(getattr(stats, name)) for name in names}

    def ports(self, laddr: str) -> tuple[int, int, int]:
        """Used, free and missed ports of a local address."""
        stats = ffi.new("struct core_laddr_stats *")
        assert lib.core_laddr_stats(self.core, self.laddrs[laddr], stats) == 0
        return int(stats.used), int(stats.free), int(stats.miss)

    def steering(self, dev: int) -> tuple[str, dict[str, int], str]:
        """How a device steers: the way, its numbers, why not another."""
        row = ffi.new("struct core_steering *")
        assert lib.core_device_steering(self.core, dev, row) == 0
        kinds = ("UNDECIDED", "ONE", "RSS", "FLOW", "SOFTWARE")
        (kind,) = [name for name in kinds if getattr(lib, f"CORE_STEER_{name}") == row.kind]
        numbers = {name: int(getattr(row, name)) for name in ("n_entries", "n_addrs", "n_refused")}
        return kind, numbers, ffi.string(row.why).decode()

    def conns(self) -> list[ConnRow]:
        """The connections, as the tools list them."""
        rows = ffi.new("char[]", 64 * CONN_ROW.size)
        cursor = ffi.new("uint64_t *", 0)
        found: list[ConnRow] = []
        while True:
            n = lib.core_conn_rows(self.core, cursor, rows, 64)
            assert n >= 0
            found += unpack_rows(ffi.buffer(rows, n * CONN_ROW.size)[:])
            if not cursor[0]:
                return found

    def find(self, proto: int, src: str, sport: int, dst: str, dport: int) -> ConnRow | None:
        """The connection in which a packet with this tuple arrives, from either side."""
        row = ffi.new("char[]", CONN_ROW.size)
        n = lib.core_conn_find(
            self.core, family(src), proto, raw_addr(src), sport, raw_addr(dst), dport, row
        )
        assert n in (0, 1)
        return next(unpack_rows(ffi.buffer(row)[:])) if n else None

    def worker(self, w: int) -> dict[str, int]:
        stats = ffi.new("struct core_worker_stats *")
        assert lib.core_worker_stats(self.core, w, stats) == 0
        return {name: int(getattr(stats, name)) for name in ("redirected", "conns", "dropped")}

    def n_conns(self) -> int:
        stats = ffi.new("struct core_worker_stats *")
        total = 0
        for w in range(self.n_workers):
            lib.core_worker_stats(self.core, w, stats)
            total += stats.conns
        return total

    def mbufs_in_use(self) -> int:
        return int(lib.core_mbufs_in_use(self.core))


class Edit:
    """Changes of services that nobody sees before `commit`. Results are 0 or a negative errno."""

    def __init__(self, core: StepCore) -> None:
        self._core = core
        self._edit = lib.core_lb_begin(core.core)
        assert self._edit != ffi.NULL

    def put(
        self,
        vip: str,
        port: int,
        dests: Iterable[Dest],
        proto: int = 6,
        sched: str = "RR",
        laddrs: Iterable[str] | None = None,
        flags: int = 0,
        conn_timeout_s: int = 0,
        service_id: int = 0,
    ) -> int:
        """Make or replace a service; `laddrs` None: all of the core."""
        spec = ffi.new("struct core_service *")
        spec.key = self._core.service_key(vip, port, proto)[0]
        spec.id, spec.flags, spec.conn_timeout_s = service_id, flags, conn_timeout_s
        spec.sched = getattr(lib, f"CORE_SCHED_{sched}")
        dest_list = list(dests)
        rows = ffi.new("struct core_dest[]", max(1, len(dest_list)))
        for row, dest in zip(rows, dest_list, strict=False):
            row.id, row.af, row.port = dest.id, family(dest.addr), dest.port
            row.fwd = getattr(lib, f"CORE_FWD_{dest.fwd}")
            row.weight, row.upper_threshold = dest.weight, dest.upper
            row.lower_threshold = dest.lower
            row.flags = lib.CORE_DEST_INHIBITED if dest.inhibited else 0
            row.addr = raw_addr(dest.addr)
        known = self._core.laddrs
        ids = [known[addr] for addr in (known if laddrs is None else laddrs)]
        return int(lib.core_lb_set(self._edit, spec, rows, len(dest_list), ids, len(ids)))

    def put_match(
        self,
        match: Match,
        dests: Iterable[Dest],
        sched: str = "RR",
        flags: int = 0,
        conn_timeout_s: int = 0,
        service_id: int = 0,
        laddr_ids: list[int] | None = None,
        fwd: str = "SNAT",
    ) -> int:
        """Make or replace a match service, whose dests are WAN addresses made with `laddr`."""
        spec, row = ffi.new("struct core_service *"), ffi.new("struct core_match *")
        match.fill(row)
        spec.id, spec.flags, spec.conn_timeout_s = service_id, flags, conn_timeout_s
        spec.sched = getattr(lib, f"CORE_SCHED_{sched}")
        dest_list = list(dests)
        rows = ffi.new("struct core_dest[]", max(1, len(dest_list)))
        for to, dest in zip(rows, dest_list, strict=False):
            to.id, to.af, to.weight, to.addr = (
                dest.id,
                family(dest.addr),
                dest.weight,
                raw_addr(dest.addr),
            )
            to.fwd = getattr(lib, f"CORE_FWD_{fwd}")
            to.upper_threshold, to.lower_threshold = dest.upper, dest.lower
        known = self._core.laddrs
        ids = [known[dest.addr] for dest in dest_list] if laddr_ids is None else laddr_ids
        return int(lib.core_lb_match_set(self._edit, row, spec, rows, ids or [0], len(dest_list)))

    def delete_match(self, match: Match) -> int:
        row = ffi.new("struct core_match *")
        match.fill(row)
        return int(lib.core_lb_match_del(self._edit, row))

    def delete(self, vip: str, port: int, proto: int = 6) -> int:
        return int(lib.core_lb_del(self._edit, self._core.service_key(vip, port, proto)))

    def commit(self) -> None:
        assert lib.core_lb_commit(self._edit) == 0

    def abort(self) -> None:
        lib.core_lb_abort(self._edit)


def addr_text(raw: bytes) -> str:
    return inet_ntoa(raw[:4])


def addr_raw4(text: str) -> bytes:
    return inet_aton(text)
