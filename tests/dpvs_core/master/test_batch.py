"""Batches: whole or not at all, whatever fails, and overtaken by requests about addresses."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master import handlers, publish

DEADLINE_S = 10.0
PORTS = (80, 81, 82)
KEYS = [m.ServiceKey(proto="tcp", addr="10.0.0.100", port=port) for port in PORTS]
HOSTS = ("192.168.100.2", "192.168.100.3", "192.168.100.300", "192.168.100.4")
LADDRS = [
    m.LaddrSpec(addr=f"192.168.100.20{n}", dev="dpdk1", floating=floating)
    for floating in (False, True)
    for n in range(3)
]

keys = st.sampled_from(KEYS)
dests = st.builds(
    m.DestSpec, addr=st.sampled_from(HOSTS), port=st.just(80),
    forward=st.sampled_from(["fullnat"] * 9 + ["route"]), weight=st.integers(0, 3),
)  # fmt: skip
addr_specs = st.builds(
    m.AddrSpec,
    prefix=st.sampled_from(["10.0.0.1/24", "10.0.0.2/32", "192.168.100.200/24",
                            "192.168.100.201/32"]),
    dev=st.sampled_from(["dpdk0", "dpdk1"]), sapool=st.booleans(),
)  # fmt: skip
route_specs = st.builds(
    m.RouteSpec, prefix=st.sampled_from(["default", "172.16.0.0/12", "10.9.9.9/32"]),
    via=st.sampled_from(["", "10.0.0.254"]), dev=st.sampled_from(["", "dpdk0", "dpdk1"]),
)  # fmt: skip
changes: st.SearchStrategy[m.Change] = st.one_of(
    st.builds(m.ServiceAdd, key=keys, spec=st.just(m.ServiceSpec(scheduler="rr"))),
    st.builds(m.ServiceEdit, key=keys, spec=st.just(m.ServiceSpec(scheduler="wrr"))),
    st.builds(m.ServiceDel, key=keys),
    st.builds(m.DestAdd, service=keys, dest=dests),
    st.builds(m.DestEdit, service=keys, dest=dests),
    st.builds(m.DestDel, service=keys, addr=st.sampled_from(HOSTS), port=st.just(80)),
    st.builds(m.LaddrAdd, service=keys, laddr=st.sampled_from(LADDRS)),
    st.builds(m.LaddrDel, service=keys, laddr=st.sampled_from(LADDRS)),
    st.builds(m.AddrAdd, addr=addr_specs),
    st.builds(m.AddrDel, prefix=st.just("10.0.0.1/24"), dev=st.just("dpdk0")),
    st.builds(
        m.AddrDel,
        prefix=st.sampled_from([f"192.168.100.20{n}/32" for n in range(2)]),
        dev=st.just("dpdk1"),
    ),
    st.builds(m.RouteAdd, route=route_specs),
    st.builds(m.RouteDel, route=route_specs),
)
failing = st.sampled_from(["put", "commit", "fib", "laddr_add"])
OWNERS = ["cli", "check", "vrrp"]


def check_ids(state: Any) -> None:
    """Every id that was given is a dest's, or trash of one that is not there, or free."""
    rows = [row for service in state.services.values() for row in service.dests.items()]
    ids = [*(dest.id for _, dest in rows), *state.dest_ids.trash.values(), *state.dest_ids._free]
    assert sorted(ids) == list(range(state.dest_ids.n_given))
    there = {(key, dest) for key, row in state.services.items() for dest in row.dests}
    assert not there & state.dest_ids.trash.keys()


def check_the_core_has_the_state(bench: Any) -> None:
    """The core was told exactly what the state says, and ids are where they are used."""
    engine, state = bench.engine, bench.state
    assert engine.open_edits == 0
    assert set(engine.services) == set(state.services)
    for key, (_, rows, laddr_ids) in engine.services.items():
        service = state.services[key]
        assert [row.id for row in rows] == [dest.id for dest in service.dests.values()]
        assert [engine.laddrs[id_] for id_ in laddr_ids] == list(service.laddrs)
    check_ids(state)
    assert {key.ip for key, row in state.addresses.items() if row.sapool} == set(
        state.laddr_ids.used
    )
    ours = [(str(row.ip), row.dev) for row in engine.addrs if row.kind == 0]
    in_use = [(str(key.ip), int(key.dev[-1])) for key, row in state.addresses.items() if row.active]
    assert ours == in_use
    giving = {key.ip for key, row in state.addresses.items() if row.active and row.sapool}
    assert engine.open_laddr_ips(state) == giving


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_batch_is_whole_or_nothing(bench_with_pause: Any, data: st.DataObject) -> None:
    async def no_pause() -> None:
        pass

    bench = bench_with_pause(no_pause)
    for _ in range(data.draw(st.integers(1, 5))):
        before = bench.snapshot()
        request = m.Batch(requests=data.draw(st.lists(changes, max_size=8)))
        bench.engine.fail = data.draw(st.sets(failing, max_size=1))
        (reply,) = bench.run(request, owner=data.draw(st.sampled_from(OWNERS)))
        bench.engine.fail = set()
        if isinstance(reply, m.Failure):
            assert bench.snapshot() == before
        check_the_core_has_the_state(bench)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """To its end, which must come."""

    async def in_time() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await scenario()

    asyncio.run(in_time())


def big_batch() -> m.Batch:
    requests: list[m.Change] = []
    for port in range(1, 201):
        key = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=port)
        requests.append(m.ServiceAdd(key=key))
        spec = m.DestSpec(addr="192.168.100.2", port=port, forward="fullnat")
        if port <= 60:
            requests.append(m.DestAdd(service=key, dest=spec))
    requests.append(m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.7/32", dev="dpdk0")))
    requests.append(m.LaddrAdd(service=requests[0].key, laddr=LADDRS[0]))  # type: ignore[union-attr]
    return m.Batch(requests=requests)


FIRST, IN_EDIT = 1, 6
"""Pauses to stop at: while requests are applied (four), while the core's edit is built (six)."""


@pytest.fixture(scope="module", autouse=True)
def short_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "PIECE_REQUESTS", 64)
        patch.setattr(publish, "PIECE_SERVICES", 32)
        yield


def paused(make: Callable[..., Any], stop_at: int) -> tuple[Any, asyncio.Event, asyncio.Event]:
    """A bench whose batches stop at that pause until told to go on."""
    stopped, go_on = asyncio.Event(), asyncio.Event()
    n_pauses = 0

    async def pause() -> None:
        nonlocal n_pauses
        n_pauses += 1
        if n_pauses == stop_at:
            stopped.set()
            await go_on.wait()

    return make(pause), stopped, go_on


@pytest.mark.parametrize("stop_at", [FIRST, IN_EDIT])
def test_addresses_overtake_a_batch_that_is_being_built(
    bench_with_pause: Any, stop_at: int
) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, stop_at)
        batch = asyncio.create_task(bench.ask(big_batch(), "check"))
        await stopped.wait()
        vip = m.AddrSpec(prefix="10.0.0.100/32", dev="dpdk0")
        same = m.AddrSpec(prefix="10.0.0.7/32", dev="dpdk0")
        local = m.AddrSpec(prefix=f"{LADDRS[0].addr}/32", dev="dpdk1")
        gone = m.AddrDel(prefix=local.prefix, dev="dpdk1")
        for request in (*(m.AddrAdd(addr=addr) for addr in (vip, same, local)), gone):
            assert await bench.ask(request, "vrrp") == m.Ok()
        assert [str(row.ip) for row in bench.engine.addrs] == ["10.0.0.100", "10.0.0.7"]
        assert bench.engine.services == {}
        other = asyncio.create_task(bench.ask(m.ServiceAdd(key=KEYS[0]), "cli"))
        go_on.set()
        assert await batch == m.BatchDone(changed=262)
        assert (await other).code == Code.EXIST  # it waited for the batch
        held = {str(key.ip): set(row.owners) for key, row in bench.state.addresses.items()}
        assert held == {
            "10.0.0.100": {"vrrp"}, "10.0.0.7": {"vrrp", "check"}, LADDRS[0].addr: set(),
        }  # fmt: skip
        assert bench.engine.addrs[2].laddr_id == 0
        check_the_core_has_the_state(bench)

    run(scenario)


@pytest.mark.parametrize("stop_at", [FIRST, IN_EDIT])
def test_a_batch_of_addresses_and_routes_overtakes_too(bench_with_pause: Any, stop_at: int) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, stop_at)
        slow = asyncio.create_task(bench.ask(big_batch(), "check"))
        await stopped.wait()
        vip = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.100/32", dev="dpdk0"))
        route = m.RouteAdd(route=m.RouteSpec(prefix="172.16.0.0/12", dev="dpdk0"))
        take_over = m.Batch(requests=[vip, route])
        assert await bench.ask(take_over, "vrrp") == m.BatchDone(changed=2)
        assert [str(row.ip) for row in bench.engine.addrs] == ["10.0.0.100"]
        assert not slow.done()
        mixed = m.Batch(requests=[route, m.ServiceAdd(key=KEYS[0])])
        waiting = asyncio.create_task(bench.ask(mixed, "cli"))
        go_on.set()
        assert await slow == m.BatchDone(changed=262)
        assert (await waiting).code == Code.EXIST
        check_the_core_has_the_state(bench)

    run(scenario)


def attach_batch(*before: m.Change, floating: bool = True) -> m.Batch:
    """A batch with pauses at the same places as big_batch's, which attaches one local address."""
    requests: list[m.Change] = list(before)
    for port in range(1, 201):
        key = m.ServiceKey(proto="tcp", addr="10.0.0.101", port=port)
        requests.append(m.ServiceAdd(key=key))
        if port <= 60:
            spec = m.DestSpec(addr="192.168.100.2", port=port, forward="fullnat")
            requests.append(m.DestAdd(service=key, dest=spec))
    laddr = m.LaddrSpec(addr=LADDRS[0].addr, dev="dpdk1", floating=floating)
    return m.Batch(requests=[*requests, m.LaddrAdd(service=KEYS[0], laddr=laddr)])


HELD = m.AddrAdd(addr=m.AddrSpec(prefix=f"{LADDRS[0].addr}/32", dev="dpdk1"))
LET_GO = m.AddrDel(prefix=HELD.addr.prefix, dev="dpdk1")


@pytest.mark.parametrize("stop_at", [FIRST, IN_EDIT])
def test_a_take_over_while_its_local_address_is_being_attached(
    bench_with_pause: Any, stop_at: int
) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, stop_at)
        assert await bench.ask(m.ServiceAdd(key=KEYS[0]), "check") == m.Ok()
        slow = asyncio.create_task(bench.ask(attach_batch(), "check"))
        await stopped.wait()
        assert await bench.ask(m.Batch(requests=[HELD]), "vrrp") == m.BatchDone(changed=1)
        assert bench.engine.open_laddr_ips(bench.state) == set()
        go_on.set()
        assert isinstance(await slow, m.BatchDone)
        assert [(str(row.ip), row.laddr_id) for row in bench.engine.addrs] == [(LADDRS[0].addr, 0)]
        assert len(bench.engine.open_laddrs) == 1
        check_the_core_has_the_state(bench)

    run(scenario)


@pytest.mark.parametrize("stop_at", [FIRST, IN_EDIT])
@pytest.mark.parametrize("floating", [False, True])
def test_let_go_while_it_is_being_attached_otherwise(
    bench_with_pause: Any, stop_at: int, floating: bool
) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, stop_at)
        before = m.LaddrSpec(addr=LADDRS[0].addr, dev="dpdk1", floating=not floating)
        attach = m.LaddrAdd(service=KEYS[0], laddr=before)
        for request in (m.ServiceAdd(key=KEYS[0]), attach):
            assert await bench.ask(request, "check") == m.Ok()
        assert await bench.ask(HELD, "vrrp") == m.Ok()
        again = attach_batch(m.LaddrDel(service=KEYS[0], laddr=before), floating=floating)
        slow = asyncio.create_task(bench.ask(again, "check"))
        await stopped.wait()
        assert await bench.ask(LET_GO, "vrrp") == m.Ok()
        assert len(bench.engine.open_laddrs) == len(bench.engine.addrs) == (1 if floating else 0)
        go_on.set()
        assert isinstance(await slow, m.BatchDone)
        assert len(bench.engine.open_laddrs) == (0 if floating else 1)
        check_the_core_has_the_state(bench)

    run(scenario)


def test_two_long_batches_of_addresses_at_once(bench_with_pause: Any) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, FIRST)
        mine = [f"10.1.0.{n}/32" for n in range(1, 101)]
        theirs = [f"10.1.0.{n}/32" for n in range(51, 151)]

        def batch(prefixes: list[str]) -> m.Batch:
            specs = (m.AddrSpec(prefix=prefix, dev="dpdk0") for prefix in prefixes)
            return m.Batch(requests=[m.AddrAdd(addr=spec) for spec in specs])

        first = asyncio.create_task(bench.ask(batch(mine), "vrrp"))
        await stopped.wait()
        assert await bench.ask(batch(theirs), "cli") == m.BatchDone(changed=100)
        go_on.set()
        assert await first == m.BatchDone(changed=100)
        held = {str(key.ip): set(row.owners) for key, row in bench.state.addresses.items()}
        assert held["10.1.0.1"] == {"vrrp"}
        assert held["10.1.0.75"] == {"vrrp", "cli"}
        assert held["10.1.0.150"] == {"cli"}
        check_the_core_has_the_state(bench)

    run(scenario)


@pytest.mark.parametrize("fail", ["put", "commit", "fib"])
def test_what_overtook_stays_when_the_batch_fails(bench_with_pause: Any, fail: str) -> None:
    async def scenario() -> None:
        bench, stopped, go_on = paused(bench_with_pause, FIRST)
        batch = asyncio.create_task(bench.ask(big_batch(), "check"))
        await stopped.wait()
        vip = m.AddrSpec(prefix="10.0.0.100/32", dev="dpdk0")
        await bench.ask(m.AddrAdd(addr=vip), "vrrp")
        bench.engine.fail = {fail}
        go_on.set()
        assert (await batch).code == Code.NOMEM
        bench.engine.fail = set()
        assert [str(row.ip) for row in bench.engine.addrs] == ["10.0.0.100"]
        check_the_core_has_the_state(bench)

    run(scenario)


@pytest.mark.parametrize("stop_at", [FIRST, IN_EDIT])
def test_a_batch_whose_client_vanishes_leaves_nothing(bench_with_pause: Any, stop_at: int) -> None:
    async def scenario() -> None:
        bench, stopped, _go_on = paused(bench_with_pause, stop_at)
        before = bench.snapshot()
        batch = asyncio.create_task(bench.ask(big_batch(), "check"))
        await stopped.wait()
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        assert bench.snapshot() == before

    run(scenario)


def test_an_id_taken_and_left_by_a_refused_batch_is_not_lost(bench: Any) -> None:
    spec = m.DestSpec(addr="192.168.100.2", port=80, forward="fullnat")
    gone = m.DestDel(service=KEYS[0], addr=spec.addr, port=spec.port)
    before = [m.ServiceAdd(key=KEYS[0]), m.DestAdd(service=KEYS[0], dest=spec), gone]
    (reply,) = bench.run(m.Batch(requests=[*before, gone]))
    assert reply.code == Code.NOTEXIST
    assert bench.state.dest_ids.n_given == 1
    check_the_core_has_the_state(bench)


def test_a_refusal_names_the_request(bench: Any) -> None:
    bad = m.DestAdd(service=KEYS[0], dest=m.DestSpec(addr="1.2.3.4", port=80))
    (reply,) = bench.run(m.Batch(requests=[m.ServiceAdd(key=KEYS[0]), bad]))
    assert reply.code == Code.NOTSUPP
    assert reply.message.startswith("request 2 of the batch (dest.add): ")


def test_a_local_address_without_memory_can_be_added_later(bench: Any) -> None:
    add = m.LaddrAdd(service=KEYS[0], laddr=LADDRS[0])
    bench.do(m.ServiceAdd(key=KEYS[0]))
    bench.engine.fail = {"laddr_add"}
    assert bench.code(add) == Code.NOMEM
    bench.engine.fail = set()
    assert bench.state.laddr_ids.trash == {}
    bench.do(add)
    check_the_core_has_the_state(bench)
