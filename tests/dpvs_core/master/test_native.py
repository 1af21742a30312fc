"""The layouts packed in Python are those of the header, field by field; a plain core takes them."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

if importlib.util.find_spec("dpvs_core._native") is None:
    pytest.skip("needs the native module, which script/setup builds", allow_module_level=True)

from dpvs_core.master import carried, native
from dpvs_core.master.engine import AddrKind, FibAddr, FibRoute, FwdRow, LbKey, LbRow
from dpvs_core.master.errors import EngineError
from dpvs_core.master.inet import parse_ip
from dpvs_core.master.layouts import ANY_DEV
from dpvs_core.master.layouts import DEST as DEST_LAYOUT
from dpvs_core.master.layouts import MATCH as MATCH_LAYOUT
from dpvs_core.master.layouts import SERVICE as SERVICE_LAYOUT
from dpvs_core.master.native_engine import NativeEngine

RAW = bytes(range(1, 17))
ROWS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "struct core_addr": (
        (4, 1, 515, 7, RAW, 1),
        {"af": 4, "kind": 1, "dev": 515, "laddr_id": 7, "addr": RAW, "flags": 1}),
    "struct core_route": (
        (4, 1, 24, 515, 1400, RAW, RAW[::-1], RAW),
        {"af": 4, "kind": 1, "plen": 24, "dev": 515, "mtu": 1400, "prefix": RAW,
         "gateway": RAW[::-1], "src": RAW}),
    "struct core_dest": (
        (9, 4, 0, 1, 8080, RAW, 65535, 1 << 20, 77),
        {"id": 9, "af": 4, "fwd": 0, "flags": 1, "port": 8080, "addr": RAW, "weight": 65535,
         "upper_threshold": 1 << 20, "lower_threshold": 77}),
    "struct core_dest_stats": (
        (1 << 60, 2, 3, 4, 5, 6, 7, 8),
        {"conns": 1 << 60, "inpkts": 2, "outpkts": 3, "inbytes": 4, "outbytes": 5, "active": 6,
         "inactive": 7, "persistent": 8}),
    "struct core_service": (
        (4, 17, 515, RAW, 1 << 30, 2, 1, 77),
        {"key": {"af": 4, "proto": 17, "port": 515, "addr": RAW}, "id": 1 << 30, "sched": 2,
         "flags": 1, "conn_timeout_s": 77}),
    "struct core_match": (
        (6, 17, 515, 7, RAW, RAW[::-1], 1, 515, RAW[::-1], RAW, 2, 516),
        {"af": 6, "proto": 17, "iif": 515, "oif": 7,
         "src": {"first": RAW, "last": RAW[::-1], "first_port": 1, "last_port": 515},
         "dst": {"first": RAW[::-1], "last": RAW, "first_port": 2, "last_port": 516}}),
}  # fmt: skip


def value_of(value: Any, like: Any) -> Any:
    """A field of a struct as the kind of value that it is compared with."""
    if isinstance(like, dict):
        return {name: value_of(getattr(value, name), inner) for name, inner in like.items()}
    return bytes(value) if isinstance(like, bytes) else value


@pytest.mark.parametrize("name", native.LAYOUTS)
def test_packed_rows_are_the_headers_structs(name: str) -> None:
    values, fields = ROWS[name]
    packed = native.LAYOUTS[name].pack(*values)
    row = native.ffi.cast(f"{name} *", native.ffi.from_buffer(packed))
    declared = {field for field, _ in native.ffi.typeof(name).fields}
    assert declared == set(fields)
    for field, expected in fields.items():
        assert value_of(getattr(row, field), expected) == expected, field


@pytest.fixture
def engine() -> Iterator[NativeEngine]:
    lib, ffi = native.lib, native.ffi
    conf = ffi.new("struct core_conf *")
    conf.n_workers, conf.plain, conf.conn_pool = 2, 1, 64
    conf.max_dests, conf.max_laddrs, conf.max_nexthops, conf.lport_pools = 8, 4, 64, 1
    err = native.new_err()
    core = lib.core_create(conf, err)
    assert core != ffi.NULL, native.text(err)
    device = ffi.new("struct core_device_conf *")
    device.name, device.port_id, device.n_rxq, device.n_txq = b"dpdk0", -1, 1, 1
    device.mtu, device.mac = 1500, bytes([2, 0, 0, 0, 0, 1])
    native.checked("core_device_add", lib.core_device_add(core, device, err), err)
    yield NativeEngine(core)
    lib.core_destroy(core)


KEY = LbKey(6, parse_ip("10.0.0.100"), 80)
SERVICE = SERVICE_LAYOUT.pack(4, KEY.proto, KEY.port, KEY.ip.raw, 1, 0, 0, 0)


def dest(id_: int) -> bytes:
    return DEST_LAYOUT.pack(id_, 4, 0, 0, 80, parse_ip("10.0.0.2").raw, 1, 0, 0)


def test_a_plain_core_takes_everything(engine: NativeEngine) -> None:
    engine.laddr_add(0, parse_ip("10.0.0.200"))
    engine.laddr_active(0, False)
    assert engine.conflicts() == []
    edit = engine.lb_begin()
    edit.put([LbRow(SERVICE, dest(3), [0])])
    edit.commit()
    edit.abort()  # of an ended edit: nothing
    addrs = [FibAddr(parse_ip("10.0.0.1"), AddrKind.LOCAL, 0),
             FibAddr(parse_ip("10.0.0.200"), AddrKind.LOCAL, 0, 0)]  # fmt: skip
    gateway = parse_ip("10.0.0.254")
    routes = [FibRoute(parse_ip("0.0.0.0"), 0, 0, 0, gateway, None)]
    engine.fib_publish(addrs, routes)
    assert engine.laddr_del(0) is False
    edit = engine.lb_begin()
    edit.remove(KEY)
    edit.commit()
    assert sum(engine.dest_stats(3)) == 0
    assert engine.dest_rows([3, 5, 7], 1) == bytes(
        3 * native.LAYOUTS["struct core_dest_stats"].size
    )
    assert engine.laddr_stats(0).used == 0
    assert {len(engine.verdict_counts(w)) for w in (None, 0, 1)} == {len(engine.verdicts())}
    assert engine.conn_rows(0, 16) == (b"", 0)
    assert engine.conn_find(6, gateway, 1, gateway, 2) == b""
    assert engine.groups() == bytes([0, 1] * 32)
    assert engine.neighs() == []
    engine.neigh_add(0, gateway, bytes([2, 0, 0, 0, 0, 9]))
    assert engine.worker_stats(1).conns == 0
    assert engine.link(0).mac == bytes([2, 0, 0, 0, 0, 1])
    engine.poll()


def test_services_by_match(engine: NativeEngine) -> None:
    """F-021: each dest with its local address; equal matches are one service."""
    match = MATCH_LAYOUT.pack(4, 6, 0, ANY_DEV, b"", b"", 0, 0, b"", b"", 0, 0)
    wan = parse_ip("10.0.0.200")
    server = DEST_LAYOUT.pack(3, 4, carried.FORWARDS["snat"], 0, 0, wan.raw, 1, 0, 0)
    service = SERVICE_LAYOUT.pack(4, 6, 0, bytes(16), 1, 0, 0, 0)
    engine.laddr_add(2, wan)
    edit = engine.lb_begin()
    edit.put_match(match, LbRow(service, b"", []))
    edit.put_match(match, LbRow(service, server, [2]))
    edit.commit()
    assert engine.laddr_del(2) is False
    edit = engine.lb_begin()
    edit.remove_match(match)
    with pytest.raises(EngineError, match="core_lb_match_del: No such file"):
        edit.remove_match(match)
    with pytest.raises(EngineError, match="core_lb_match_set: No such file"):
        edit.put_match(match, LbRow(service, server, [1]))
    edit.abort()


def test_forwarding_methods_have_the_headers_numbers(engine: NativeEngine) -> None:
    words = {"fullnat": "FNAT", "route": "DR", "tunnel": "TUNNEL", "masq": "NAT", "snat": "SNAT"}
    numbers = {name: getattr(native.lib, f"CORE_FWD_{word}") for name, word in words.items()}
    assert numbers == carried.FORWARDS
    rows = engine.fwd_rows()
    assert rows >= {FwdRow(0, 4, 4), FwdRow(0, 6, 6)}
    assert {row.fwd for row in rows} <= set(numbers.values())
    assert all(row.client_af in (4, 6) and row.server_af in (4, 6) for row in rows)


def test_ipv6_is_taken_too(engine: NativeEngine) -> None:
    key = LbKey(6, parse_ip("2001:db8::100"), 80)
    engine.laddr_add(0, parse_ip("2001:db8:1::200"))
    edit = engine.lb_begin()
    service = SERVICE_LAYOUT.pack(6, key.proto, key.port, key.ip.raw, 1, 0, 0, 0)
    server = DEST_LAYOUT.pack(3, 6, 0, 0, 80, parse_ip("2001:db8:1::2").raw, 1, 0, 0)
    edit.put([LbRow(service, server, [0])])
    edit.commit()
    gateway = parse_ip("fe80::fe")
    routes = [FibRoute(parse_ip("::"), 0, 0, 0, gateway, None),
              FibRoute(parse_ip("2001:db8::"), 64, 0, 0, None, gateway)]  # fmt: skip
    engine.fib_publish([FibAddr(parse_ip("2001:db8::1"), AddrKind.LOCAL, 0)], routes)
    engine.neigh_add(0, gateway, bytes([2, 0, 0, 0, 0, 9]))
    assert engine.conn_find(6, gateway, 1, key.ip, 80) == b""


def test_refusals_have_names(engine: NativeEngine) -> None:
    with pytest.raises(EngineError, match="core_laddr_del: No such file"):
        engine.laddr_del(3)
    with pytest.raises(EngineError, match="core_laddr_active: No such file"):
        engine.laddr_active(3, True)
    edit = engine.lb_begin()
    with pytest.raises(EngineError, match="core_lb_set"):
        edit.put([LbRow(SERVICE, dest(99), [])])
    edit.abort()
