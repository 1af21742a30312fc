"""Leases, with a clock of the test's own."""

from typing import Any

from dpvs_core.control import messages as m
from dpvs_core.master.leases import Leases


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


def test_the_addresses_and_routes_of_a_vanished_client_go(bench: Any) -> None:
    import asyncio

    peer = bench.peer("vrrp", "keepalived", 3000)
    vip = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.100/32", dev="dpdk0"))
    shared = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.7/32", dev="dpdk0"))
    route = m.RouteAdd(route=m.RouteSpec(prefix="172.16.0.0/12", dev="dpdk0"))

    async def scenario() -> None:
        bench.service.greet(peer)
        for request in (vip, shared, route):
            assert await bench.service.answer(peer, request) == m.Ok()
        assert await bench.ask(shared, "cli", "dpip") == m.Ok()
        bench.service.gone(peer)
        await bench.service.end_leases()
        assert len(bench.engine.addrs) == 2
        bench.now_s += 3.0
        await bench.service.end_leases()

    asyncio.run(scenario())
    assert [str(row.ip) for row in bench.engine.addrs] == ["10.0.0.7"]
    assert bench.engine.routes == ()
    assert next(iter(bench.state.addresses.values())).owners == {"cli": "dpip"}
