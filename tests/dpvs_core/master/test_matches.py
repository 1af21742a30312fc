"""Services by match (SNAT; F-020, F-021, F-087, I-032): what the core is told, in which order, and
when WAN addresses give ports."""

from collections.abc import Callable
from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.match_text import parse_match
from dpvs_core.control.messages import Code
from dpvs_core.master import layouts
from dpvs_core.master.inet import Ip, parse_ip

WAN, WAN6 = "203.0.113.9", "2001:db8::9"
TCP = parse_match("proto=tcp,src-range=192.168.100.0-192.168.100.254,oif=dpdk1")
PORTS = parse_match("proto=udp,dst-range=0.0.0.0:1-1024,iif=dpdk0")
ANY6 = parse_match("af=ipv6")
RR = m.ServiceSpec(scheduler="rr")
ADDR = m.AddrSpec(prefix=f"{WAN}/24", dev="dpdk1")


def wan(addr: str = WAN, port: int = 0, **fields: Any) -> m.DestSpec:
    return m.DestSpec(addr=addr, port=port, forward="snat", **fields)


@pytest.fixture
def bench(bench_that_forwards: Callable[..., Any]) -> Any:
    return bench_that_forwards((0, 4, 4), (4, 4, 4), (4, 6, 6))


def service(key: m.ServiceKey, *dests: m.DestSpec) -> tuple[m.Request, ...]:
    """The requests that make it."""
    return m.ServiceAdd(key=key, spec=RR), *(m.DestAdd(service=key, dest=dest) for dest in dests)


def told(bench: Any) -> list[tuple[Any, ...]]:
    """The matches in the order they are asked."""
    return [layouts.MATCH.unpack(match) for match, _ in bench.engine.matches]


def fib_ids(bench: Any, addr: str = WAN) -> list[int | None]:
    return [row.laddr_id for row in bench.engine.addrs if row.ip == parse_ip(addr)]


def test_the_core_gets_each_word_of_a_match(bench: Any) -> None:
    """I-032: addresses, ports, devices by number; what is not said is any."""
    bench.do(*service(TCP), *service(PORTS), *service(ANY6))

    def raw(addr: str) -> bytes:
        return parse_ip(addr).raw

    any_ = bytes(16)
    assert told(bench) == [
        (6, 0, 0xFFFF, 0xFFFF, any_, any_, 0, 0, any_, any_, 0, 0),
        (4, 17, 0, 0xFFFF, any_, any_, 0, 0, any_, any_, 1, 1024),
        (4, 6, 0xFFFF, 1, raw("192.168.100.0"), raw("192.168.100.254"), 0, 0, any_, any_, 0, 0),
    ]


def test_its_dests_are_wan_addresses_with_ports(bench: Any) -> None:
    """F-087: with `sapool` or without; in use, they give ports."""
    other = m.AddrSpec(prefix="203.0.113.10/24", dev="dpdk1", sapool=True)
    bench.do(m.AddrAdd(addr=ADDR), m.AddrAdd(addr=other))
    assert fib_ids(bench) == [None]
    bench.do(*service(TCP, wan(weight=100), wan("203.0.113.10", upper_threshold=7)))
    ((_, (_, dests, ids)),) = bench.engine.matches
    assert [(str(Ip(d.af, d.raw)), d.fwd, d.weight, d.port, d.upper_threshold) for d in dests] == [
        (WAN, 4, 100, 0, 0),
        ("203.0.113.10", 4, 1, 0, 7),
    ]
    assert [str(bench.engine.laddrs[id_]) for id_ in ids] == [WAN, "203.0.113.10"]
    assert fib_ids(bench) == [ids[0]]
    assert set(ids) <= bench.engine.open_laddrs
    (rows,) = bench.run(m.AddrList())
    assert [row.spec.sapool for row in rows.rows] == [True, True]


def test_a_wan_address_may_come_later_and_go_before(bench: Any) -> None:
    """As on the backup of a pair: without the address no port is given."""
    bench.do(*service(TCP, wan()))
    ((_, (_, _, (id_,))),) = bench.engine.matches
    assert id_ not in bench.engine.open_laddrs
    for _ in range(2):
        bench.do(m.AddrAdd(addr=ADDR), owner="vrrp")
        assert id_ in bench.engine.open_laddrs
        assert fib_ids(bench) == [id_]
        bench.do(m.AddrDel(prefix=WAN, dev="dpdk1"), owner="vrrp")
        assert id_ not in bench.engine.open_laddrs
        assert fib_ids(bench) == []
    assert bench.state.laddr_ids.trash == {}


def test_its_ports_go_with_the_last_dest(bench: Any) -> None:
    udp = parse_match("proto=udp,af=ipv4")
    bench.do(m.AddrAdd(addr=ADDR), *service(TCP, wan()), *service(udp, wan()))
    bench.do(m.DestDel(service=udp, addr=WAN, port=0))
    assert fib_ids(bench) == [0]
    bench.do(m.ServiceDel(key=TCP))
    assert (fib_ids(bench), bench.engine.open_laddr_ips(bench.state)) == ([None], set())
    assert list(map(str, bench.state.laddr_ids.trash)) == [WAN]
    (rows,) = bench.run(m.AddrList())
    assert not rows.rows[0].spec.sapool
    bench.do(m.DestAdd(service=udp, dest=wan()), m.ServiceFlush())
    assert (bench.engine.matches, bench.state.wan_uses) == ([], {})


def test_the_last_added_is_asked_first_and_an_edit_keeps_its_turn(bench: Any) -> None:
    """F-021; deleted and added again it is a new one, also within one batch."""
    bench.do(*service(TCP), *service(PORTS), m.AddrAdd(addr=ADDR))
    bench.do(m.ServiceEdit(key=TCP, spec=m.ServiceSpec(scheduler="wlc", conn_timeout_s=9)))
    bench.do(m.DestAdd(service=TCP, dest=wan()), m.DestEdit(service=TCP, dest=wan(weight=5)))
    assert [row[1] for row in told(bench)] == [17, 6]
    spec, dests, _ = bench.engine.matches[1][1]
    assert (spec.sched, spec.conn_timeout_s, dests[0].weight) == (2, 9, 5)
    again = [m.ServiceDel(key=TCP), *service(TCP, wan())]
    bench.do(m.Batch(requests=again))  # type: ignore[arg-type]
    assert [row[1] for row in told(bench)] == [6, 17]
    assert bench.state.wan_uses == {parse_ip(WAN): 1}
    bench.do(m.Batch(requests=[*service(ANY6), m.ServiceDel(key=ANY6)]))  # type: ignore[list-item]
    assert len(told(bench)) == 2


def test_it_is_listed_as_it_was_named(bench: Any) -> None:
    bench.do(*service(TCP, wan()), *service(ANY6, wan(WAN6)))
    (rows,) = bench.run(m.ServiceList())
    assert [(row.key, [dest.spec for dest in row.dests]) for row in rows.rows] == [
        (TCP, [wan()]),
        (ANY6, [wan(WAN6)]),
    ]
    (one,) = bench.run(m.ServiceList(key=TCP))
    assert [row.key for row in one.rows] == [TCP]
    bench.do(m.ServiceZero(key=TCP))


def test_another_spelling_names_the_same(bench: Any) -> None:
    match = m.ServiceMatch(src_range="192.168.100.0-192.168.100.254", oif="dpdk1")
    bench.do(*service(TCP))
    longer = m.ServiceMatch(src_range="192.168.100.0-192.168.100.254:0-0", oif="dpdk1")
    key = m.ServiceKey(proto="tcp", addr="", port=0, match=longer)
    assert TCP.match == match
    assert bench.code(m.ServiceAdd(key=key, spec=RR)) == Code.EXIST
    everything = m.ServiceMatch(af=6, dst_range="::")
    assert bench.code(m.ServiceAdd(key=ANY6, spec=RR)) is None
    key = m.ServiceKey(proto="any", addr="", port=0, match=everything)
    assert bench.code(m.ServiceAdd(key=key, spec=RR)) == Code.EXIST


NEW = parse_match("proto=icmp,af=ipv4")
REFUSALS: dict[str, tuple[m.Request, Code, str]] = {
    "there": (m.ServiceAdd(key=TCP, spec=RR), Code.EXIST, "the service exists"),
    "no device": (
        m.ServiceAdd(key=parse_match("proto=tcp,af=ipv4,oif=eth0"), spec=RR), Code.NOTEXIST,
        "no such device (there are: dpdk0, dpdk1)"),
    "the other family's ICMP": (
        m.ServiceAdd(key=parse_match("proto=icmpv6,af=ipv4"), spec=RR), Code.NOTSUPP,
        "IPv4 matches of icmpv6 are not carried (there are: tcp, udp, sctp, icmp, any)"),
    "another family's icmp": (
        m.ServiceAdd(key=parse_match("proto=icmp,af=ipv6"), spec=RR), Code.NOTSUPP,
        "IPv6 matches of icmp are not carried (there are: tcp, udp, sctp, icmpv6, any)"),
    "icmp with ports": (
        m.ServiceAdd(key=parse_match("proto=icmp,dst-range=192.0.2.1:7"), spec=RR), Code.INVAL,
        "icmp has no ports: leave them out"),
    "no range": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="", port=0,
                                      match=m.ServiceMatch(src_range="192.0.2")), spec=RR),
        Code.INVAL, "not a match: '192.0.2' is no IPv4 address"),
    "two families": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="", port=0,
                                      match=m.ServiceMatch(af=6, src_range="192.0.2.1")), spec=RR),
        Code.INVAL, "not a match: ranges and af are of two families"),
    "an address too": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="192.0.2.1", port=1, match=TCP.match),
                     spec=RR), Code.INVAL, "a match service has no address"),
    "scheduler": (
        m.ServiceAdd(key=NEW, spec=m.ServiceSpec(scheduler="mh")), Code.NOTEXIST,
        "scheduler mh is not carried yet (there are: rr, wrr, wlc)"),
    "one-packet scheduling": (
        m.ServiceAdd(key=PORTS, spec=m.ServiceSpec(scheduler="rr", ops=True)), Code.NOTSUPP,
        "one-packet scheduling is not for match services: answers need the connection"),
    "persistence": (
        m.ServiceAdd(key=NEW, spec=m.ServiceSpec(scheduler="rr", persistent_s=9)), Code.NOTSUPP,
        "persistence is not carried yet"),
    "dest there": (m.DestAdd(service=TCP, dest=wan()), Code.EXIST, "the dest exists"),
    "dest with a port": (
        m.DestAdd(service=TCP, dest=wan("203.0.113.10", 80)), Code.INVAL,
        "the port of a WAN address is 0: each connection gets one of its ports"),
    "dest of another method": (
        m.DestAdd(service=TCP, dest=m.DestSpec(addr="203.0.113.10", port=0)), Code.INVAL,
        "a match service forwards by snat (-J, lb_kind SNAT), not route"),
    "dest of another family": (
        m.DestAdd(service=TCP, dest=wan(WAN6)), Code.NOTSUPP,
        "snat from IPv4 clients to IPv6 servers is not carried yet (clients-servers: 4-4, 6-6)"),
    "dest that is Linux's": (
        m.DestAdd(service=TCP, dest=wan("203.0.113.28")), Code.INVAL,
        "an address of Linux (dpdk1.kni): SNAT needs one of the core, dpip addr add"),
    "dest of no service": (m.DestAdd(service=NEW, dest=wan()), Code.INVAL, "no such service"),
    "snat of an address": (
        m.DestAdd(service=m.ServiceKey(proto="tcp", addr="192.0.2.1", port=80), dest=wan()),
        Code.INVAL, "snat is for match services (ipvsadm -H, virtual_server match)"),
    "local address": (
        m.LaddrAdd(service=TCP, laddr=m.LaddrSpec(addr="203.0.113.10", dev="dpdk1")), Code.INVAL,
        "a match service has no local addresses: its dests are the WAN addresses"),
    "no local address": (
        m.LaddrDel(service=TCP, laddr=m.LaddrSpec(addr="203.0.113.10", dev="dpdk1")),
        Code.NOTEXIST, "the service has no such local address"),
    "none to delete": (m.ServiceDel(key=NEW), Code.INVAL, "no such service"),
    "none to zero": (m.ServiceZero(key=NEW), Code.INVAL, "no such service"),
    "in a batch": (
        m.Batch(requests=[*service(NEW, wan("203.0.113.10")), m.ServiceDel(key=PORTS)]),  # type: ignore[list-item]
        Code.INVAL,
        "request 3 of the batch (service.del): no such service; nothing was changed"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_changes_nothing(bench: Any, name: str) -> None:
    """Each with a sentence that says what would be right."""
    request, code, message = REFUSALS[name]
    address = m.ServiceKey(proto="tcp", addr="192.0.2.1", port=80)
    bench.do(m.AddrAdd(addr=ADDR), *service(TCP, wan()), *service(address))
    linux = m.RouteSpec(prefix="203.0.113.28/32", dev="dpdk1", scope="kni_host")
    bench.do(m.RouteAdd(route=linux))
    before = bench.snapshot()
    (reply,) = bench.run(request)
    assert (reply.code, reply.message) == (code, message)
    assert bench.snapshot() == before


@pytest.mark.parametrize("call", ["laddr_add", "put_match", "fib", "open", "commit"])
def test_what_the_core_refuses_leaves_no_trace(bench: Any, call: str) -> None:
    bench.do(m.AddrAdd(addr=ADDR), *service(TCP))
    before, ports = bench.snapshot(), dict(bench.state.laddr_ids.used)
    bench.engine.fail = {call}
    assert bench.code(m.DestAdd(service=TCP, dest=wan())) == Code.NOMEM
    bench.engine.fail = set()
    assert bench.snapshot() == before
    assert bench.state.laddr_ids.used == ports
    bench.do(m.DestAdd(service=TCP, dest=wan()))
    assert bench.engine.open_laddr_ips(bench.state) == {parse_ip(WAN)}
