"""Services, dests, local addresses: what each command changes, and DPVS's refusal codes."""

from typing import Any

import pytest

from dpvs_core.control import messages as m
from dpvs_core.control.messages import Code
from dpvs_core.master.inet import Ip

KEY = m.ServiceKey(proto="tcp", addr="10.0.0.100", port=80)
UDP = m.ServiceKey(proto="udp", addr="10.0.0.100", port=6000)
NOBODY = m.ServiceKey(proto="tcp", addr="10.0.0.111", port=80)
MATCH = m.ServiceKey(
    proto="tcp", addr="", port=0, match=m.ServiceMatch(src_range="192.168.0.0-192.168.0.255")
)
RR = m.ServiceSpec(scheduler="rr")
LADDR = m.LaddrSpec(addr="192.168.100.200", dev="dpdk1")


def dest(addr: str = "192.168.100.2", port: int = 80, **fields: Any) -> m.DestSpec:
    return m.DestSpec(addr=addr, port=port, forward="fullnat", **fields)


SETUP = (
    m.ServiceAdd(key=KEY, spec=RR),
    m.DestAdd(service=KEY, dest=dest()),
    m.DestAdd(service=KEY, dest=dest("192.168.100.3", weight=2)),
    m.LaddrAdd(service=KEY, laddr=LADDR),
)


def the_service(bench: Any) -> Any:
    ((service, dests, laddr_ids),) = bench.engine.services.values()
    return service, dests, laddr_ids


def test_the_core_gets_the_service_with_its_dests_and_local_address(bench: Any) -> None:
    bench.do(*SETUP)
    service, dests, laddr_ids = the_service(bench)
    (key,) = bench.engine.services
    assert (key.proto, str(key.ip), key.port) == (6, "10.0.0.100", 80)
    assert service.sched == 0
    assert [(str(Ip(row.af, row.raw)), row.port, row.weight, row.id) for row in dests] == [
        ("192.168.100.2", 80, 1, 0),
        ("192.168.100.3", 80, 2, 1),
    ]
    assert [str(bench.engine.laddrs[id_]) for id_ in laddr_ids] == ["192.168.100.200"]
    ((ip, kind, dev, laddr_id, _flags),) = bench.engine.addrs
    assert (str(ip), kind, dev, laddr_id) == ("192.168.100.200", 0, 1, laddr_ids[0])


REFUSALS: dict[str, tuple[m.Request, Code]] = {
    "service there": (m.ServiceAdd(key=KEY, spec=RR), Code.EXIST),
    "no service to delete": (m.ServiceDel(key=NOBODY), Code.INVAL),
    "no service to edit": (m.ServiceEdit(key=NOBODY, spec=RR), Code.INVAL),
    "scheduler of nobody": (
        m.ServiceAdd(key=NOBODY, spec=m.ServiceSpec(scheduler="nosuch")), Code.NOTEXIST),
    "scheduler not yet": (
        m.ServiceAdd(key=NOBODY, spec=m.ServiceSpec(scheduler="mh")), Code.NOTEXIST),
    "port 0": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="1.2.3.4", port=0)), Code.INVAL),
    "persistence": (
        m.ServiceAdd(key=NOBODY, spec=m.ServiceSpec(persistent_s=100)), Code.NOTSUPP),
    "synproxy": (m.ServiceAdd(key=NOBODY, spec=m.ServiceSpec(synproxy=True)), Code.NOTSUPP),
    "passive check": (
        m.ServiceAdd(key=NOBODY, spec=m.ServiceSpec(dest_check=("default",))), Code.NOTSUPP),
    "icmp": (
        m.ServiceAdd(key=m.ServiceKey(proto="icmp", addr="1.2.3.4", port=80)), Code.NOTSUPP),
    "one-packet scheduling of SCTP": (
        m.ServiceAdd(key=m.ServiceKey(proto="sctp", addr="1.2.3.4", port=80),
                     spec=m.ServiceSpec(scheduler="rr", ops=True)), Code.INVAL),
    "dest of no match service": (m.DestAdd(service=MATCH, dest=dest()), Code.INVAL),
    "list of no match service": (m.ServiceList(key=MATCH), Code.NOTEXIST),
    "multicast": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="ff02::1", port=80)), Code.INVAL),
    "another family's dest": (m.DestAdd(service=KEY, dest=dest("2001:db8::2")), Code.NOTSUPP),
    "another family's laddr": (
        m.LaddrAdd(service=KEY, laddr=m.LaddrSpec(addr="2001:db8::9", dev="dpdk1")),
        Code.NOTSUPP),
    "no address": (
        m.ServiceAdd(key=m.ServiceKey(proto="tcp", addr="10.0.0.300", port=80)), Code.INVAL),
    "dest there": (m.DestAdd(service=KEY, dest=dest()), Code.EXIST),
    "dest of no service": (m.DestAdd(service=NOBODY, dest=dest()), Code.INVAL),
    "no dest to edit": (m.DestEdit(service=KEY, dest=dest("192.168.100.99")), Code.NOTEXIST),
    "no dest to delete": (
        m.DestDel(service=KEY, addr="192.168.100.99", port=80), Code.NOTEXIST),
    "direct routing": (
        m.DestAdd(service=KEY, dest=m.DestSpec(addr="192.168.100.9", port=80)), Code.NOTSUPP),
    "weight": (m.DestAdd(service=KEY, dest=dest("1.2.3.4", weight=65536)), Code.INVAL),
    "lower threshold above the upper": (
        m.DestAdd(service=KEY, dest=dest("1.2.3.4", lower_threshold=1)), Code.INVAL),
    "laddr there": (m.LaddrAdd(service=KEY, laddr=LADDR), Code.EXIST),
    "laddr on no device": (
        m.LaddrAdd(service=KEY, laddr=m.LaddrSpec(addr="1.2.3.4", dev="nodev")), Code.NOTEXIST),
    "laddr of no service": (m.LaddrAdd(service=NOBODY, laddr=LADDR), Code.NOSERV),
    "no laddr to delete": (
        m.LaddrDel(service=KEY, laddr=m.LaddrSpec(addr="1.2.3.4", dev="dpdk1")), Code.NOTEXIST),
    "zero of no service": (m.ServiceZero(key=NOBODY), Code.INVAL),
    "list of no service": (m.ServiceList(key=NOBODY), Code.NOTEXIST),
    "list of no worker": (m.ServiceList(cpu=9), Code.INVAL),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_changes_nothing(bench: Any, name: str) -> None:
    request, code = REFUSALS[name]
    bench.do(*SETUP)
    before = bench.snapshot()
    assert bench.code(request) == code
    assert bench.snapshot() == before


def test_behaviour_23_port_0_is_refused_until_there_is_persistence(bench: Any) -> None:
    """F-020, F-040, I-033: a service of every port is a persistent one, and those are not carried:
    each is refused with its own reason, never taken for something else."""
    every_port = m.ServiceKey(proto="tcp", addr="1.2.3.4", port=0)
    assert bench.code(m.ServiceAdd(key=every_port, spec=RR)) == Code.INVAL
    persistent = m.ServiceSpec(scheduler="rr", persistent_s=100)
    assert bench.code(m.ServiceAdd(key=NOBODY, spec=persistent)) == Code.NOTSUPP


def test_a_local_address_goes_with_its_last_service(bench: Any) -> None:
    bench.do(*SETUP, m.ServiceAdd(key=UDP, spec=RR), m.LaddrAdd(service=UDP, laddr=LADDR))
    bench.do(m.ServiceDel(key=KEY))
    assert len(bench.engine.addrs) == 1
    bench.do(m.LaddrDel(service=UDP, laddr=LADDR))
    assert bench.engine.addrs == ()
    assert list(map(str, bench.state.laddr_ids.trash)) == ["192.168.100.200"]


def test_an_address_that_was_there_gets_ports_and_stays(bench: Any) -> None:
    addr = m.AddrSpec(prefix="192.168.100.200/24", dev="dpdk1")
    bench.do(m.AddrAdd(addr=addr), *SETUP)
    assert bench.engine.addrs[0].laddr_id == 0
    bench.do(m.LaddrDel(service=KEY, laddr=LADDR))
    assert [(str(row.ip), row.laddr_id) for row in bench.engine.addrs] == [
        ("192.168.100.200", None)
    ]


def test_a_deleted_dest_revives_while_connections_count(bench: Any) -> None:
    bench.do(*SETUP, m.DestDel(service=KEY, addr="192.168.100.2", port=80))
    bench.do(m.DestAdd(service=KEY, dest=dest("192.168.100.4")))
    bench.do(m.DestAdd(service=KEY, dest=dest()))
    ids = {str(Ip(row.af, row.raw)): row.id for row in the_service(bench)[1]}
    assert ids == {"192.168.100.2": 0, "192.168.100.3": 1, "192.168.100.4": 2}


def test_a_dest_deleted_and_added_in_one_batch_keeps_its_id(bench: Any) -> None:
    again: list[m.Change] = [m.DestDel(service=KEY, addr="192.168.100.2", port=80),
             m.DestAdd(service=KEY, dest=dest(weight=9))]  # fmt: skip
    bench.do(*SETUP, m.Batch(requests=again))
    assert {row.id: row.weight for row in the_service(bench)[1]} == {0: 9, 1: 2}
    assert not bench.state.dest_ids.trash


def test_flush_removes_all_and_their_local_addresses(bench: Any) -> None:
    bench.do(*SETUP, m.ServiceAdd(key=UDP), m.ServiceFlush(), owner="check")
    assert (bench.engine.services, bench.engine.addrs) == ({}, ())
    assert sorted(bench.state.dest_ids.trash.values()) == [0, 1]
    (reply,) = bench.run(m.ServiceFlush())
    assert reply.changed is False


def test_rows_show_what_was_given_and_who_gave_it(bench: Any) -> None:
    bench.do(*SETUP, owner="check")
    bench.do(m.DestEdit(service=KEY, dest=dest(weight=0)))
    (rows,) = bench.run(m.ServiceList())
    (row,) = rows.rows
    assert (row.key, row.spec, row.owner) == (KEY, RR, "check")
    assert [(d.spec.addr, d.spec.weight, d.owner) for d in row.dests] == [
        ("192.168.100.2", 0, "cli"),  # who edits it owns it: a drain is not undone
        ("192.168.100.3", 2, "check"),
    ]
    assert [(x.spec, x.owner) for x in row.laddrs] == [(LADDR, "check")]


def test_services_are_paged(bench: Any) -> None:
    keys = [m.ServiceKey(proto="tcp", addr="10.0.0.1", port=n) for n in range(1, 1301)]
    bench.do(m.Batch(requests=[m.ServiceAdd(key=key) for key in keys]))
    seen, cursor = [], 0
    while True:
        (page,) = bench.run(m.ServiceList(cursor=cursor))
        seen += [row.key for row in page.rows]
        cursor = page.cursor
        if cursor == 0:
            break
        assert len(page.rows) == 512
    assert seen == keys


def test_no_dest_id_left(bench: Any) -> None:
    many: list[m.Change] = [m.DestAdd(service=KEY, dest=dest(f"10.1.0.{n}")) for n in range(1, 66)]
    bench.do(m.ServiceAdd(key=KEY))
    before = bench.snapshot()
    assert bench.code(m.Batch(requests=many)) == Code.NOROOM
    assert bench.snapshot() == before
