"""What only asks or acts: every request of the protocol has a handler and the promised reply."""

import asyncio
from typing import Any, get_args

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.capture import Records
from dpvs_core.master.changes import LONG, RULES
from dpvs_core.master.handlers import TABLE

ADDR = m.AddrAdd(addr=m.AddrSpec(prefix="10.0.0.1/24", dev="dpdk0"))


def test_every_request_has_a_handler() -> None:
    assert {*TABLE, m.Hello, m.LeaseSet} == set(get_args(m.Request))
    assert set(get_args(m.Change)) <= set(RULES) | set(LONG)


ASKS: dict[str, m.Request] = {
    "services": m.ServiceList(),
    "connections": m.ConnList(),
    "addresses": m.AddrList(),
    "routes": m.RouteList(dev="dpdk0"),
    "neighbours": m.NeighList(),
    "links": m.LinkList(),
    "cpus": m.CpuList(),
    "flows": m.FlowList(),
    "drops": m.DropList(),
    "ip6": m.Ip6List(),
    "info": m.InfoGet(),
    "zero": m.ServiceZero(),
}


@pytest.mark.parametrize("name", ASKS)
def test_the_reply_is_of_the_promised_type(bench: Any, name: str) -> None:
    request = ASKS[name]
    (reply,) = bench.run(request)
    assert type(reply) is m.REPLY_OF[type(request)]


def test_connections_come_as_bytes_past_empty_pieces(bench: Any) -> None:
    (reply,) = bench.run(m.ConnList())
    assert (len(reply.rows), reply.cursor) == (84, 0)


def test_find_a_connection(bench: Any) -> None:
    def find(sport: int) -> m.ConnFind:
        return m.ConnFind(proto="tcp", src="1.2.3.4", sport=sport, dst="10.0.0.1", dport=80)

    (reply,) = bench.run(find(1))
    assert len(reply.rows) == 84
    assert bench.code(find(2)) == Code.NOTEXIST
    assert bench.code(find(70000)) == Code.INVAL


def test_verdicts_are_summed_with_the_host_threads(bench: Any) -> None:
    (reply,) = bench.run(m.DropList())
    assert [(r.name, r.total, r.workers, r.dropped) for r in reply.rows] == [
        ("forwarded", 25, (10, 10), False),
        ("ttl", 2, (1, 1), True),
    ]


def test_counters_of_ipv6_are_the_host_threads_and_the_workers(bench: Any) -> None:
    """The host thread's are the master's (D-080)."""
    (reply,) = bench.run(m.Ip6List())
    assert reply.cpus == (0, *(worker.lcore for worker in bench.handlers.workers))
    assert [(row.name, row.total, row.by_cpu) for row in reply.rows] == [
        ("inpkts", 206, (5, 100, 101)),
        ("cepkts", 14, (0, 7, 7)),
    ]


def test_neighbours_by_hand(bench: Any) -> None:
    add = m.NeighAdd(addr="10.0.0.200", lladdr="02:aa:bb:cc:dd:ee", dev="dpdk1")
    bench.do(add)
    (reply,) = bench.run(m.NeighList(dev="dpdk1"))
    assert reply.rows == (
        m.NeighRow(addr="10.0.0.200", lladdr="02:aa:bb:cc:dd:ee", state="REACHABLE",
                   dev="dpdk1", static=True),
    )  # fmt: skip
    (reply,) = bench.run(m.NeighList(dev="dpdk0"))
    assert reply.rows == ()
    delete = m.NeighDel(addr="10.0.0.200", dev="dpdk1")
    assert bench.run(delete, delete) == [m.Ok(), m.Ok(changed=False)]
    for lladdr in ("zz:aa", "02:aa:bb:cc:dd", "01:00:5e:00:00:01", "00:00:00:00:00:00"):
        bad = m.NeighAdd(addr="10.0.0.200", lladdr=lladdr, dev="dpdk1")
        assert bench.code(bad) == Code.INVAL
    assert bench.code(m.NeighAdd(addr="1.2.3.4", lladdr=add.lladdr, dev="no")) == Code.INVAL


LINK_SETS = {
    ("promisc", "on"): None,
    ("promisc", "maybe"): Code.INVAL,
    ("link", "down"): None,
    ("mtu", "1400"): None,
    ("mtu", "17"): Code.INVAL,
    ("mtu", "²"): Code.INVAL,
    ("addr", "02:00:00:00:00:07"): None,
    ("addr", "x"): Code.INVAL,
    ("lldp", "on"): Code.NOTSUPP,
    ("nonsense", "on"): Code.INVAL,
}


@pytest.mark.parametrize("item", LINK_SETS)
def test_link_set(bench: Any, item: tuple[str, str]) -> None:
    request = m.LinkSet(dev="dpdk1", item=item[0], value=item[1])
    assert bench.code(request) == LINK_SETS[item]


def test_a_link_row_is_what_dpip_prints(bench: Any) -> None:
    (reply,) = bench.run(m.LinkList(dev="dpdk1"))
    (row,) = reply.rows
    assert (row.index, row.name, row.kernel_port) == (2, "dpdk1", "dpdk1.kni")
    assert (row.flags, row.offloads) == (("promisc",), ("OF_TX_FAST_FREE",))
    assert row.mac == "02:00:00:00:00:01"


def test_announcements_wait_for_room(bench: Any) -> None:
    bench.do(ADDR)
    bench.engine.garp_refusals = 2
    bench.do(m.GarpSend(dev="dpdk0", addrs=("10.0.0.1",)))
    assert list(map(str, bench.engine.announced)) == ["10.0.0.1"]
    assert bench.code(m.GarpSend(dev="dpdk0", addrs=("10.0.0.2",))) == Code.NOTEXIST


def test_a_capture_streams_and_stops(bench: Any) -> None:
    bench.engine.captures = [(b"", 0), (b"packet", 0), (b"", 3)]

    async def scenario() -> list[Any]:
        stream = await bench.ask(m.CaptureStart(dev="dpdk0"))
        assert isinstance(stream, Records)
        assert (await bench.ask(m.CaptureStart(dev="dpdk0"))).code == Code.BUSY
        got = [await anext(stream) for _ in range(3)]
        await stream.aclose()
        return got

    assert [(r.records, r.lost) for r in asyncio.run(scenario())] == [
        (b"", 0), (b"packet", 0), (b"", 3),
    ]  # fmt: skip
    assert not bench.engine.capturing
    assert bench.code(m.CaptureStart(dev="dpdk0", program=b"1234567")) == Code.INVAL
    assert bench.code(m.CaptureStart(dev="nodev")) == Code.NOTEXIST


def test_ready_is_said_once_and_listed(bench: Any) -> None:
    (info,) = bench.run(m.InfoGet())
    assert info.ready == ()
    assert bench.run(m.Ready(), m.Ready(), owner="check") == [m.Ok(), m.Ok(changed=False)]
    bench.do(m.Ready(), owner="agent")
    (info,) = bench.run(m.InfoGet())
    assert info.ready == ("agent", "check")


def test_a_fault_of_ours_is_an_answer(bench: Any, caplog: Any) -> None:
    def broken(*_args: Any) -> None:
        raise KeyError("oops")

    bench.engine.neighs = broken
    assert bench.code(m.NeighList()) == Code.SYSCALL
    assert "neigh.list from test" in caplog.text
