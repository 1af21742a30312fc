"""Local ports: taken in turn, the one longest unused first; used up; given back (M-007)."""

from tests.oracle.wire import RST, SYN, Tcp
from tests.steps.core import Dest, StepCore, ffi, lib
from tests.steps.scene import LIP, RS, VIP, Flow, balancer, director, from_client, tcp_of

OTHER_LIP = "192.168.100.201"
ALL_PORTS = 65535 - 1025 + 1


def one_server(**rest: int) -> StepCore:
    """Connections are closed by the server's reset and gone after a second."""
    core = director(**rest)
    core.service(VIP, 80, [Dest(RS, 80, id=1)])
    core.set(tcp_timeout_s=[2, 90, 3, 30, 7, 7, 1, 7, 7, 120, 30])
    return core


def same_group_cports(core: StepCore, n: int) -> list[int]:
    """Client ports whose flows take their local ports from one and the same queue."""
    by_group: dict[int, list[int]] = {}
    for cport in range(1024, 65000):
        flow = Flow(core, cport=cport)
        flow.syn()
        flow.server(RST)
        ports = by_group.setdefault(flow.lport % 64, [])
        ports.append(cport)
        if cport % 500 == 0 or len(ports) == n:
            core.pass_time(3, slice_s=0.1)
        if len(ports) == n:
            return ports
    raise AssertionError("no group has that many")


def used(core: StepCore) -> int:
    return core.ports(LIP)[0]


def test_all_ports_of_an_address_are_there() -> None:
    with director() as core:
        n_pools = 16
        assert core.ports(LIP) == (0, ALL_PORTS * n_pools, 0)


def test_behaviour_14_ports_are_used_in_turn_and_the_longest_unused_again() -> None:
    """A port given back is not taken before all others of its queue were; one in use never is."""
    with one_server() as core:
        *cports, held_cport = same_group_cports(core, 13)
        core.set(tcp_timeout_s=[2, 3600, 3, 30, 7, 7, 1, 7, 7, 120, 30])
        held = Flow(core, cport=held_cport).establish()
        seen: list[int] = []
        n_queue = 1008
        for i in range(2 * n_queue):
            flow = Flow(core, cport=cports[i % 12])
            flow.syn()
            flow.server(RST)
            seen.append(flow.lport)
            if i % 12 == 11:
                core.pass_time(2)
                assert used(core) == 1
        assert held.lport not in seen
        n_ports = len(set(seen))
        assert n_ports in (n_queue - 1, n_queue - 2)  # group 0 lacks port 1024
        last: dict[int, int] = {}
        for at, port in enumerate(seen):  # 12 are closed at once, in any order
            assert at - last.get(port, -n_ports) >= n_ports - 24
            last[port] = at
        assert {port % 64 for port in seen} == {seen[0] % 64}
        assert min(seen) >= 1025


def test_behaviour_14_one_port_serves_different_servers() -> None:
    """Towards different servers the same port is in use at once: the table tells them apart."""
    servers = [f"192.168.100.{10 + i}" for i in range(40)]
    with director() as core:
        for addr in servers:
            core.neigh(addr, 1)
        core.service(VIP, 80, [Dest(addr, 80, id=i) for i, addr in enumerate(servers)])
        flows = [Flow(core, cport=1024 + i).establish() for i in range(1200)]
        tuples = {(flow.daddr, flow.lport) for flow in flows}
        assert len(tuples) == 1200
        assert len({flow.lport for flow in flows}) < 1200
        for flow in flows:
            (out,) = flow.server(payload=b"x")
            assert tcp_of(out).dport == flow.cport


def test_no_port_left_is_counted_and_heals() -> None:
    """One real server, one local address: 64,511 connections and no more, until some are over."""
    with one_server(conn_pool=70_000) as core:
        n_made = 0
        for i in range(66_000):
            caddr = f"10.0.{1 + i // 8000}.1"
            core.send(from_client(Tcp(1024 + i % 8000, 80, 1, flags=SYN), caddr))
            if i % 200 == 199:
                core.step(turns=8)
                n_made += len(core.sent[1])
                core.sent.clear()
        in_use, _, missed = core.ports(LIP)
        verdicts = core.verdicts()
        assert n_made == in_use == core.n_conns()
        assert missed == verdicts["no-local-port"] == 66_000 - n_made
        assert in_use > 0.95 * ALL_PORTS
        core.pass_time(45, slice_s=0.02)
        assert core.ports(LIP)[0] == 0
        assert len(Flow(core, cport=9).syn()) == 1


def test_the_next_local_address_is_taken_when_one_is_used_up() -> None:
    """The queue of one group holds 1008 ports; a second address doubles what a group can have."""
    with one_server(conn_pool=70_000) as core:
        cports = same_group_cports(core, 40)
        core.laddr(OTHER_LIP, 1)
        core.service(VIP, 80, [Dest(RS, 80, id=1)])
        sources = set()
        for cport in cports:
            flow = Flow(core, cport=cport)
            flow.syn()
            sources.add(flow.laddr)
        assert sources == {LIP, OTHER_LIP}


def test_behaviour_15_a_local_address_goes_when_nothing_uses_it() -> None:
    with one_server() as core:
        flow = Flow(core).establish()
        laddr_id = core.laddrs[LIP]
        assert lib.core_laddr_del(core.core, laddr_id) < 0
        core.delete_service(VIP, 80)
        core.step()
        assert lib.core_laddr_del(core.core, laddr_id) < 0, "a connection uses it"
        assert len(flow.client()) == 1
        flow.client(RST)
        core.pass_time(3)
        assert lib.core_laddr_del(core.core, laddr_id) == 0
        stats = ffi.new("struct core_laddr_stats *")
        assert lib.core_laddr_stats(core.core, laddr_id, stats) < 0


def test_a_refused_connection_gives_its_port_back() -> None:
    """No room in the connection pool: nothing stays taken."""
    with one_server(conn_pool=3) as core:
        for cport in range(1, 11):
            core.forward(from_client(Tcp(cport, 80, 1, flags=SYN)))
        assert core.ports(LIP)[0] == core.n_conns() == 3
        assert core.verdicts()["no-conn-memory"] == 7


def test_another_start_begins_with_another_port() -> None:
    """A server may remember the connections of the start before: their ports come last."""
    first = []
    for isn_key in (0, 1, 1007):
        with balancer(isn_key=isn_key) as core:
            flow = Flow(core)
            flow.syn()
            first.append(flow.lport)
    assert len(set(first)) == 3
    assert len({port % 64 for port in first}) == 1
    assert all(1025 <= port <= 65535 for port in first)
