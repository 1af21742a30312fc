"""A core without EAL whose clock and packets are the test's: workers and host thread by steps."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dpvs_core._native import ffi, lib
from scapy.layers.l2 import Ether
from scapy.packet import Packet

STATES = ("NONE", "SEND", "REACHABLE", "PROBE", "DELAY")
VERDICTS = tuple(
    ffi.string((v := ffi.new("struct core_verdict *"), lib.core_verdict_get(i, v))[0].name).decode()
    for i in range(lib.core_n_verdicts())
)


class Neigh(NamedTuple):
    addr: str
    state: str
    mac: str | None
    dev: int = 0
    is_static: bool = False


def packed(addr: str) -> bytes:
    return ipaddress.ip_address(addr).packed.ljust(16, b"\0")


def mac_bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


class Conflict(NamedTuple):
    addr: str
    dev: int
    mac: str
    n_seen: int


class PlainCore:
    """`n_workers` workers, each with one queue on every device; devices have kernel ports."""

    def __init__(
        self, *, macs: Iterable[str], n_workers: int = 1, kernel: bool = True,
        max_nexthops: int = 1024, **settings: int,
    ) -> None:  # fmt: skip
        conf = ffi.new("struct core_conf *", {
            "n_workers": n_workers, "conn_pool": 1024, "max_dests": 16, "max_laddrs": 16,
            "max_nexthops": max_nexthops, "lport_pools": 1, "plain": 1, "hash_key": 1,
        })  # fmt: skip
        err = ffi.new("char[]", lib.CORE_ERR_BYTES)
        self.core = lib.core_create(conf, err)
        assert self.core, ffi.string(err)
        self.n_workers, self.now_us = n_workers, 1_000_000
        for dev, mac in enumerate(macs):
            device = ffi.new("struct core_device_conf *", {
                "name": b"dpdk%d" % dev, "port_id": -1, "n_rxq": n_workers, "n_txq": n_workers,
                "mtu": 1500, "mac": mac_bytes(mac),
            })  # fmt: skip
            assert lib.core_device_add(self.core, device, err) == dev, ffi.string(err)
            for w in range(n_workers):
                assert lib.core_device_poll(self.core, w, dev, w, w) == 0
            if kernel:
                assert lib.core_device_kernel(self.core, dev, -1, err) == 0
        self.set(**settings)

    def close(self) -> int:
        """Destroy it; packets that nobody took."""
        left = int(lib.core_mbufs_in_use(self.core))
        lib.core_destroy(self.core)
        return left

    def set(self, **settings: int) -> None:
        values = ffi.new("struct core_settings *")
        lib.core_settings_default(values)
        for name, value in settings.items():
            setattr(values, name, value)
        assert lib.core_settings_set(self.core, values) == 0

    def publish(
        self, addrs: Iterable[tuple[str, int] | tuple[str, int, int]],
        routes: Iterable[tuple[str, int] | tuple[str, int, str]], laddr: str = "",
    ) -> None:  # fmt: skip
        """Addresses (address, device, kind) and routes (prefix, device, gateway); `laddr` is the
        one of the addresses that is FNAT's local address 0."""
        a = [
            {"af": 4, "dev": x[1], "kind": x[2] if len(x) > 2 else lib.CORE_ADDR_LOCAL,
             "laddr_id": 0 if x[0] == laddr else lib.CORE_NO_ID, "addr": packed(x[0])}
            for x in addrs
        ]  # fmt: skip
        r: list[dict[str, Any]] = []
        for x in routes:
            net = ipaddress.ip_network(x[0])
            gateway = packed(x[2]) if len(x) > 2 else bytes(16)
            kind = lib.CORE_ROUTE_GATEWAY if len(x) > 2 else lib.CORE_ROUTE_LINK
            r.append({"af": 4, "dev": x[1], "kind": kind, "plen": net.prefixlen,
                      "prefix": packed(str(net.network_address)), "gateway": gateway})  # fmt: skip
        assert lib.core_fib_publish(
            self.core, ffi.new("struct core_addr[]", a), len(a),
            ffi.new("struct core_route[]", r), len(r)) == 0  # fmt: skip

    def balance_udp(self, vip: str, laddr: str, server: str) -> None:
        """One FNAT service vip:53 with one dest; `laddr` is published already."""
        assert lib.core_laddr_add(self.core, 0, 4, packed(laddr)) == 0
        key = {"af": 4, "proto": 17, "port": 53, "addr": packed(vip)}
        dest = {"id": 1, "af": 4, "port": 53, "addr": packed(server), "weight": 1}
        edit = lib.core_lb_begin(self.core)
        service = ffi.new("struct core_service *", {"key": key, "id": 1})
        dests, laddrs = ffi.new("struct core_dest[]", [dest]), ffi.new("uint32_t[]", [0])
        assert lib.core_lb_set(edit, service, dests, 1, laddrs, 1) == 0
        assert lib.core_lb_commit(edit) == 0

    # --- time -------------------------------------------------------------------------------

    def step(self) -> None:
        """Everybody's turn until nobody has anything to do, at one point of time."""
        for _ in range(1000):
            n = sum(lib.core_step_worker(self.core, w, self.now_us) for w in range(self.n_workers))
            if n + lib.core_step_host(self.core, self.now_us) == 0:
                lib.core_poll(self.core)
                return
        raise AssertionError("the core does not come to rest")

    def advance(self, seconds: float) -> None:
        end_us = self.now_us + round(seconds * 1_000_000)
        while self.now_us < end_us:
            self.now_us = min(self.now_us + 100_000, end_us)
            self.step()

    # --- packets ----------------------------------------------------------------------------

    def receive(self, *frames: Packet | bytes, dev: int = 0, worker: int = 0) -> None:
        for frame in frames:
            data = bytes(frame)
            assert lib.core_inject(self.core, worker, dev, data, len(data)) == 0
        self.step()

    def from_kernel(self, *frames: Packet | bytes, dev: int = 0) -> None:
        self.queue_from_kernel(frames, dev)
        self.step()

    def queue_from_kernel(self, frames: Iterable[Packet | bytes], dev: int = 0) -> None:
        """As from_kernel, without anybody's turn yet."""
        for frame in frames:
            data = bytes(frame)
            assert lib.core_inject_kernel(self.core, dev, data, len(data)) == 0

    def step_host(self, turns: int) -> None:
        for _ in range(turns):
            lib.core_step_host(self.core, self.now_us)

    def sent_bytes(self, dev: int = 0) -> list[bytes]:
        return list(self._take(lib.core_take, dev))

    def sent(self, dev: int = 0) -> list[Packet]:
        return [Ether(data) for data in self.sent_bytes(dev)]

    def to_kernel(self, dev: int = 0) -> list[Packet]:
        return [Ether(data) for data in self._take(lib.core_take_kernel, dev)]

    def _take(self, take: Any, dev: int) -> Iterator[bytes]:
        buf = ffi.new("uint8_t[]", 4096)
        while n := take(self.core, dev, buf, len(buf)):
            yield bytes(ffi.buffer(buf, n))

    # --- what the master asks; the call's result --------------------------------------------

    def add_neigh(self, addr: str, mac: str, *, dev: int = 0, af: int = 4) -> int:
        return int(lib.core_neigh_add(self.core, dev, af, packed(addr), mac_bytes(mac)))

    def del_neigh(self, addr: str, *, dev: int = 0) -> int:
        return int(lib.core_neigh_del(self.core, dev, 4, packed(addr)))

    def garp(self, addr: str, *, dev: int = 0) -> int:
        return int(lib.core_garp(self.core, dev, 4, packed(addr)))

    def set_mac(self, dev: int, mac: str) -> int:
        return int(lib.core_device_mac(self.core, dev, mac_bytes(mac)))

    def set_queues(self, *, worker: int, dev: int, rxq: int, txq: int) -> None:
        assert lib.core_device_poll(self.core, worker, dev, rxq, txq) == 0

    def capture_start(self, program: bytes = b"", *, dev: int = 0, snaplen: int = 65535) -> int:
        n_insns = len(program) // 8
        return int(lib.core_capture_start(self.core, dev, program, n_insns, snaplen))

    def capture_read(self, max_bytes: int = 1 << 22) -> tuple[bytes | int, int]:
        """Records (or a negative errno), packets lost so far."""
        buf, lost = ffi.new("uint8_t[]", max_bytes), ffi.new("uint64_t *")
        n = lib.core_capture_read(self.core, buf, max_bytes, lost)
        return (bytes(ffi.buffer(buf, n)) if n >= 0 else n), lost[0]

    def capture_stop(self) -> int:
        return int(lib.core_capture_stop(self.core))

    # --- what it says about itself ------------------------------------------------------------

    def counts(self, worker: int = -1) -> dict[str, int]:
        """Counters that are not zero, by the verdict's name; -1: of the host thread."""
        values = ffi.new("uint64_t[]", len(VERDICTS))
        assert lib.core_verdict_counts(self.core, worker, values) == 0
        return {name: n for name, n in zip(VERDICTS, values, strict=True) if n}

    def neighs(self) -> list[Neigh]:
        cursor, rows, found = ffi.new("uint32_t *"), ffi.new("struct core_neigh[]", 7), []
        while True:
            for row in rows[0 : lib.core_neigh_list(self.core, cursor, rows, len(rows))]:
                mac = ":".join(f"{b:02x}" for b in row.mac) if row.has_mac else None
                addr = str(ipaddress.ip_address(bytes(row.addr)[:4]))
                found.append(Neigh(addr, STATES[row.state], mac, row.dev, bool(row.is_static)))
            if cursor[0] == 0:
                return sorted(found)

    def conflicts(self, max_rows: int = 1000) -> list[Conflict]:
        """Claims of others since the last call."""
        rows = ffi.new("struct core_conflict[]", max_rows)
        n = lib.core_conflicts(self.core, rows, max_rows)
        assert 0 <= n <= max_rows
        return sorted(
            Conflict(
                str(ipaddress.ip_address(bytes(row.addr)[:4])), row.dev,
                ":".join(f"{b:02x}" for b in row.mac), row.n_seen,
            )
            for row in rows[0:n]
        )  # fmt: skip

    def neigh(self, addr: str) -> Neigh | None:
        return next((n for n in self.neighs() if n.addr == addr), None)
