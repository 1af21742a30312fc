"""Leases, with a clock of the test's own; and that upkeep ends them at their deadline."""

import asyncio
import logging
import time
from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.leases import Leases
from dpvs_core.master.upkeep import Upkeep

DEADLINE_S = 10.0
VIP = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.100/32", dev="dpdk0"))


def test_a_client_that_returns_in_time_keeps_all() -> None:
    leases = Leases()
    leases.connected("vrrp", 3000)
    assert leases.expired(100.0) == []
    leases.gone("vrrp", 100.0)
    assert leases.next_deadline_s() == 103.0
    assert leases.expired(102.9) == []
    leases.connected("vrrp", 3000)
    assert leases.expired(200.0) == []
    leases.gone("vrrp", 200.0)
    assert leases.expired(203.0) == ["vrrp"]
    assert leases.expired(300.0) == []


def test_only_the_last_connection_counts_and_no_lease_is_for_ever() -> None:
    leases = Leases()
    leases.connected("a", 1000)
    leases.connected("a", 0)
    leases.gone("a", 10.0)
    assert leases.expired(50.0) == []
    leases.gone("a", 50.0)
    assert leases.expired(51.0) == ["a"]
    leases.connected("b", 0)
    leases.gone("b", 10.0)
    assert leases.next_deadline_s() is None


def test_another_lease_after_a_reload() -> None:
    leases = Leases()
    leases.connected("vrrp", 3000)
    assert leases.set_lease("vrrp", 300)
    assert not leases.set_lease("vrrp", 300)
    assert not leases.running_out("vrrp")
    leases.gone("vrrp", 10.0)
    assert leases.running_out("vrrp")
    assert leases.next_deadline_s() == 10.3


def test_a_lease_that_runs_out_can_end_earlier_but_not_that_of_one_who_is_back() -> None:
    leases = Leases()
    leases.connected("vrrp", 3000)
    leases.end_at("vrrp", 5.0)
    assert leases.expired(100.0) == []
    leases.gone("vrrp", 100.0)
    leases.end_at("vrrp", 100.0)
    assert leases.expired(100.0) == ["vrrp"]
    assert not leases.running_out("vrrp")
    leases.end_at("vrrp", 101.0)  # told, but could not be carried out
    assert leases.expired(101.0) == ["vrrp"]


def test_a_client_sets_its_lease(bench: Any) -> None:
    peer = bench.peer("vrrp", "keepalived", 3000)

    async def scenario() -> list[Any]:
        bench.service.greet(peer)
        asked = (m.LeaseSet(lease_ms=300), m.LeaseSet(lease_ms=300), m.LeaseSet(lease_ms=-1))
        replies = [await bench.service.answer(peer, request) for request in asked]
        bench.service.gone(peer)
        return replies

    *replies, refused = asyncio.run(scenario())
    assert replies == [m.Ok(), m.Ok(changed=False)]
    assert refused.code == Code.INVAL
    assert bench.service.leases.next_deadline_s() == bench.now_s + 0.3


def test_the_addresses_and_routes_of_a_vanished_client_go(bench: Any) -> None:
    peer = bench.peer("vrrp", "keepalived", 3000)
    shared = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.7/32", dev="dpdk0"))
    route = m.RouteAdd(route=m.RouteSpec(prefix="172.16.0.0/12", dev="dpdk0"))

    async def scenario() -> None:
        bench.service.greet(peer)
        for request in (VIP, shared, route):
            assert await bench.service.answer(peer, request) == m.Ok()
        assert await bench.ask(shared, "cli", "dpip") == m.Ok()
        bench.service.gone(peer)
        bench.service.end_leases()
        assert len(bench.engine.addrs) == 2
        bench.now_s += 3.0
        bench.service.end_leases()

    asyncio.run(scenario())
    assert [str(row.ip) for row in bench.engine.addrs] == ["10.0.0.7"]
    assert bench.engine.routes == ()
    assert next(iter(bench.state.addresses.values())).owners == {"cli": "dpip"}


@pytest.mark.parametrize("fail", ["fib", "close"])
def test_addresses_the_core_would_not_withdraw_are_tried_again(
    bench: Any, fail: str, caplog: Any
) -> None:
    peer = bench.peer("vrrp", "keepalived", 3000)
    key = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
    floating = m.LaddrSpec(addr="10.0.0.100", dev="dpdk0", floating=True)
    bench.do(m.ServiceAdd(key=key), m.LaddrAdd(service=key, laddr=floating), owner="check")

    async def scenario() -> None:
        bench.service.greet(peer)
        assert await bench.service.answer(peer, VIP) == m.Ok()
        bench.service.gone(peer)
        bench.now_s += 3.0
        bench.engine.fail = {fail}
        bench.service.end_leases()

    asyncio.run(scenario())
    assert "the lease of keepalived has ended, but the core refused" in caplog.text
    assert len(bench.engine.addrs) == 1
    bench.engine.fail = set()
    bench.now_s += 0.1
    bench.service.end_leases()
    assert bench.engine.addrs == ()


def test_upkeep_ends_a_lease_by_its_own_clock(bench: Any) -> None:
    """Without the 50 ms of poll: from the good-bye to the deadline only the lease's watcher runs,
    which slept until somebody went."""
    bench.service.clock = bench.handlers.clock = time.monotonic
    upkeep = Upkeep(bench.handlers, bench.service, logging.getLogger("test"))
    peer = bench.peer("vrrp", "keepalived", 30)
    withdrawn = asyncio.Event()

    def fib_publish(addrs: Any, _routes: Any) -> None:
        if not addrs:
            withdrawn.set()

    async def scenario() -> float:
        bench.service.greet(peer)
        assert await bench.service.answer(peer, VIP) == m.Ok()
        bench.engine.fib_publish = fib_publish
        watching = asyncio.create_task(upkeep._every(0.0, upkeep.watch_leases))
        await asyncio.sleep(0)
        gone_s = time.monotonic()
        bench.service.gone(peer)
        async with asyncio.timeout(DEADLINE_S):
            await withdrawn.wait()
        watching.cancel()
        return time.monotonic() - gone_s

    assert asyncio.run(scenario()) >= 0.03
