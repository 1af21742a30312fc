"""Floating local addresses: attached by the checker, in use while somebody holds the address."""

import asyncio
import logging
from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.upkeep import Upkeep

KEY = m.ServiceKey(proto="tcp", addr="192.168.100.254", port=80)
OTHER = m.ServiceKey(proto="udp", addr="192.168.100.254", port=80)
LIP = "192.168.100.200"
FLOATING = m.LaddrSpec(addr=LIP, dev="dpdk0", floating=True)
FIXED = m.LaddrSpec(addr=LIP, dev="dpdk0")
HOLD = m.AddrAdd(addr=m.AddrSpec(prefix=f"{LIP}/32", dev="dpdk0"))
HOLD_NET = m.AddrAdd(addr=m.AddrSpec(prefix=f"{LIP}/24", dev="dpdk0"))
RELEASE = m.AddrDel(prefix=f"{LIP}/32", dev="dpdk0")


def attach(bench: Any, laddr: m.LaddrSpec = FLOATING, key: m.ServiceKey = KEY) -> None:
    bench.do(
        m.ServiceAdd(key=key, spec=m.ServiceSpec(scheduler="rr")),
        m.LaddrAdd(service=key, laddr=laddr),
        owner="check",
    )


def answered(bench: Any) -> list[str]:
    return [str(row.ip) for row in bench.engine.addrs]


def in_use(bench: Any) -> tuple[bool, bool, bool]:
    """What the core answers for, what gives ports, and what the listings say of it."""
    (addrs, services) = bench.run(m.AddrList(), m.ServiceList())
    (row,) = addrs.rows
    listed = {laddr.active for service in services.rows for laddr in service.laddrs}
    assert listed == {row.active}
    giving = [str(ip) for ip in bench.engine.open_laddr_ips(bench.state)]
    return answered(bench) == [LIP], giving == [LIP], row.active


YES, NO = (True, True, True), (False, False, False)


def test_attached_alone_it_is_on_standby(bench: Any) -> None:
    attach(bench)
    assert in_use(bench) == NO
    assert bench.engine.laddrs  # its pool is there
    (rows,) = bench.run(m.RouteList())
    assert rows.rows == ()
    assert bench.code(m.GarpSend(dev="dpdk0", addrs=(LIP,)), owner="vrrp") == Code.NOTEXIST


def test_a_new_one_is_never_in_use_for_a_moment(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=KEY), owner="check")
    bench.engine.steps.clear()
    bench.do(m.LaddrAdd(service=KEY, laddr=FLOATING), owner="check")
    assert bench.engine.steps == [f"close {LIP}", "fib", "commit"]


def test_who_holds_it_puts_it_to_use_and_back(bench: Any) -> None:
    attach(bench)
    bench.engine.steps.clear()
    bench.do(HOLD, owner="vrrp")
    assert in_use(bench) == YES
    assert bench.engine.steps == [f"fib {LIP}", f"open {LIP}"]
    assert bench.engine.addrs[0].laddr_id == 0
    bench.engine.steps.clear()
    bench.do(RELEASE, owner="vrrp")
    assert in_use(bench) == NO
    assert bench.engine.steps == [f"close {LIP}", "fib"]
    (addrs,) = bench.run(m.AddrList())
    assert addrs.rows[0].owners == ("check",)


def test_an_operator_can_hold_it_too(bench: Any) -> None:
    attach(bench)
    bench.do(HOLD, owner="cli")
    assert in_use(bench) == YES
    bench.do(HOLD, owner="vrrp")
    bench.do(RELEASE, owner="vrrp")
    assert in_use(bench) == YES
    bench.do(RELEASE, owner="cli")
    assert in_use(bench) == NO
    assert bench.code(RELEASE, owner="cli") == Code.BUSY  # attached: it is detached, not removed


def test_held_first_and_attached_later(bench: Any) -> None:
    bench.do(HOLD, owner="vrrp")
    assert answered(bench) == [LIP]
    bench.engine.steps.clear()
    attach(bench)
    assert in_use(bench) == YES
    steps = ["commit", f"close {LIP}", f"fib {LIP}", f"open {LIP}", "commit"]
    assert bench.engine.steps == steps


def test_a_service_that_uses_it_without_floating_keeps_it_in_use(bench: Any) -> None:
    attach(bench)
    attach(bench, FIXED, OTHER)
    assert in_use(bench) == YES
    bench.do(HOLD, owner="vrrp")
    bench.do(RELEASE, owner="vrrp")
    assert in_use(bench) == YES
    bench.do(m.LaddrDel(service=OTHER, laddr=FIXED), owner="check")
    assert in_use(bench) == NO


def test_what_its_holder_asked_for_goes_with_him(bench: Any) -> None:
    """No connected network and no life time of an address that nobody holds any more."""
    attach(bench, FIXED)
    bench.do(HOLD_NET, owner="vrrp")
    assert len(bench.engine.routes) == 1
    bench.do(m.AddrDel(prefix=f"{LIP}/24", dev="dpdk0"), owner="vrrp")
    assert bench.engine.routes == ()
    assert in_use(bench) == YES
    (addrs,) = bench.run(m.AddrList())
    assert addrs.rows[0].spec.prefix == f"{LIP}/32"


def test_no_network_follows_from_what_is_on_standby(bench: Any) -> None:
    attach(bench)
    bench.do(m.AddrSet(addr=HOLD_NET.addr))
    assert bench.engine.routes == ()
    towards = m.RouteSpec(prefix="default", via="192.168.100.1")
    assert bench.code(m.RouteAdd(route=towards)) == Code.INVAL  # on no connected network
    bench.do(m.AddrAdd(addr=HOLD_NET.addr), m.RouteAdd(route=towards))
    assert len(bench.engine.routes) == 2


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("before", [FLOATING, FIXED])
def test_attached_otherwise_in_one_batch(bench: Any, held: bool, before: m.LaddrSpec) -> None:
    """EXIST by itself; detached and attached in one batch the address and its ports stay."""
    after = FIXED if before.floating else FLOATING
    attach(bench, before)
    if held:
        bench.do(HOLD, owner="vrrp")
    assert bench.code(m.LaddrAdd(service=KEY, laddr=after), owner="check") == Code.EXIST
    bench.engine.steps.clear()
    pool = dict(bench.engine.laddrs)
    again = m.Batch(requests=[
        m.LaddrDel(service=KEY, laddr=before), m.LaddrAdd(service=KEY, laddr=after),
    ])  # fmt: skip
    bench.do(again, owner="check")
    assert in_use(bench) == (YES if held or not after.floating else NO)
    assert bench.engine.laddrs == pool
    assert bench.state.laddr_ids.trash == {}
    if held:
        assert not [step for step in bench.engine.steps if step.startswith(("close", "open"))]
        assert "fib" not in bench.engine.steps  # never one without it
    (services,) = bench.run(m.ServiceList())
    assert services.rows[0].laddrs[0].spec == after


def test_connections_keep_the_pool_of_one_that_is_detached(bench: Any) -> None:
    attach(bench)
    bench.do(HOLD, owner="vrrp")
    bench.engine.busy_laddrs = {0}
    bench.do(m.LaddrDel(service=KEY, laddr=FLOATING), owner="check")
    assert answered(bench) == [LIP]  # vrrp holds it still
    assert bench.engine.addrs[0].laddr_id is None
    assert bench.engine.open_laddrs == set()
    bench.do(m.LaddrAdd(service=KEY, laddr=FLOATING), owner="check")
    assert bench.engine.addrs[0].laddr_id == 0
    assert in_use(bench) == YES


@pytest.mark.parametrize("fail", ["fib", "open"])
def test_a_take_over_that_fails_leaves_it_on_standby(bench: Any, fail: str) -> None:
    attach(bench)
    before = bench.snapshot()
    bench.engine.fail = {fail}
    assert bench.code(HOLD, owner="vrrp") == Code.NOMEM
    assert bench.snapshot() == before
    bench.engine.fail = set()
    bench.do(HOLD, owner="vrrp")
    assert in_use(bench) == YES


@pytest.mark.parametrize("fail", ["fib", "close"])
def test_a_release_that_fails_leaves_it_in_use(bench: Any, fail: str) -> None:
    attach(bench)
    bench.do(HOLD, owner="vrrp")
    before = bench.snapshot()
    bench.engine.fail = {fail}
    assert bench.code(RELEASE, owner="vrrp") == Code.NOMEM
    assert bench.snapshot() == before


def test_a_commit_that_fails_after_the_addresses_is_undone(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=KEY), owner="check")
    before = bench.snapshot()
    bench.engine.fail = {"commit"}
    assert bench.code(m.LaddrAdd(service=KEY, laddr=FIXED), owner="check") == Code.NOMEM
    assert bench.snapshot() == before
    assert answered(bench) == []
    assert bench.engine.open_laddrs == set()


def test_on_standby_linux_may_have_the_address(bench: Any) -> None:
    attach(bench)
    route = m.RouteSpec(prefix=f"{LIP}/32", dev="dpdk0", scope="kni_host")
    bench.do(m.RouteAdd(route=route))
    assert [row.kind.name for row in bench.engine.addrs] == ["KERNEL"]
    bench.do(HOLD, owner="vrrp")
    assert [row.kind.name for row in bench.engine.addrs] == ["LOCAL"]


def test_life_times_end_the_use(bench: Any) -> None:
    attach(bench)
    spec = m.AddrSpec(prefix=f"{LIP}/32", dev="dpdk0", valid_lft_s=10)
    bench.do(m.AddrAdd(addr=spec), owner="cli")
    assert in_use(bench) == YES
    bench.now_s += 10
    asyncio.run(Upkeep(bench.handlers, bench.service, logging.getLogger("test")).expire())
    assert in_use(bench) == NO
