"""The C API's own promises: refusals, cursors, the calling thread."""

import threading
from collections.abc import Callable

import pytest

from dpvs_core.control.conn_rows import CONN_ROW
from dpvs_core.master.layouts import DEST, SERVICE
from tests.oracle.wire import SYN, Tcp
from tests.steps.core import Dest, StepCore, family, ffi, lib, raw_addr
from tests.steps.scene import CLIENT, LIP, RS, VIP, Flow, balancer, director, from_client

OTHER_LIP = "192.168.100.201"
EPERM, ENOENT, EEXIST, EINVAL = -1, -2, -17, -22


def conf(**fields: int):
    made = ffi.new("struct core_conf *")
    made.n_workers, made.conn_pool, made.max_dests, made.max_laddrs = 1, 16, 4, 4
    made.max_nexthops, made.lport_pools, made.plain = 16, 1, 1
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_workers", 0), ("n_workers", 65), ("conn_pool", 0), ("conn_pool", 1 << 30),
        ("max_dests", 0), ("lport_pools", 0), ("max_nexthops", 0), ("max_nexthops", 65535),
    ],
)  # fmt: skip
def test_a_core_that_cannot_be_is_refused_with_a_sentence(field: str, value: int) -> None:
    err = ffi.new("char[]", lib.CORE_ERR_BYTES)
    assert lib.core_create(conf(**{field: value}), err) == ffi.NULL
    assert field in ffi.string(err).decode()


def test_the_smallest_core() -> None:
    err = ffi.new("char[]", lib.CORE_ERR_BYTES)
    core = lib.core_create(conf(), err)
    assert core != ffi.NULL, ffi.string(err)
    lib.core_destroy(core)


def on_another_thread(call: Callable[[], int]) -> int:
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    thread.join()
    return results[0]


def test_only_the_master_may_call() -> None:
    with balancer() as core:
        settings = ffi.new("struct core_settings *")
        lib.core_settings_default(settings)
        counts = ffi.new("uint64_t[]", lib.core_n_verdicts())
        cursor, rows = ffi.new("uint64_t *"), ffi.new("char[]", CONN_ROW.size)
        stats = ffi.new("struct core_dest_stats *")
        calls: list[Callable[[], int]] = [
            lambda: lib.core_settings_set(core.core, settings),
            lambda: lib.core_fib_publish(core.core, ffi.NULL, 0, ffi.NULL, 0),
            lambda: lib.core_verdict_counts(core.core, 0, counts),
            lambda: lib.core_conn_rows(core.core, cursor, rows, 1),
            lambda: lib.core_dest_stats(core.core, -1, 0, stats),
            lambda: lib.core_dest_stats_many(core.core, -1, 1, [0], stats),
            lambda: lib.core_laddr_add(core.core, 9, 4, raw_addr("1.2.3.4")),
            lambda: lib.core_neigh_add(core.core, 0, 4, raw_addr("1.2.3.4"), b"123456"),
        ]
        assert [on_another_thread(call) for call in calls] == [EPERM] * len(calls)
        assert [call() for call in calls[:3]] == [0, 0, 0]


def test_services_are_changed_by_the_master_only() -> None:
    with balancer() as core:
        results: list[object] = []
        thread = threading.Thread(target=lambda: results.append(lib.core_lb_begin(core.core)))
        thread.start()
        thread.join()
        assert results == [ffi.NULL]


def service_rows(*ports: int) -> bytes:
    vip = raw_addr(VIP)
    return b"".join(SERVICE.pack(family(VIP), 6, port, vip, port, 0, 0, 0) for port in ports)


def dest_rows(*ids: int) -> bytes:
    addr = raw_addr(RS)
    return b"".join(DEST.pack(id_, family(RS), 0, 0, 8000, addr, 1, 0, 0) for id_ in ids)


def set_many(core: StepCore, dests: bytes, n_dests: list[int], n_laddrs: list[int]) -> int:
    """Services on ports 80, 81 and so on, in one edit; its result."""
    services = service_rows(*range(80, 80 + len(n_dests)))
    laddr_ids = [core.laddrs[addr] for addr in (LIP, OTHER_LIP)[: sum(n_laddrs)]]
    edit = lib.core_lb_begin(core.core)
    error = lib.core_lb_set_many(
        edit, len(n_dests), ffi.from_buffer("struct core_service[]", services),
        ffi.from_buffer("struct core_dest[]", dests), n_dests, laddr_ids, n_laddrs,
    )  # fmt: skip
    if error:
        lib.core_lb_abort(edit)
    else:
        assert lib.core_lb_commit(edit) == 0
    return int(error)


def test_many_services_in_one_call_have_their_own_dests_and_local_addresses() -> None:
    with director() as core:
        core.laddr(OTHER_LIP, 1)
        assert set_many(core, dest_rows(1, 2, 3), [1, 0, 2], [1, 0, 1]) == 0
        for n in range(6):
            core.forward(from_client(Tcp(1000 + n, 80 + n % 3, 1, flags=SYN)))
        used = {(row.vport, row.laddr) for row in core.conns()}
        assert used == {(80, LIP), (82, OTHER_LIP)}
        ids = [3, 1, 0, 2]
        out = ffi.new("struct core_dest_stats[]", len(ids))
        assert lib.core_dest_stats_many(core.core, -1, len(ids), ids, out) == 0
        assert {id_: row.conns for id_, row in zip(ids, out, strict=True)} == {
            0: 0, 1: 2, 2: 1, 3: 1,
        }  # fmt: skip
        assert lib.core_dest_stats_many(core.core, -1, 2, [1, 1 << 20], out) == EINVAL


def test_one_wrong_dest_of_many_services_is_an_error() -> None:
    with director() as core:
        assert set_many(core, dest_rows(1, 1 << 20), [1, 1], [1, 0]) == EINVAL
        core.forward(from_client(Tcp(1000, 80, 1, flags=SYN)))
        assert core.conns() == []


def test_connections_are_listed_once_each_whatever_the_page() -> None:
    with balancer(3) as core:
        for cport in range(1, 100):
            core.forward(from_client(Tcp(cport, 80, 1, flags=SYN)))
        for max_rows in (1, 7, 99, 200):
            cursor, seen = ffi.new("uint64_t *"), []
            buffer = ffi.new("char[]", max_rows * CONN_ROW.size)
            while True:
                n = lib.core_conn_rows(core.core, cursor, buffer, max_rows)
                assert 0 <= n <= max_rows
                raw = ffi.buffer(buffer, n * CONN_ROW.size)[:]
                seen += [row[8] for row in CONN_ROW.iter_unpack(raw)]
                if not cursor[0]:
                    break
            assert sorted(seen) == list(range(1, 100))


def test_a_connection_is_found_from_both_sides() -> None:
    with balancer(2) as core:
        flow = Flow(core).establish()
        from_it = core.find(6, CLIENT, flow.cport, VIP, 80)
        assert from_it == core.find(6, RS, 80, LIP, flow.lport)
        assert from_it and from_it in core.conns()
        assert (from_it.caddr, from_it.vport, from_it.daddr) == (CLIENT, 80, RS)
        assert core.find(6, CLIENT, flow.cport + 1, VIP, 80) is None
        assert core.find(17, CLIENT, flow.cport, VIP, 80) is None


def test_what_does_not_exist() -> None:
    with director() as core:
        dest, laddr = ffi.new("struct core_dest_stats *"), ffi.new("struct core_laddr_stats *")
        worker = ffi.new("struct core_worker_stats *")
        counts = ffi.new("uint64_t[]", lib.core_n_verdicts())
        verdict = ffi.new("struct core_verdict *")
        assert lib.core_dest_stats(core.core, -1, 1 << 20, dest) == EINVAL
        assert lib.core_dest_stats(core.core, 1, 0, dest) == EINVAL
        assert lib.core_laddr_stats(core.core, 63, laddr) == ENOENT
        assert lib.core_worker_stats(core.core, 1, worker) == EINVAL
        assert lib.core_verdict_counts(core.core, 1, counts) == EINVAL
        assert lib.core_verdict_get(lib.core_n_verdicts(), verdict) == EINVAL
        assert lib.core_laddr_del(core.core, 63) == ENOENT
        assert lib.core_laddr_add(core.core, 0, 4, raw_addr(LIP)) == EEXIST
        assert lib.core_laddr_add(core.core, 1 << 20, 4, raw_addr(LIP)) == EINVAL
        assert lib.core_inject(core.core, 0, 9, b"", 0) == EINVAL


@pytest.mark.parametrize(
    ("dev", "plen", "af", "error"),
    [(0, 24, 4, 0), (9, 24, 4, EINVAL), (0, 33, 4, EINVAL), (0, 129, 6, EINVAL), (0, 8, 5, EINVAL)],
)
def test_routes_that_cannot_be_are_refused_and_the_old_stay(
    dev: int, plen: int, af: int, error: int
) -> None:
    with balancer() as core:
        route = ffi.new("struct core_route[]", 3)
        for row, prefix in zip(route, ("10.0.0.0", "192.168.0.0", "172.16.0.0"), strict=True):
            row.af, row.plen, row.prefix = 4, 16, raw_addr(prefix)
        route[1].dev = 1
        route[2].dev, route[2].plen, route[2].af = dev, plen, af
        assert lib.core_fib_publish(core.core, ffi.NULL, 0, route, 3) == error
        assert len(core.forward(from_client(Tcp(1, 80, 1, flags=SYN)))) == 1


def test_groups_name_workers_that_exist() -> None:
    with director(2) as core:
        groups = ffi.new("uint8_t[]", lib.CORE_GROUPS)
        assert lib.core_groups_get(core.core, groups) == 0
        assert list(groups) == [g % 2 for g in range(lib.CORE_GROUPS)]
        groups[5] = 2
        assert lib.core_groups_set(core.core, groups) == EINVAL
        groups[5] = 0
        for g in range(lib.CORE_GROUPS):
            groups[g] = 1
        assert lib.core_groups_set(core.core, groups) == 0
        core.service(VIP, 80, [Dest(RS, 80, id=1)])
        for cport in range(1, 20):
            core.forward(from_client(Tcp(cport, 80, 1, flags=SYN)))
        assert {row.worker for row in core.conns()} == {1}


def test_nothing_waits_for_ever_to_be_freed() -> None:
    """What changes replace is freed once every thread had a turn."""
    with director(3) as core:
        for port in range(1, 50):
            core.service(VIP, port, [Dest(RS, 80, id=1)])
            core.route(f"172.16.{port}.0/24", 0)
        assert lib.core_poll(core.core) > 0
        core.turn(0)
        core.turn(1)
        core.turn(2)
        assert lib.core_poll(core.core) > 0  # the host thread has not passed
        core.turn(-1)
        assert lib.core_poll(core.core) == 0


def test_settings_left_at_their_defaults() -> None:
    """C-131, C-123, C-112, C-072 as DPVS has them."""
    value = ffi.new("struct core_settings *")
    lib.core_settings_default(value)
    assert list(value.tcp_timeout_s) == [2, 90, 3, 30, 7, 7, 3, 7, 7, 120, 30]
    assert list(value.udp_timeout_s)[1:] == [300, 300]
    assert (value.conn_init_timeout_s, value.neigh_timeout_s) == (3, 60)
    assert (value.default_ttl, value.ip4_forwarding, value.xmit_ttl) == (64, 0, 0)


def test_a_destroyed_core_takes_its_packets_along() -> None:
    """Packets in every place: queues, rings, waiting for ARP. (A sanitized run sees what leaks.)"""
    core: StepCore = director(2)
    core.service(VIP, 80, [Dest("192.168.100.77", 80, id=1)])
    for cport in range(1, 20):
        core.send(from_client(Tcp(cport, 80, 1, flags=SYN)), 0, cport % 2)
    core.turn(0)
    core.turn(1)
    core.turn(-1)
    for cport in range(20, 40):
        core.send(from_client(Tcp(cport, 80, 1, flags=SYN)), 0, cport % 2)
    core.turn(1)
    core.send_kernel(bytes(60))
    core.close()
