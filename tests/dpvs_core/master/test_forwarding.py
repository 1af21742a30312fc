"""Which dests a service may have: what the core forwards, between which families."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.inet import Ip

V4 = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
V6 = m.ServiceKey(proto="tcp", addr="2001:db8::100", port=80)
RR = m.ServiceSpec(scheduler="rr")
FNAT, NAT, DR, TUNNEL, SNAT = range(5)
NUMBERS: dict[m.Forward, int] = {
    "fullnat": FNAT, "route": DR, "tunnel": TUNNEL, "masq": NAT, "snat": SNAT,
}  # fmt: skip
SERVERS = {4: "192.168.100.2", 6: "2001:db8:1::2"}
SERVICES = {4: V4, 6: V6}


def dest(server_af: int, forward: m.Forward) -> m.DestSpec:
    return m.DestSpec(addr=SERVERS[server_af], port=80, forward=forward)


def address(told: Any) -> str:
    return str(Ip(told.af, told.raw))


@pytest.mark.parametrize("server_af", [4, 6])
@pytest.mark.parametrize("client_af", [4, 6])
@pytest.mark.parametrize("forward", [name for name in NUMBERS if name != "snat"])
def test_a_row_of_the_core_is_enough(
    bench_that_forwards: Callable[..., Any], forward: m.Forward, client_af: int, server_af: int
) -> None:
    """F-080..F-088: the core's own table decides, so a row that comes later is carried."""
    key, request = SERVICES[client_af], dest(server_af, forward)
    row = (NUMBERS[forward], client_af, server_af)
    bench = bench_that_forwards(row)
    bench.do(m.ServiceAdd(key=key, spec=RR), m.DestAdd(service=key, dest=request))
    ((_service, dests, _ids),) = bench.engine.services.values()
    assert [(told.fwd, address(told)) for told in dests] == [(row[0], SERVERS[server_af])]
    other = bench_that_forwards((row[0], 10 - client_af, 10 - server_af), (99, 4, 4))
    other.do(m.ServiceAdd(key=key, spec=RR))
    assert other.code(m.DestAdd(service=key, dest=request)) == Code.NOTSUPP


@pytest.mark.parametrize(("forward", "told"), [("route", 0), ("tunnel", 0), ("masq", 8080)])
def test_a_dests_port_counts_where_it_is_replaced(
    bench_that_forwards: Callable[..., Any], forward: m.Forward, told: int
) -> None:
    """F-084: files with another port at a DR server work with LVS: it gets the service's."""
    bench = bench_that_forwards((NUMBERS[forward], 4, 4))
    request = m.DestSpec(addr=SERVERS[4], port=8080, forward=forward)
    bench.do(m.ServiceAdd(key=V4, spec=RR), m.DestAdd(service=V4, dest=request))
    ((_service, dests, _ids),) = bench.engine.services.values()
    assert [row.port for row in dests] == [told]


def refusal(bench: Any, request: m.Request) -> str:
    reply = asyncio.run(bench.ask(request))
    assert isinstance(reply, m.Failure) and reply.code == Code.NOTSUPP
    return reply.message


def test_what_is_refused_is_said_with_what_there_is(
    bench_that_forwards: Callable[..., Any],
) -> None:
    bench = bench_that_forwards((FNAT, 4, 4), (FNAT, 6, 6), (TUNNEL, 4, 6))
    bench.do(m.ServiceAdd(key=V4, spec=RR), m.ServiceAdd(key=V6, spec=RR))
    assert refusal(bench, m.DestAdd(service=V6, dest=dest(4, "fullnat"))) == (
        "fullnat from IPv6 clients to IPv4 servers is not carried yet (clients-servers: 4-4, 6-6)"
    )
    assert refusal(bench, m.DestAdd(service=V4, dest=dest(4, "route"))) == (
        "forwarding method route is not carried yet (there are: fullnat, tunnel)"
    )
    local = m.DestSpec(addr="192.168.100.2", port=80, forward="local")
    assert "method local is not carried yet" in refusal(bench, m.DestAdd(service=V4, dest=local))


def test_an_edit_to_another_method_is_asked_too(bench: Any) -> None:
    bench.do(m.ServiceAdd(key=V4, spec=RR), m.DestAdd(service=V4, dest=dest(4, "fullnat")))
    before = bench.snapshot()
    refusal(bench, m.DestEdit(service=V4, dest=dest(4, "route")))
    assert bench.snapshot() == before


def test_local_addresses_are_of_a_family_that_the_service_can_use(
    bench_that_forwards: Callable[..., Any],
) -> None:
    """S-011: NAT64 takes IPv4 local addresses under an IPv6 service."""
    laddr = m.LaddrAdd(service=V6, laddr=m.LaddrSpec(addr="192.168.100.200", dev="dpdk1"))
    nat64 = bench_that_forwards((FNAT, 6, 4))
    nat64.do(m.ServiceAdd(key=V6, spec=RR), laddr, m.DestAdd(service=V6, dest=dest(4, "fullnat")))
    assert [str(ip) for ip in nat64.engine.laddrs.values()] == ["192.168.100.200"]
    only6 = bench_that_forwards((FNAT, 6, 6))
    only6.do(m.ServiceAdd(key=V6, spec=RR))
    refusal(only6, laddr)


def test_an_ipv6_service_with_everything(bench: Any) -> None:
    """S-010."""
    laddr = m.LaddrSpec(addr="2001:db8:1::200", dev="dpdk1")
    bench.do(
        m.ServiceAdd(key=V6, spec=RR),
        m.DestAdd(service=V6, dest=dest(6, "fullnat")),
        m.LaddrAdd(service=V6, laddr=laddr),
    )
    ((key, (_service, dests, _ids)),) = bench.engine.services.items()
    assert (key.ip.af, str(key.ip), address(dests[0])) == (6, V6.addr, SERVERS[6])
    (page,) = bench.run(m.ServiceList())
    assert page.rows[0].key == V6 and page.rows[0].laddrs[0].spec == laddr
    (rows,) = bench.run(m.AddrList())
    assert [row.spec.prefix for row in rows.rows] == ["2001:db8:1::200/128"]
    longer = m.ServiceKey(proto="tcp", addr="2001:0db8:0:0::0100", port=80)
    assert bench.code(m.ServiceAdd(key=longer, spec=RR)) == Code.EXIST
